use jiff::SignedDuration;
use serde_json::json;
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Job, Report};

use super::made;

#[tokio::test]
async fn a_deleted_itinerary_is_purged_when_it_can_no_longer_be_brought_back() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let path = made(
        &alice,
        &json!({ "title": "PurgedCanary", "women_safe_certified": true }),
    )
    .await;
    let day = json!({ "day_number": 1, "title": "PurgedCanary" });
    alice.post(&format!("{path}/days"), day).await.expect(201);
    let points = json!([{ "lat": 1, "lng": 2 }, { "lat": 1, "lng": 3 }]);
    alice
        .put(&format!("{path}/route"), json!({ "route_waypoints": points }))
        .await
        .expect(200);
    let kept = made(&alice, &json!({})).await;
    for path in [&path, &kept] {
        alice.delete(path).await.expect(200);
    }
    alice.post(&format!("{kept}/restore"), json!({})).await.expect(200);
    api.advance(SignedDuration::from_hours(30 * 24));
    assert_eq!(api.run_job(Job::PurgeItineraries).await.unwrap(), Report::default());
    api.advance(SignedDuration::from_secs(1));
    assert_eq!(api.run_job(Job::PurgeItineraries).await.unwrap().done, 1);
    let id = path.rsplit('/').next().unwrap();
    let rows = api.dump().await;
    for row in rows
        .iter()
        .filter(|row| !matches!(row.entity, Entity::Audit | Entity::Idempotency))
    {
        let text = row.item.to_string();
        assert!(!text.contains(id) && !text.contains("PurgedCanary"), "{text}");
    }
    assert!(
        !rows.iter().any(|row| row.entity == Entity::Due),
        "nothing is left to do"
    );
    alice.get(&kept).await.expect(200);
}
