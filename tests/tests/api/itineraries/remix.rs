use serde_json::json;
use tripsage_tests::Api;

use super::made;

const PROMPT: &str = "A quiet week with my parents";

#[tokio::test]
async fn a_remix_is_a_draft_of_the_days_of_its_sources() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let tokyo = made(&alice, &json!({ "women_safe_certified": true })).await;
    let kyoto = made(&alice, &json!({ "destination": "Kyoto", "activity_tags": ["food"] })).await;
    for (path, number, title) in [(&tokyo, 1, "Asakusa"), (&tokyo, 5, "Ueno"), (&kyoto, 1, "Gion")] {
        let day = json!({ "day_number": number, "title": title, "date": "2027-04-01" });
        alice.post(&format!("{path}/days"), day).await.expect(201);
    }
    let ids: Vec<&str> = [&tokyo, &kyoto].map(|path| path.rsplit('/').next().unwrap()).to_vec();
    let body = json!({ "source_ids": ids, "prompt": PROMPT });
    let remix = bob.post("/api/v1/itineraries/remix", body).await.expect(201);
    let data = remix.data();
    assert_eq!((&data["status"], &data["user_id"]), (&json!("draft"), &json!(bob.id)));
    assert_eq!(
        (&data["is_remixed"], &data["remixed_from_ids"]),
        (&json!(true), &json!(ids))
    );
    assert_eq!(
        (&data["remix_prompt"], &data["description"]),
        (&json!(PROMPT), &json!(PROMPT))
    );
    assert_eq!(
        (&data["destination"], &data["activity_tags"]),
        (&json!("Tokyo, Japan and Kyoto"), &json!(["food", "cultural"]))
    );
    assert_eq!(
        (&data["duration_days"], &data["women_safe_certified"]),
        (&json!(3), &json!(false))
    );
    let days: Vec<_> = data["day_plans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| (&day["day_number"], &day["title"], &day["date"]))
        .collect();
    assert_eq!(
        days,
        [
            (&json!(1), &json!("Asakusa"), &json!(null)),
            (&json!(2), &json!("Ueno"), &json!(null)),
            (&json!(3), &json!("Gion"), &json!(null))
        ]
    );
    let path = format!("/api/v1/itineraries/{}", remix.text_of("id"));
    alice.get(&path).await.refused(404, "NOT_FOUND");
    bob.post(&format!("{path}/publish"), json!({})).await.expect(200);
    alice.get(&path).await.expect(200);
    let one = bob
        .post(&format!("{kyoto}/remix"), json!({ "prompt": PROMPT }))
        .await
        .expect(201);
    assert_eq!(one.data()["remixed_from_ids"], json!([ids[1]]));
}

#[tokio::test]
async fn sources_are_one_to_five_that_the_caller_sees() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let (shown, draft) = (
        made(&alice, &json!({})).await,
        made(&alice, &json!({ "is_published": false })).await,
    );
    let many: Vec<String> = (0..6)
        .map(|n| format!("3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e1{n}"))
        .collect();
    for (body, field) in [
        (json!({ "prompt": PROMPT }), "source_ids"),
        (json!({ "prompt": PROMPT, "source_ids": [] }), "source_ids"),
        (json!({ "prompt": PROMPT, "source_ids": many }), "source_ids"),
        (json!({ "prompt": PROMPT, "source_ids": ["x"] }), "source_ids"),
        (
            json!({ "prompt": PROMPT, "source_ids": [id(&shown), id(&draft)] }),
            "source_ids[1]",
        ),
        (json!({ "prompt": PROMPT, "source_ids": [many[0]] }), "source_ids[0]"),
        (json!({ "prompt": "too short", "source_ids": [id(&shown)] }), "prompt"),
        (json!({ "source_ids": [id(&shown)] }), "prompt"),
    ] {
        bob.post("/api/v1/itineraries/remix", body).await.refused_field(field);
    }
    bob.post(&format!("{draft}/remix"), json!({ "prompt": PROMPT }))
        .await
        .refused(404, "NOT_FOUND");
    alice
        .post(&format!("{draft}/remix"), json!({ "prompt": PROMPT }))
        .await
        .expect(201);
}
