use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_tests::{Api, Effect, Fault, User};

/// Shares a trip with one person, at once.
async fn share(owner: &User, trip: &str, with: &User, level: &str) {
    let body = json!({ "user_emails": [with.email], "permission_level": level });
    owner
        .post(&format!("/api/v1/trips/{trip}/share"), body)
        .await
        .expect(200);
}

/// The token of the last invitation that was mailed to this address.
fn invitation(api: &Api, address: &str) -> String {
    let mails = api.cloud().mails();
    let mail = mails
        .iter()
        .rev()
        .find(|mail| mail.to == [address])
        .expect("a mail to them");
    let text = mail.text.clone().unwrap();
    let (_, rest) = text.split_once("/invitations/").expect("a link");
    rest.split_once("/accept").unwrap().0.to_owned()
}

async fn accept(user: &User, token: &str) -> tripsage_tests::Answer {
    user.post(&format!("/api/v1/trips/invitations/{token}/accept"), json!({}))
        .await
}

#[tokio::test]
async fn users_take_part_at_once_and_strangers_are_invited() {
    let api = Api::start().await;
    let (alice, ben, cleo, dana) = (
        api.user("alice").await,
        api.user("ben").await,
        api.user("cleo").await,
        api.user("dana").await,
    );
    let trip = alice.trip("Japan").await;
    let path = format!("/api/v1/trips/{trip}");
    let shared = alice
        .post(
            &format!("{path}/share"),
            json!({
                "user_emails": ["BEN@example.com", "ben@example.com", "eve@example.org"],
                "usernames": ["Cleo"],
                "user_ids": [dana.id, alice.id],
                "permission_level": "edit",
                "message": "Come along!",
            }),
        )
        .await
        .expect(200);
    let outcomes: Vec<_> = shared.data()["collaborators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["username"].as_str().unwrap(),
                one["outcome"].as_str().unwrap(),
                one["permission_level"].as_str().unwrap(),
                one["mailed"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("ben", "added", "edit", true),
            ("cleo", "added", "edit", true),
            ("dana", "added", "edit", true),
            ("alice", "unchanged", "owner", false),
        ]
    );
    let invited = &shared.data()["invitations"][0];
    assert_eq!(
        (&invited["email"], &invited["mailed"], &invited["permission_level"]),
        (&json!("eve@example.org"), &json!(true), &json!("edit"))
    );
    assert!(!shared.text.contains(&invitation(&api, "eve@example.org")));
    assert!(
        api.cloud()
            .mails()
            .iter()
            .all(|mail| mail.text.as_ref().unwrap().contains("Come along!"))
    );
    ben.put(&path, json!({ "title": "Japan and Korea" })).await.expect(200);
    assert_eq!(cleo.get("/api/v1/trips?role=shared").await.data()[0]["id"], trip);

    // Somebody who takes part already gets the new level, or is reported as they are.
    let again = alice
        .post(
            &format!("{path}/share"),
            json!({ "usernames": ["ben", "cleo"], "permission_level": "view" }),
        )
        .await
        .expect(200);
    assert_eq!(again.data()["collaborators"][0]["outcome"], "updated");
    ben.put(&path, json!({ "title": "Mine" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
}

#[tokio::test]
async fn nobody_is_skipped_and_every_mistake_is_named() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let trip = alice.trip("Japan").await;
    let path = format!("/api/v1/trips/{trip}/share");
    alice.post(&path, json!({})).await.refused_field("user_emails");
    let answer = alice
        .post(
            &path,
            json!({
                "user_emails": ["ben@example.com", "not an address"],
                "usernames": ["x"],
                "user_ids": ["nobody"],
                "permission_level": "owner",
                "message": "x".repeat(501),
            }),
        )
        .await;
    for field in [
        "user_emails[1]",
        "usernames[0]",
        "user_ids[0]",
        "permission_level",
        "message",
    ] {
        answer.clone().refused_field(field);
    }
    let unknown = json!({ "usernames": ["ben", "nobody"], "user_ids": ["3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10"] });
    let answer = alice.post(&path, unknown).await.refused_field("usernames[1]");
    answer.refused_field("user_ids[0]");
    let many: Vec<String> = (0..51).map(|n| format!("p{n}@example.com")).collect();
    alice
        .post(&path, json!({ "user_emails": many }))
        .await
        .refused_field("user_emails");
    ben.get(&format!("/api/v1/trips/{trip}"))
        .await
        .refused(404, "NOT_FOUND");
    assert_eq!(api.cloud().mails().len(), 0);
}

#[tokio::test]
async fn the_twenty_first_member_does_not_fit() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    let path = format!("/api/v1/trips/{trip}/share");
    let people: Vec<String> = (0..19).map(|n| format!("guest{n}@example.com")).collect();
    alice.post(&path, json!({ "user_emails": people })).await.expect(200);
    alice
        .post(&path, json!({ "user_emails": ["one.more@example.com"] }))
        .await
        .refused(409, "CONFLICT");
    // Inviting somebody again renews the invitation and takes no place.
    let first = invitation(&api, "guest0@example.com");
    alice
        .post(&path, json!({ "user_emails": ["guest0@example.com"] }))
        .await
        .expect(200);
    let guest = api.user("guest0").await;
    accept(&guest, &first).await.refused(404, "NOT_FOUND");
    accept(&guest, &invitation(&api, "guest0@example.com"))
        .await
        .expect(200);
    alice
        .post(&path, json!({ "user_emails": ["one.more@example.com"] }))
        .await
        .refused(409, "CONFLICT");
    // An invitation that has run out makes room.
    api.advance(SignedDuration::from_hours(8 * 24));
    alice
        .post(&path, json!({ "user_emails": ["one.more@example.com"] }))
        .await
        .expect(200);
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_undoes_nothing() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let trip = alice.trip("Japan").await;
    api.cloud().aws().fault(Fault::new(Effect::Reset));
    let shared = alice
        .post(
            &format!("/api/v1/trips/{trip}/share"),
            json!({ "user_emails": ["ben@example.com", "eve@example.org"] }),
        )
        .await
        .expect(200);
    assert_eq!(shared.data()["collaborators"][0]["mailed"], false);
    assert_eq!(shared.data()["invitations"][0]["mailed"], false);
    ben.get(&format!("/api/v1/trips/{trip}")).await.expect(200);
}

#[tokio::test]
async fn roles_bound_what_their_holders_do_to_others() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (ada, ed, vi, out) = (
        api.user("ada").await,
        api.user("edd").await,
        api.user("via").await,
        api.user("out").await,
    );
    let trip = alice.trip("Japan").await;
    for (user, level) in [(&ada, "admin"), (&ed, "edit"), (&vi, "view")] {
        share(&alice, &trip, user, level).await;
    }
    let path = format!("/api/v1/trips/{trip}");
    let person = |user: &User| format!("{path}/collaborators/{}", user.id);
    let level = |name: &str| json!({ "permission_level": name });
    for user in [&ed, &vi] {
        user.post(&format!("{path}/share"), json!({ "usernames": ["out"] }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.put(&person(user), level("admin"))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.put(&person(&vi), level("view")).await;
        user.delete(&person(&ada))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    for request in ["view", "edit", "admin"] {
        ada.put(&person(&alice), level(request))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    ada.delete(&person(&alice))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    ada.put(&person(&ed), level("owner"))
        .await
        .refused_field("permission_level");
    ada.put(&person(&ed), json!({})).await.refused_field("permission_level");
    alice
        .put(&person(&alice), level("admin"))
        .await
        .refused(409, "CONFLICT");
    alice.delete(&person(&alice)).await.refused(409, "CONFLICT");
    alice.put(&person(&out), level("view")).await.refused(404, "NOT_FOUND");
    out.put(&person(&ed), level("view")).await.refused(404, "NOT_FOUND");
    out.get(&format!("{path}/collaborators"))
        .await
        .refused(404, "NOT_FOUND");
    out.delete(&person(&out)).await.refused(404, "NOT_FOUND");

    let raised = ada.put(&person(&vi), level("edit")).await.expect(200);
    assert_eq!(raised.data()["permission_level"], "edit");
    vi.patch(&path, json!({ "title": "Kyoto" })).await.expect(200);
    vi.put(&person(&vi), level("view")).await.expect(200);
    vi.patch(&path, json!({ "title": "Nara" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");

    let seen = vi.get(&format!("{path}/collaborators")).await.expect(200);
    assert_eq!(
        (seen.data()["owner_id"].as_str(), &seen.data()["total"]),
        (Some(alice.id.as_str()), &json!(3))
    );
    assert!(
        !seen.text.contains("@"),
        "addresses are for who may share: {}",
        seen.text
    );
    let seen = ada.get(&format!("{path}/collaborators")).await.expect(200);
    assert!(seen.text.contains("via@example.com"));
    assert_eq!(seen.data()["invitations"], json!([]));
}

#[tokio::test]
async fn who_is_removed_or_leaves_sees_nothing_from_the_next_request_on() {
    let api = Api::start().await;
    let (alice, ben, cleo) = (api.user("alice").await, api.user("ben").await, api.user("cleo").await);
    let trip = alice.trip("Japan").await;
    share(&alice, &trip, &ben, "edit").await;
    share(&alice, &trip, &cleo, "view").await;
    let path = format!("/api/v1/trips/{trip}");
    ben.get(&path).await.expect(200);
    alice
        .delete(&format!("{path}/collaborators/{}", ben.id))
        .await
        .expect(200);
    ben.get(&path).await.refused(404, "NOT_FOUND");
    ben.put(&path, json!({ "title": "Mine" }))
        .await
        .refused(404, "NOT_FOUND");
    assert_eq!(ben.get("/api/v1/trips").await.data(), &json!([]));
    alice
        .delete(&format!("{path}/collaborators/{}", ben.id))
        .await
        .refused(404, "NOT_FOUND");
    cleo.delete(&format!("{path}/collaborators/{}", cleo.id))
        .await
        .expect(200);
    cleo.get(&path).await.refused(404, "NOT_FOUND");
    assert_eq!(alice.get(&path).await.data()["collaborator_count"], 0);
}

#[tokio::test]
async fn an_edit_that_loses_against_a_revocation_changes_nothing() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let trip = alice.trip("Japan").await;
    let path = format!("/api/v1/trips/{trip}");
    for round in 0..24 {
        share(&alice, &trip, &ben, "edit").await;
        let title = format!("Round {round}");
        let person = format!("{path}/collaborators/{}", ben.id);
        let (edited, removed) = tokio::join!(ben.put(&path, json!({ "title": title })), alice.delete(&person));
        removed.expect(200);
        let now = alice.get(&path).await.expect(200).text_of("title");
        match edited.status {
            200 => assert_eq!(now, title, "an edit that was acknowledged is there"),
            404 => assert_ne!(now, title, "an edit that was refused is not"),
            status => panic!("{status}: {}", edited.text),
        }
        ben.put(&path, json!({ "title": "Too late" }))
            .await
            .refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn an_invitation_is_for_one_person_once_and_not_for_ever() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let trip = alice.trip("Japan").await;
    let path = format!("/api/v1/trips/{trip}");
    let invite = async |address: &str| {
        let body = json!({ "user_emails": [address], "permission_level": "edit" });
        let answer = alice.post(&format!("{path}/share"), body).await.expect(200);
        let id = answer.data()["invitations"][0]["id"].as_str().unwrap().to_owned();
        (id, invitation(&api, address))
    };
    let (_, token) = invite("eve@example.com").await;
    accept(&ben, &token).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    api.post(&format!("/api/v1/trips/invitations/{token}/accept"), json!({}))
        .await
        .refused(401, "MISSING_AUTHORIZATION");
    for wrong in [
        "x",
        &token[1..],
        &format!("A{}", &token[1..]),
        &format!("{}A", &token[..token.len() - 1]),
    ] {
        if wrong != token {
            accept(&ben, wrong).await.refused(404, "NOT_FOUND");
        }
    }
    let eve = api.user("eve").await;
    let attempts = join_all((0..20).map(|_| accept(&eve, &token))).await;
    let mut statuses: Vec<u16> = attempts.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| *status == 404), "{statuses:?}");
    assert_eq!(eve.get(&path).await.data()["permission_level"], "edit");

    let (id, token) = invite("fay@example.com").await;
    ben.delete(&format!("{path}/invitations/{id}"))
        .await
        .refused(404, "NOT_FOUND");
    eve.delete(&format!("{path}/invitations/{id}"))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    alice.delete(&format!("{path}/invitations/{id}")).await.expect(200);
    alice
        .delete(&format!("{path}/invitations/{id}"))
        .await
        .refused(404, "NOT_FOUND");
    let fay = api.user("fay").await;
    accept(&fay, &token).await.refused(404, "NOT_FOUND");

    let (_, token) = invite("gus@example.com").await;
    api.advance(SignedDuration::from_hours(7 * 24));
    let gus = api.user("gus").await;
    accept(&gus, &token).await.refused(400, "INVALID_TOKEN");
    let open = alice.get(&format!("{path}/collaborators")).await.expect(200);
    assert_eq!(open.data()["invitations"], json!([]));
}

#[tokio::test]
async fn an_invitation_ends_with_the_right_of_who_sent_it() {
    let api = Api::start().await;
    let (alice, ada) = (api.user("alice").await, api.user("ada").await);
    let trip = alice.trip("Japan").await;
    share(&alice, &trip, &ada, "admin").await;
    let body = json!({ "user_emails": ["eve@example.com"] });
    ada.post(&format!("/api/v1/trips/{trip}/share"), body).await.expect(200);
    let token = invitation(&api, "eve@example.com");
    alice
        .delete(&format!("/api/v1/trips/{trip}/collaborators/{}", ada.id))
        .await
        .expect(200);
    let eve = api.user("eve").await;
    accept(&eve, &token).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_audit_trail_and_the_history_know_no_address() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let trip = alice.trip("Japan").await;
    share(&alice, &trip, &ben, "edit").await;
    let body = json!({ "user_emails": ["eve@example.com"] });
    alice
        .post(&format!("/api/v1/trips/{trip}/share"), body)
        .await
        .expect(200);
    alice
        .delete(&format!("/api/v1/trips/{trip}/collaborators/{}", ben.id))
        .await
        .expect(200);
    let db = tripsage_store::Db::new(&api.runtime("users"));
    let trail = db
        .search_audit(
            alice.id.parse().unwrap(),
            &tripsage_store::audit::TrailFilter::default(),
            10,
            None,
        )
        .await
        .unwrap()
        .items;
    let mut actions: Vec<_> = trail.iter().map(|row| row.action.as_str()).collect();
    actions.sort_unstable();
    assert_eq!(
        actions,
        [
            "permission.changed",
            "permission.changed",
            "role.removed",
            "trip.created"
        ]
    );
    let text =
        serde_json::to_string::<Vec<Value>>(&trail.iter().map(|row| serde_json::to_value(row).unwrap()).collect())
            .unwrap();
    assert!(!text.contains('@'));
}
