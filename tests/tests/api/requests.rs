//! Bad input: every kind of rubbish is a clear 4xx.

use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, User};

const TRIPS: &str = "/api/v1/trips";

async fn send(user: &User, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let request = user.request(Method::POST, TRIPS).body(body);
    Answer::of(match content_type {
        Some(kind) => request.header("content-type", kind),
        None => request,
    })
    .await
}

fn trip() -> Value {
    json!({ "title": "T", "start_date": "2027-04-01", "end_date": "2027-04-02", "destinations": ["Tokyo"] })
}

#[tokio::test]
async fn a_body_that_is_not_strict_json_is_refused() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    for body in [
        "",
        "null",
        "[]",
        "invalid json{",
        "{\"title\":\"a\",\"title\":\"b\"}",
        "\u{feff}{}",
    ] {
        send(&alice, Some("application/json"), body)
            .await
            .refused(400, "MALFORMED_JSON");
    }
    send(&alice, Some("application/json"), b"{\"x\":\"\xff\"}".to_vec())
        .await
        .refused(400, "MALFORMED_JSON");
    for kind in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/jsonp"),
    ] {
        send(&alice, kind, "{}").await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let compressed = alice
        .request(Method::POST, TRIPS)
        .header("content-encoding", "gzip")
        .json(&trip());
    Answer::of(compressed).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    send(&alice, Some("Application/JSON; charset=utf-8"), trip().to_string())
        .await
        .expect(201);
}

#[tokio::test]
async fn a_body_of_256_kilobytes_is_read_and_one_more_byte_is_not() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let padded = |size: usize| {
        let body = trip().to_string();
        format!("{body}{}", " ".repeat(size - body.len()))
    };
    send(&alice, Some("application/json"), padded(256 * 1024))
        .await
        .expect(201);
    send(&alice, Some("application/json"), padded(256 * 1024 + 1))
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn every_broken_rule_is_named_with_its_field() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let with = |field: &str, value: Value| {
        let mut body = trip();
        body[field] = value;
        body
    };
    for (field, body) in [
        ("title", with("title", json!(""))),
        ("title", with("title", json!("x".repeat(101)))),
        ("title", with("title", json!("a\u{202e}b"))),
        (
            "title",
            json!({ "start_date": "2027-04-01", "end_date": "2027-04-02", "destinations": ["Tokyo"] }),
        ),
        ("description", with("description", json!("x".repeat(2001)))),
        ("start_date", with("start_date", json!("2027-02-30"))),
        ("start_date", with("start_date", json!("tomorrow"))),
        ("end_date", with("end_date", json!("2027-03-31"))),
        ("end_date", with("end_date", json!("2029-04-02"))),
        ("destinations", with("destinations", json!([]))),
        ("destinations", with("destinations", json!(vec!["x"; 31]))),
        ("destinations[0]", with("destinations", json!([""]))),
        (
            "destinations[1].coordinates",
            with(
                "destinations",
                json!(["x", { "name": "y", "coordinates": { "latitude": 91, "longitude": 0 } }]),
            ),
        ),
        (
            "destinations[0].departure_date",
            with(
                "destinations",
                json!([{ "name": "y", "arrival_date": "2027-04-02", "departure_date": "2027-04-01" }]),
            ),
        ),
        ("status", with("status", json!("in_progress"))),
        ("trip_type", with("trip_type", json!("honeymoon"))),
        ("travelers", with("travelers", json!(0))),
        ("travelers", with("travelers", json!(1.5))),
        ("travelers", with("travelers", json!(-1))),
        ("tags", with("tags", json!(vec!["x"; 21]))),
        ("id", with("id", json!("x"))),
        ("user_id", with("user_id", json!("x"))),
        ("version", with("version", json!(7))),
        ("created_at", with("created_at", json!("2020-01-01T00:00:00Z"))),
    ] {
        alice.post(TRIPS, body).await.refused_field(field);
    }
    let all = alice
        .post(TRIPS, json!({ "title": "", "start_date": "x", "destinations": [] }))
        .await;
    let errors = all
        .refused_field("title")
        .refused_field("start_date")
        .refused_field("end_date");
    assert_eq!(errors.body["errors"][0], "title: must not be empty");
    assert_eq!(
        alice.get(TRIPS).await.expect(200).data(),
        &json!([]),
        "nothing was stored"
    );
}

#[tokio::test]
async fn query_parameters_are_read_strictly() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    for (query, field) in [
        ("colour=red", "colour"),
        ("status=planning&status=booked", "status"),
        ("status=lost", "status"),
        ("sort=price", "sort"),
        ("role=king", "role"),
        ("from=yesterday", "from"),
        ("page=0", "page"),
        ("page=51", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=many", "per_page"),
        ("page=2&cursor=x", "page"),
        ("deleted=perhaps", "deleted"),
    ] {
        alice.get(&format!("{TRIPS}?{query}")).await.refused_field(field);
    }
    for cursor in ["x", "AAAA", "%00", &"A".repeat(2000)] {
        let answer = alice.get(&format!("{TRIPS}?cursor={cursor}")).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
}

#[tokio::test]
async fn an_id_that_cannot_be_one_is_not_found() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let id = alice.trip("Japan").await;
    let upper = id.to_uppercase();
    for id in [
        "x",
        "%2e%2e%2f",
        "%00",
        "%23",
        "TRIP%23x",
        "%F0%9F%98%80",
        "%ff",
        &"a".repeat(2048),
        &upper,
    ] {
        alice.get(&format!("{TRIPS}/{id}")).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn text_is_kept_as_it_was_typed_whatever_it_looks_like() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    for title in [
        "#a :v attribute_exists(x)",
        "'; DROP TABLE trips; --",
        "<script>alert(1)</script>",
        "👩‍👩‍👧 Ελλάδα",
        "a\"b\\c",
    ] {
        let mut body = trip();
        body["title"] = json!(title);
        let id = alice.post(TRIPS, body).await.expect(201).text_of("id");
        assert_eq!(
            alice.get(&format!("{TRIPS}/{id}")).await.expect(200).data()["title"],
            title
        );
    }
}
