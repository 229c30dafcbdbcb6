use serde_json::{Value, json};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, User};

use super::{ROOT, moderator};

fn resource(title: &str) -> Value {
    json!({ "title": title, "description": "d", "content": "c", "category": "tips" })
}

async fn made(moderator: &User, title: &str, more: Value) -> String {
    let mut body = resource(title);
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    moderator
        .post(&format!("{ROOT}/resources"), body)
        .await
        .expect(201)
        .text_of("id")
}

async fn titles(api: &Api, query: &str) -> Vec<String> {
    let page = api.get(&format!("{ROOT}/resources?{query}")).await.expect(200);
    assert_eq!(page.data()["pagination"], page.body["pagination"], "mirrored");
    let resources = page.data()["resources"].as_array().unwrap().iter();
    resources.map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pinned_ones_come_first_and_filters_combine() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let second = jiff::SignedDuration::from_secs(1);
    for (title, more) in [
        ("old", json!({ "category": "legal", "target_region": "Asia" })),
        ("pinned", json!({ "is_pinned": true })),
        ("featured", json!({ "is_featured": true, "category": "legal" })),
        ("new", json!({ "target_countries": ["India"], "language": "hi" })),
    ] {
        made(&moderator, title, more).await;
        api.advance(second);
    }
    assert_eq!(titles(&api, "").await, ["pinned", "featured", "new", "old"]);
    assert_eq!(titles(&api, "category=legal").await, ["featured", "old"]);
    assert_eq!(titles(&api, "category=legal&featured=false").await, ["old"]);
    assert_eq!(titles(&api, "region=ASIA").await, ["old"]);
    assert_eq!(titles(&api, "region=india&language=hi").await, ["new"]);
    assert_eq!(titles(&api, "region=india&language=en").await, [""; 0]);
    assert_eq!(titles(&api, "per_page=3&page=2").await, ["old"]);
    let page = api.get(&format!("{ROOT}/resources?per_page=3")).await.expect(200);
    let pagination = &page.body["pagination"];
    assert_eq!(
        (&pagination["total"], &pagination["total_pages"]),
        (&json!(4), &json!(2))
    );
    let cursor = pagination["next_cursor"].as_str().unwrap();
    assert_eq!(titles(&api, &format!("per_page=3&cursor={cursor}")).await, ["old"]);
    for (query, field) in [
        ("category=gossip", "category"),
        ("language=english%20please", "language"),
        ("per_page=101", "per_page"),
        ("sort=newest", "sort"),
    ] {
        api.get(&format!("{ROOT}/resources?{query}")).await.refused_field(field);
    }
}

#[tokio::test]
async fn moderators_write_and_everybody_reads_what_was_written_last() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let ann = api.user("ann").await;
    let root = format!("{ROOT}/resources");
    ann.post(&root, resource("x"))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    for (field, value) in [
        ("title", json!(null)),
        ("content", json!("x".repeat(20_001))),
        ("category", json!("gossip")),
        ("urgency_level", json!("panic")),
        (
            "external_links",
            json!([{ "title": "t", "url": "http://example.com/" }]),
        ),
        (
            "external_links",
            json!([{ "title": "t", "url": "javascript:alert(1)" }]),
        ),
        (
            "helpline_numbers",
            json!([{ "country": "c", "service": "s", "number": "call" }]),
        ),
        ("target_countries", json!(vec!["x"; 21])),
        ("view_count", json!(1)),
    ] {
        let mut body = resource("x");
        body[field] = value;
        moderator.post(&root, body).await.refused_field(field);
    }
    let more = json!({
        "external_links": [{ "title": "t", "url": "https://example.com/a?b=c" }],
        "helpline_numbers": [{ "country": "EU", "service": "Emergency", "number": "112" }],
    });
    let id = made(&moderator, "First", more).await;
    let path = format!("{root}/{id}");
    let shown = api.get(&path).await.expect(200);
    assert_eq!(shown.data()["helpline_numbers"][0]["number"], "112");
    assert_eq!(titles(&api, "").await, ["First"]);
    ann.put(&path, json!({ "title": "Mine" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    moderator.put(&path, json!({ "title": "Second" })).await.expect(200);
    assert_eq!(titles(&api, "").await, ["Second"], "a list never shows what was before");
    assert_eq!(api.get(&path).await.expect(200).data()["content"], "c");
    ann.delete(&path).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    moderator.delete(&path).await.expect(200);
    assert_eq!(titles(&api, "").await, [""; 0]);
    for answer in [api.get(&path).await, moderator.delete(&path).await] {
        answer.refused(404, "NOT_FOUND");
    }
    let helpful = format!("{path}/helpful");
    ann.post(&helpful, json!({})).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn somebody_finds_a_resource_helpful_once() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let id = made(&moderator, "First", json!({})).await;
    let path = format!("{ROOT}/resources/{id}/helpful");
    let ann = api.user("ann").await;
    let first = ann.post(&path, json!({})).await.expect(200);
    assert_eq!(
        (&first.data()["helpful_count"], &first.data()["is_new"]),
        (&json!(1), &json!(true))
    );
    let again = ann.post(&path, json!({})).await.expect(200);
    assert_eq!(
        (&again.data()["helpful_count"], &again.data()["is_new"]),
        (&json!(1), &json!(false))
    );
    api.post(&path, json!({})).await.refused(401, "MISSING_AUTHORIZATION");
}

#[tokio::test]
async fn whoever_sees_a_resource_counts_once() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let id = made(&moderator, "First", json!({})).await;
    let path = format!("{ROOT}/resources/{id}");
    let view = format!("{path}/view");
    let (ann, eve) = (api.user("ann").await, api.user("eve").await);
    let session = |name: &str| json!({ "session_id": name });
    for (viewer, body, count, is_new) in [
        (Some(&ann), json!({}), 1, true),
        (Some(&ann), json!({}), 1, false),
        // Who is signed in is known without a session.
        (Some(&ann), session("a"), 1, false),
        (Some(&eve), session("a"), 2, true),
        (None, session("a"), 3, true),
        (None, session("a"), 3, false),
        (None, session("b"), 4, true),
    ] {
        let answer = match viewer {
            Some(user) => user.post(&view, body).await,
            None => api.post(&view, body).await,
        };
        let answer = answer.expect(200);
        assert_eq!(
            (&answer.data()["view_count"], &answer.data()["is_new_view"]),
            (&json!(count), &json!(is_new))
        );
        api.project_twice().await;
    }
    ann.post(&format!("{path}/helpful"), json!({})).await.expect(200);
    api.project().await;
    let shown = api.get(&path).await.expect(200);
    assert_eq!(
        (&shown.data()["view_count"], &shown.data()["helpful_count"]),
        (&json!(4), &json!(1))
    );
    let listed = api.get(&format!("{ROOT}/resources")).await.expect(200);
    assert_eq!(listed.data()["resources"][0]["view_count"], 4);

    api.post(&view, json!({})).await.refused_field("session_id");
    api.post(&view, session(&"x".repeat(129)))
        .await
        .refused_field("session_id");
    ann.post(&view, json!({ "view_count": 9 }))
        .await
        .refused_field("view_count");
    moderator.delete(&path).await.expect(200);
    ann.post(&view, json!({})).await.refused(404, "NOT_FOUND");
    let rows = api.dump().await;
    let views = rows.iter().filter(|row| row.entity == Entity::View);
    for row in views {
        let text = row.item.to_string();
        assert!(!text.contains(&ann.id) && !text.contains(&eve.id), "{text}");
    }
}

#[tokio::test]
async fn views_at_the_same_time_are_all_counted() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let id = made(&moderator, "First", json!({})).await;
    let path = format!("{ROOT}/resources/{id}");
    let mut viewers = Vec::new();
    for n in 0..6 {
        let viewer = api.user(&format!("viewer{n}")).await;
        // Everybody twice.
        for _ in 0..2 {
            let (user, path) = (viewer.clone(), format!("{path}/view"));
            viewers.push(tokio::spawn(async move { user.post(&path, json!({})).await.status }));
        }
    }
    for viewer in viewers {
        assert_eq!(viewer.await.unwrap(), 200);
    }
    api.project_twice().await;
    assert_eq!(api.get(&path).await.expect(200).data()["view_count"], 6);
}
