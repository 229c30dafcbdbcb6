use serde_json::{Value, json};
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
