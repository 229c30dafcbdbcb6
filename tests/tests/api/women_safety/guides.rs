use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api};

use super::{ROOT, applied, booked, moderator, profile, step, verified};

#[tokio::test]
async fn applying_and_being_verified() {
    let api = Api::start().await;
    let (asha, id) = applied(&api, "asha").await;
    let path = format!("{ROOT}/guides/{id}");
    let shown = api.get(&path).await.expect(200);
    assert_eq!(
        (
            shown.data()["status"].clone(),
            shown.data()["is_verified"].clone(),
            shown.data()["average_rating"].clone()
        ),
        (json!("pending"), json!(false), Value::Null)
    );
    assert_eq!(shown.data()["reviews"], json!([]));
    assert_eq!(shown.data()["hourly_rate_usd"], "25.00");
    asha.post(&format!("{ROOT}/guides"), profile("again"))
        .await
        .refused(409, "ALREADY_EXISTS");
    assert_eq!(
        asha.get(&format!("{ROOT}/guides/me")).await.expect(200).text_of("id"),
        id
    );

    let verify = format!("{path}/verify");
    let good = json!({
        "verification_level": "gold", "background_check_completed": true, "emergency_response_training": true,
        "first_aid_certified": true, "is_featured": true,
    });
    asha.post(&verify, good.clone())
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let moderator = moderator(&api).await;
    moderator
        .post(&verify, json!({}))
        .await
        .refused_field("verification_level");
    moderator
        .post(&verify, json!({ "level": "diamond" }))
        .await
        .refused_field("verification_level");
    let seen = moderator.post(&verify, good).await.expect(200);
    assert_eq!(seen.header("etag"), "\"2\"");
    let shown = api.get(&path).await.expect(200);
    for (field, value) in [
        ("status", json!("verified")),
        ("verification_level", json!("gold")),
        ("background_check_completed", json!(true)),
        ("first_aid_certified", json!(true)),
        ("is_featured", json!(true)),
    ] {
        assert_eq!(shown.data()[field], value, "{field}");
    }
    // What is not said anew stays.
    let again = moderator
        .post(&verify, json!({ "level": "platinum" }))
        .await
        .expect(200);
    assert_eq!(again.data()["first_aid_certified"], true);
    let trail = moderator.get("/api/v1/users/me/activity").await.expect(200);
    assert!(trail.text.contains("guide.verified"));
}

#[tokio::test]
async fn what_a_guide_may_say() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let path = format!("{ROOT}/guides");
    for (field, value) in [
        ("display_name", json!(null)),
        ("display_name", json!("x".repeat(101))),
        ("service_locations", json!([])),
        ("service_locations", json!(null)),
        ("service_locations", json!(vec!["x"; 9])),
        ("hourly_rate_usd", json!(null)),
        ("hourly_rate_usd", json!(-1)),
        ("hourly_rate_usd", json!("0.00")),
        ("hourly_rate_usd", json!("1000.01")),
        ("hourly_rate_usd", json!("1.234")),
        ("languages_spoken", json!(["x".repeat(61)])),
        ("years_of_experience", json!(81)),
        ("max_group_size", json!(51)),
        ("availability_status", json!("sometimes")),
        ("contact_email", json!("nobody")),
        ("phone_for_bookings", json!("call me")),
        ("safety_protocols", json!("x".repeat(2001))),
        ("is_verified", json!(true)),
        ("verification_level", json!("platinum")),
    ] {
        let mut body = profile("Ann");
        body[field] = value;
        ann.post(&path, body).await.refused_field(field);
    }
    api.post(&path, profile("Ann"))
        .await
        .refused(401, "MISSING_AUTHORIZATION");
    ann.get(&format!("{path}/me")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_profile_is_its_guides_own() {
    let api = Api::start().await;
    let (asha, id) = applied(&api, "asha").await;
    let path = format!("{ROOT}/guides/{id}");
    let ann = api.user("ann").await;
    for user in [&ann, &moderator(&api).await] {
        user.put(&path, json!({ "max_group_size": 9 }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    let changed = asha
        .put(&path, json!({ "max_group_size": 9, "contact_email": null }))
        .await
        .expect(200);
    assert_eq!(
        (&changed.data()["max_group_size"], &changed.data()["contact_email"]),
        (&json!(9), &Value::Null)
    );
    assert_eq!(changed.data()["years_of_experience"], 7, "what is not given stays");
    let stale = asha.request(Method::PATCH, &path).header("if-match", "\"1\"");
    Answer::of(stale.json(&json!({ "max_group_size": 2 })))
        .await
        .refused(412, "PRECONDITION_FAILED");
    asha.patch(&path, json!({ "hourly_rate_usd": null })).await.expect(200);
    asha.patch(&path, json!({ "service_locations": [] }))
        .await
        .refused_field("service_locations");
}

#[tokio::test]
async fn how_to_reach_a_guide_is_for_whose_booking_they_have_confirmed() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, id) = verified(&api, &moderator, "asha").await;
    let path = format!("{ROOT}/guides/{id}");
    let (ann, eve) = (api.user("ann").await, api.user("eve").await);
    let reachable = async |user: &tripsage_tests::User| {
        let shown = user.get(&path).await.expect(200);
        let seen = shown.text.contains("asha@guides.example.com");
        assert_eq!(seen, shown.text.contains("919876543210"));
        seen
    };
    let booking = booked(&api, &ann, &id, 1, 2).await;
    assert!(!reachable(&ann).await, "pending is not enough");
    step(&asha, &booking, "confirm").await.expect(200);
    assert!(reachable(&ann).await);
    assert!(reachable(&asha).await && reachable(&moderator).await);
    assert!(!reachable(&eve).await);
    assert!(!api.get(&path).await.expect(200).text.contains("guides.example.com"));
    step(&ann, &booking, "cancel").await.expect(200);
    assert!(!reachable(&ann).await);
}

#[tokio::test]
async fn suspended_guides_are_seen_and_the_reason_is_not() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, id) = verified(&api, &moderator, "asha").await;
    let path = format!("{ROOT}/guides/{id}");
    let suspend = format!("{path}/suspend");
    asha.post(&suspend, json!({ "reason": "r" }))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    moderator.post(&suspend, json!({})).await.refused_field("reason");
    let past = json!({ "reason": "r", "until": "2020-01-01T00:00:00Z" });
    moderator.post(&suspend, past).await.refused_field("until");
    moderator
        .post(&suspend, json!({ "reason": "complaints" }))
        .await
        .expect(200);
    let shown = api.get(&path).await.expect(200);
    assert_eq!(
        (shown.text_of("status"), &shown.data()["is_active"]),
        ("suspended".to_owned(), &json!(false))
    );
    assert!(!shown.text.contains("complaints"));
    assert_eq!(
        asha.get(&path).await.expect(200).text_of("suspension_reason"),
        "complaints"
    );
    asha.post(&format!("{path}/reinstate"), json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    moderator
        .post(&format!("{path}/reinstate"), json!({}))
        .await
        .expect(200);
    assert_eq!(api.get(&path).await.expect(200).text_of("status"), "verified");
}
