//! What an export gives of guides and bookings, and what erasure leaves of them.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Job, PASSWORD, User};

use super::{ROOT, booked, guided, moderator, profile, step, verified};

async fn erased(api: &Api, user: &User) {
    // Their access token may have run out with the clock of the test.
    let login = json!({ "email": user.email, "password": PASSWORD });
    let token = api
        .post("/api/v1/auth/login", login)
        .await
        .expect(200)
        .text_of("access_token");
    let body = json!({ "password": PASSWORD });
    user.with_token(&token)
        .delete_with("/api/v1/users/me", body)
        .await
        .expect(200);
    api.advance(SignedDuration::from_hours(31 * 24));
    assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap().done, 1);
}

/// The rows of an export, by section.
async fn export(user: &User) -> Value {
    let made = user.post("/api/v1/users/me/export", json!({})).await.expect(201);
    let path = format!("/api/v1/users/me/export/{}", made.text_of("id"));
    user.get(&path).await.expect(200).data().clone()
}

fn rows_in(export: &Value, section: &str) -> usize {
    export["archive"][section].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn an_export_holds_what_is_ones_own() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let ann = api.user("ann").await;
    let booking = guided(&api, (&asha, &guide), &ann).await;
    asha.patch(
        &format!("{ROOT}/bookings/{booking}"),
        json!({ "notes": "CanaryOfTheGuide" }),
    )
    .await
    .expect(200);
    let review = json!({ "rating": 5, "review_text": "CanaryOfTheReview" });
    ann.post(&format!("{ROOT}/guides/{guide}/reviews"), review)
        .await
        .expect(201);

    let of_ann = export(&ann).await;
    let reviewed = (rows_in(&of_ann, "guide_bookings"), rows_in(&of_ann, "guide_reviews"));
    assert_eq!(reviewed, (1, 1), "{of_ann}");
    let text = of_ann.to_string();
    assert!(text.contains("CanaryOfTheTraveler") && text.contains("CanaryOfTheReview"));
    let of_the_guide = text.contains("CanaryOfTheGuide") || text.contains(&asha.id);
    assert!(!of_the_guide, "what is about the guide is theirs");

    let of_asha = export(&asha).await;
    let stands = (rows_in(&of_asha, "guide_profile"), rows_in(&of_asha, "guide_standing"));
    assert_eq!(stands, (1, 1), "{of_asha}");
    let text = of_asha.to_string();
    assert!(text.contains("asha@guides.example.com"));
    for other in ["CanaryOfTheReview", "CanaryOfTheTraveler", &ann.id] {
        assert!(!text.contains(other), "{other}");
    }
}

#[tokio::test]
async fn an_erased_traveler_is_forgotten_and_the_guide_keeps_the_rest() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let ann = api.registered("sentinel").await;
    let done = booked(&api, &ann, &guide, 1, 1).await;
    let open = booked(&api, &ann, &guide, 60, 61).await;
    let settings =
        json!({ "allergies": "nuts", "emergency_contacts": [{ "name": "Mia", "phone": "+49 151 12345678" }] });
    ann.put(&format!("{ROOT}/settings"), settings).await.expect(200);
    for booking in [&done, &open] {
        step(&asha, booking, "confirm").await.expect(200);
    }
    api.advance(SignedDuration::from_hours(26));
    step(&asha, &done, "complete").await.expect(200);
    let login = json!({ "email": ann.email, "password": PASSWORD });
    let token = api
        .post("/api/v1/auth/login", login)
        .await
        .expect(200)
        .text_of("access_token");
    let review = json!({ "rating": 4, "review_text": "Lovely" });
    ann.with_token(&token)
        .post(&format!("{ROOT}/guides/{guide}/reviews"), review)
        .await
        .expect(201);
    erased(&api, &ann).await;

    let rows = api.dump().await;
    for row in &rows {
        let text = row.item.to_string().to_lowercase();
        for trace in [ann.id.as_str(), "sentinel", "canaryofthetraveler"] {
            assert!(!text.contains(trace), "{trace} in {:?} {text}", row.entity);
        }
    }
    for gone in [Entity::SafetySettings, Entity::Engagement] {
        assert!(rows.iter().all(|row| row.entity != gone), "{gone:?}");
    }
    let of = async |booking: &str| asha.get(&format!("{ROOT}/bookings/{booking}")).await.expect(200);
    let kept = of(&done).await;
    assert_eq!(
        (kept.text_of("status"), &kept.data()["traveler_id"]),
        ("completed".to_owned(), &Value::Null)
    );
    assert_eq!(of(&open).await.text_of("status"), "cancelled");
    let shown = api.get(&format!("{ROOT}/guides/{guide}")).await.expect(200);
    let review = &shown.data()["reviews"][0];
    assert_eq!(
        (&review["traveler_id"], &review["review_text"]),
        (&Value::Null, &json!("Lovely"))
    );
    assert_eq!(shown.data()["average_rating"], 4.0);
    // The days are free again.
    let eve = api.user("eve").await;
    let again = booked(&api, &eve, &guide, 28, 29).await;
    step(&asha, &again, "confirm").await.expect(200);
}

#[tokio::test]
async fn of_an_erased_guide_travelers_keep_their_bookings() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let asha = api.registered("sentinel").await;
    let id = asha
        .post(&format!("{ROOT}/guides"), profile("Sentinel"))
        .await
        .expect(201)
        .text_of("id");
    let verify = json!({ "verification_level": "gold" });
    moderator
        .post(&format!("{ROOT}/guides/{id}/verify"), verify)
        .await
        .expect(200);
    let ann = api.user("ann").await;
    let open = booked(&api, &ann, &id, 60, 61).await;
    step(&asha, &open, "confirm").await.expect(200);
    erased(&api, &asha).await;

    api.get(&format!("{ROOT}/guides/{id}")).await.refused(404, "NOT_FOUND");
    let kept = ann.get(&format!("{ROOT}/bookings/{open}")).await.expect(200);
    assert_eq!(
        (kept.text_of("status"), kept.text_of("guide_id")),
        ("cancelled".to_owned(), id.clone())
    );
    let rows = api.dump().await;
    for row in &rows {
        let text = row.item.to_string().to_lowercase();
        for trace in [asha.id.as_str(), "sentinel"] {
            assert!(!text.contains(trace), "{trace} in {:?} {text}", row.entity);
        }
    }
    let left = rows.iter().filter(|row| row.item["pk"]["S"] == format!("GUIDE#{id}"));
    assert_eq!(left.count(), 0);
}
