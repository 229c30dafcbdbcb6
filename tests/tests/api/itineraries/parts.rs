use futures_util::future::join_all;
use serde_json::{Value, json};
use tripsage_tests::Api;

use super::made;

/// Path, what is made, how it is changed, and what is refused with its field.
type PartKind = (&'static str, Value, Value, Vec<(Value, &'static str)>);

fn kinds() -> [PartKind; 4] {
    [
        (
            "days",
            json!({
                "day_number": 2, "date": "2027-04-02", "title": "Asakusa", "description": "d", "distance_km": 7.5,
                "elevation_gain_m": 10, "elevation_loss_m": 20, "start_point": "Hotel", "end_point": "Bar",
                "estimated_duration_hours": 6.5, "activities": ["temple", "food"],
            }),
            json!({ "title": "Ueno" }),
            vec![
                (json!({ "title": null }), "title"),
                (json!({ "day_number": 0 }), "day_number"),
                (json!({ "day_number": 367 }), "day_number"),
                (json!({ "distance_km": -1 }), "distance_km"),
                (json!({ "elevation_gain_m": 30_001 }), "elevation_gain_m"),
                (json!({ "estimated_duration_hours": 25 }), "estimated_duration_hours"),
                (json!({ "activities": vec!["x"; 21] }), "activities"),
                (json!({ "date": "2027-13-01" }), "date"),
            ],
        ),
        (
            "businesses",
            json!({
                "name": "Sawanoya", "business_type": "inn", "description": "d", "location_gps": "35.7,139.7",
                "address": "a", "phone": "+81 3", "email": "inn@example.com", "website": "https://example.com/inn",
                "operating_hours": "always", "price_range": "$$", "estimated_cost_per_person": 5000,
                "estimated_cost_currency": "JPY", "rating": 4.5, "services": ["bath"], "is_women_safe": true,
                "accessibility": "stairs", "recommended_day": 1,
            }),
            json!({ "name": "Sawanoya Ryokan" }),
            vec![
                (json!({ "name": "" }), "name"),
                (json!({ "rating": 5.1 }), "rating"),
                (json!({ "estimated_cost_per_person": -1 }), "estimated_cost_per_person"),
                (json!({ "email": "nobody" }), "email"),
                (json!({ "website": "ftp://example.com" }), "website"),
                (json!({ "recommended_day": 0 }), "recommended_day"),
                (json!({ "location_gps": "here" }), "location_gps"),
            ],
        ),
        (
            "hidden-gems",
            json!({
                "name": "Nezu shrine", "description": "d", "gem_type": "shrine", "location_gps": { "lat": 35.7, "lng": 139.7 },
                "how_to_reach": "on foot", "difficulty_level": "easy", "best_time_to_visit": "dawn", "entry_fee": "0",
                "entry_fee_currency": "JPY", "estimated_visit_duration_minutes": 60, "rating": 5, "recommended_day": 2,
            }),
            json!({ "name": "Nezu" }),
            vec![
                (json!({ "name": null }), "name"),
                (json!({ "difficulty_level": "hard" }), "difficulty_level"),
                (json!({ "entry_fee": "-3" }), "entry_fee"),
                (
                    json!({ "estimated_visit_duration_minutes": 10_081 }),
                    "estimated_visit_duration_minutes",
                ),
            ],
        ),
        (
            "safety-alerts",
            json!({
                "alert_type": "scam", "severity_level": "high", "title": "Bars", "description": "d",
                "location_gps": "35.7,139.7", "location_name": "Kabukicho", "incident_date": "2027-01-01",
                "recommended_action": "walk on", "alternative_route": "north",
            }),
            json!({ "title": "Some bars" }),
            vec![
                (json!({ "alert_type": null }), "alert_type"),
                (json!({ "severity_level": "deadly" }), "severity_level"),
                (json!({ "status": "gone" }), "status"),
                (json!({ "resolved_at": "2027-01-01T00:00:00Z" }), "resolved_at"),
            ],
        ),
    ]
}

#[tokio::test]
async fn parts_are_made_read_changed_and_removed() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    for (kind, fields, edit, wrong) in kinds() {
        let list = format!("{path}/{kind}");
        assert_eq!(api.get(&list).await.expect(200).data(), &json!([]));
        bob.post(&list, fields.clone())
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        api.post(&list, fields.clone()).await.expect(401);
        let made = alice.post(&list, fields.clone()).await.expect(201);
        let id = made.data()["id"].as_str().map_or_else(|| "2".to_owned(), str::to_owned);
        let one = format!("{list}/{id}");
        let read = api.get(&one).await.expect(200);
        assert_eq!((read.data(), read.header("etag")), (made.data(), made.header("etag")));
        assert_eq!(api.get(&list).await.expect(200).data(), &json!([made.data()]));
        for (wrong, field) in wrong {
            let mut body = fields.clone();
            body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            alice.post(&list, body).await.refused_field(field);
            alice.put(&one, wrong).await.refused_field(field);
        }
        bob.put(&one, edit.clone())
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        let put = alice.put(&one, edit.clone()).await.expect(200);
        let mut expected = made.data().clone();
        expected
            .as_object_mut()
            .unwrap()
            .extend(edit.as_object().unwrap().clone());
        assert_eq!(put.data(), &expected, "what is not given stays");
        assert_ne!(put.header("etag"), made.header("etag"));
        let stale = alice
            .request(reqwest::Method::PATCH, &one)
            .header("if-match", made.header("etag"));
        tripsage_tests::Answer::of(stale.json(&edit))
            .await
            .refused(412, "PRECONDITION_FAILED");
        let patched = alice.patch(&one, json!({ "description": null })).await.expect(200);
        assert_eq!(patched.data()["description"], json!(null));
        let detail = api.get(&path).await.expect(200);
        assert!(
            detail.text.contains(&patched.data().to_string()),
            "the itinerary shows its {kind}"
        );
        bob.delete(&one).await.refused(403, "INSUFFICIENT_PERMISSIONS");
        alice.delete(&one).await.expect(200);
        for answer in [
            api.get(&one).await,
            alice.delete(&one).await,
            alice.put(&one, edit).await,
        ] {
            answer.refused(404, "NOT_FOUND");
        }
        api.get(&format!("{list}/nothing")).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_day_is_planned_once_and_keeps_its_number() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = format!("{}/days", made(&alice, &json!({})).await);
    let day = json!({ "day_number": 3, "title": "d" });
    alice
        .post(&path, json!({ "title": "d" }))
        .await
        .refused_field("day_number");
    alice.post(&path, day.clone()).await.expect(201);
    alice.post(&path, day).await.refused(409, "ALREADY_EXISTS");
    alice
        .put(&format!("{path}/3"), json!({ "day_number": 4 }))
        .await
        .refused_field("day_number");
    alice
        .put(&format!("{path}/4"), json!({ "title": "e" }))
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn an_alert_knows_since_when_it_is_resolved() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = format!("{}/safety-alerts", made(&alice, &json!({})).await);
    let alert = json!({ "alert_type": "flood", "title": "Closed path" });
    let made = alice.post(&path, alert).await.expect(201);
    assert_eq!(
        (&made.data()["status"], &made.data()["severity_level"]),
        (&json!("active"), &json!("medium"))
    );
    let one = format!("{path}/{}", made.text_of("id"));
    api.advance(jiff::SignedDuration::from_secs(60));
    let resolved = alice.patch(&one, json!({ "status": "resolved" })).await.expect(200);
    assert_eq!(resolved.data()["reported_date"], made.data()["reported_date"]);
    let since = resolved.text_of("resolved_at");
    api.advance(jiff::SignedDuration::from_secs(60));
    let later = alice.patch(&one, json!({ "title": "Path closed" })).await.expect(200);
    assert_eq!(later.text_of("resolved_at"), since);
    let again = alice.patch(&one, json!({ "status": "active" })).await.expect(200);
    assert_eq!(again.data()["resolved_at"], json!(null));
}

#[tokio::test]
async fn no_more_parts_than_fit_however_many_come_at_once() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(&alice, &json!({})).await;
    let list = format!("{path}/safety-alerts");
    let alert = |number: usize| json!({ "alert_type": "t", "title": format!("Alert {number}") });
    for number in 0..48 {
        alice.post(&list, alert(number)).await.expect(201);
    }
    let answers = join_all((0..6).map(|number| alice.post(&list, alert(48 + number)))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(
        made <= 2 && answers.iter().all(|answer| matches!(answer.status, 201 | 409)),
        "{answers:?}"
    );
    for _ in made..2 {
        alice.post(&list, alert(60)).await.expect(201);
    }
    alice.post(&list, alert(61)).await.refused(409, "CONFLICT");
    let detail = api.get(&path).await.expect(200);
    assert_eq!(detail.data()["safety_alerts_count"], 50);
    assert_eq!(detail.data()["safety_alerts"].as_array().unwrap().len(), 50);
}
