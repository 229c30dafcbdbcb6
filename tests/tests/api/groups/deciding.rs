//! Invitations, requests, roles: what the people of a group decide about one another.

use serde_json::{Value, json};
use tripsage_tests::{Api, User};

use super::{GROUPS, group, is_woman, join};

#[tokio::test]
async fn who_is_invited_accepts_or_declines() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let carol = api.user("carol").await;
    let path = group(&alice, json!({ "requires_approval": true })).await;
    let invite = format!("{path}/invite");
    bob.post(&invite, json!({ "username": "carol" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let sent = alice
        .post(&invite, json!({ "traveler_id": bob.id, "role": "moderator" }))
        .await
        .expect(201);
    assert_eq!(
        (&sent.data()["join_status"], &sent.data()["invited"]),
        (&json!("pending"), &json!(true))
    );
    alice
        .post(&invite, json!({ "username": "bob" }))
        .await
        .refused(409, "ALREADY_EXISTS");
    alice.post(&invite, json!({})).await.refused_field("traveler_id");
    alice
        .post(&invite, json!({ "username": "nobody-here" }))
        .await
        .refused_field("username");
    alice
        .post(&invite, json!({ "username": "carol", "role": "organizer" }))
        .await
        .refused_field("role");

    let waiting = bob.get(&format!("{GROUPS}/memberships")).await.expect(200);
    let waiting = &waiting.data()["memberships"][0];
    assert_eq!(
        (&waiting["join_status"], &waiting["invited"]),
        (&json!("pending"), &json!(true))
    );
    let seen = bob.get(&path).await.expect(200);
    assert_eq!(
        (&seen.data()["is_member"], &seen.data()["user_status"]),
        (&json!(false), &json!("pending"))
    );
    assert_eq!(seen.data()["members"], json!([]), "an invitation is no membership yet");
    let accepted = bob
        .post(&format!("{path}/invitation/accept"), json!({}))
        .await
        .expect(200);
    assert_eq!(
        (&accepted.data()["join_status"], &accepted.data()["role"]),
        (&json!("accepted"), &json!("moderator"))
    );
    bob.post(&format!("{path}/invitation/accept"), json!({}))
        .await
        .refused(404, "NOT_FOUND");

    bob.post(&invite, json!({ "username": "carol", "role": "moderator" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    bob.post(&invite, json!({ "username": "carol" })).await.expect(201);
    carol
        .post(&format!("{path}/invitation/decline"), json!({}))
        .await
        .expect(200);
    carol
        .post(&format!("{path}/invitation/decline"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    let counts = alice.get(&path).await.expect(200);
    assert_eq!(
        (&counts.data()["pending_count"], &counts.data()["current_members_count"]),
        (&json!(0), &json!(2))
    );
}

#[tokio::test]
async fn a_request_waits_for_its_answer() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = group(&alice, json!({ "requires_approval": true, "max_members": 2 })).await;
    let (bob, carol) = (api.user("bob").await, api.user("carol").await);
    for user in [&bob, &carol] {
        let asked = user.post(&format!("{path}/join"), json!({})).await.expect(201);
        assert_eq!(asked.data()["join_status"], "pending");
        user.post(&format!("{path}/join"), json!({}))
            .await
            .refused(409, "ALREADY_EXISTS");
    }
    bob.get(&format!("{path}/members?status=pending"))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let waiting = alice.get(&format!("{path}/members?status=pending")).await.expect(200);
    assert_eq!(waiting.data()["members"].as_array().unwrap().len(), 2);
    let decide = |user: &User, what: &str| format!("{path}/members/{}/{what}", user.id);
    carol
        .post(&decide(&bob, "approve"), json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    alice.post(&decide(&bob, "approve"), json!({})).await.expect(200);
    alice
        .post(&decide(&bob, "approve"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    alice
        .post(&decide(&carol, "approve"), json!({}))
        .await
        .refused(400, "GROUP_FULL");
    alice.post(&decide(&carol, "reject"), json!({})).await.expect(200);
    assert_eq!(carol.get(&path).await.expect(200).data()["user_status"], Value::Null);
    carol
        .post(&format!("{path}/join"), json!({}))
        .await
        .refused(400, "GROUP_FULL");
}

#[tokio::test]
async fn nobody_approves_who_is_not_what_the_group_requires() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    is_woman(&alice).await;
    let path = group(&alice, json!({ "requires_approval": true })).await;
    bob.post(&format!("{path}/join"), json!({})).await.expect(201);
    alice.patch(&path, json!({ "is_women_only": true })).await.expect(200);
    let approve = format!("{path}/members/{}/approve", bob.id);
    alice.post(&approve, json!({})).await.refused(400, "REQUIREMENT_UNMET");
}

#[tokio::test]
async fn every_role_can_do_what_it_may_and_no_more() {
    let api = Api::start().await;
    let organizer = api.user("organizer").await;
    let path = group(&organizer, json!({})).await;
    let mut people: Vec<(&str, User)> = Vec::new();
    for role in ["moderator", "member", "guest"] {
        let user = api.user(role).await;
        let body = json!({ "username": role, "role": role });
        organizer.post(&format!("{path}/invite"), body).await.expect(201);
        user.post(&format!("{path}/invitation/accept"), json!({}))
            .await
            .expect(200);
        people.push((role, user));
    }
    people.push(("stranger", api.user("stranger").await));
    people.push(("admin", api.user_with_role("admin", "admin").await));
    let victim = api.user("victim").await;
    let of_victim = format!("{path}/members/{}", victim.id);
    for (role, user) in &people {
        let expected = |may: bool, status: u16| if may { status } else { 403 };
        let moderates = *role == "moderator";
        let tries = [
            (reqwest::Method::PATCH, path.clone(), json!({ "name": "x" }), false, 200),
            (reqwest::Method::DELETE, path.clone(), json!({}), false, 200),
            (
                reqwest::Method::PUT,
                format!("{path}/organizer"),
                json!({ "username": role }),
                false,
                200,
            ),
            (
                reqwest::Method::PUT,
                of_victim.clone(),
                json!({ "role": "guest" }),
                false,
                200,
            ),
            (
                reqwest::Method::POST,
                format!("{path}/invite"),
                json!({ "username": "victim" }),
                moderates,
                201,
            ),
            (
                reqwest::Method::GET,
                format!("{path}/members?status=pending"),
                json!({}),
                moderates,
                200,
            ),
            (reqwest::Method::DELETE, of_victim.clone(), json!({}), moderates, 200),
            (
                reqwest::Method::POST,
                format!("{of_victim}/block"),
                json!({}),
                moderates,
                200,
            ),
            (
                reqwest::Method::GET,
                format!("{path}/members?status=blocked"),
                json!({}),
                moderates,
                200,
            ),
            (reqwest::Method::DELETE, of_victim.clone(), json!({}), moderates, 200),
        ];
        for (method, target, body, may, status) in tries {
            let answer = tripsage_tests::Answer::of(user.request(method.clone(), &target).json(&body)).await;
            assert_eq!(
                answer.status,
                expected(may, status),
                "{method} {target} as {role}: {}",
                answer.text
            );
        }
    }
    let moderator = &people[0].1;
    let of_organizer = format!("{path}/members/{}", organizer.id);
    moderator
        .delete(&of_organizer)
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    organizer
        .delete(&of_organizer)
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let of_member = format!("{path}/members/{}", people[1].1.id);
    organizer
        .put(&of_member, json!({ "role": "moderator" }))
        .await
        .expect(200);
    moderator
        .delete(&of_member)
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    organizer
        .put(&of_member, json!({ "role": "organizer" }))
        .await
        .refused_field("role");
    organizer.delete(&of_member).await.expect(200);
}

#[tokio::test]
async fn who_is_kept_out_stays_out_until_they_are_let_in_again() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = group(&alice, json!({})).await;
    join(&bob, &path).await;
    let of_bob = format!("{path}/members/{}", bob.id);
    alice.post(&format!("{of_bob}/block"), json!({})).await.expect(200);
    assert_eq!(bob.get(&path).await.expect(200).data()["current_members_count"], 1);
    bob.post(&format!("{path}/join"), json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    bob.post(&format!("{path}/leave"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    let own = bob.get(&format!("{GROUPS}/memberships")).await.expect(200);
    assert_eq!(own.data()["memberships"], json!([]));
    alice.delete(&of_bob).await.expect(200);
    join(&bob, &path).await;
}

#[tokio::test]
async fn members_are_listed_page_by_page() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = group(&alice, json!({ "max_members": 30 })).await;
    for n in 0..12 {
        join(&api.user(&format!("member-{n}")).await, &path).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = alice
            .get(&format!("{path}/members?per_page=5{cursor}"))
            .await
            .expect(200);
        assert_eq!(page.body["pagination"], page.data()["pagination"]);
        let members = page.data()["members"].as_array().unwrap();
        seen.extend(members.iter().map(|member| member["traveler_id"].to_string()));
        match page.body["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (13, 13));
    assert_eq!(seen[0], json!(alice.id).to_string(), "the organizer comes first");
}
