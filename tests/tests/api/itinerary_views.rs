//! Who has seen an itinerary.

use futures_util::future::join_all;
use serde_json::json;
use tripsage_tests::Api;

use crate::itineraries::made;

#[tokio::test]
async fn a_view_is_counted_once_for_a_traveller_or_a_session() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let path = made(&alice, &json!({})).await;
    let view = format!("{path}/view");
    let told = |count: i64, is_new: bool| json!({ "view_count": count, "is_new_view": is_new });
    assert_eq!(bob.post(&view, json!({})).await.expect(200).data(), &told(1, true));
    api.project().await;
    assert_eq!(bob.post(&view, json!({})).await.expect(200).data(), &told(1, false));
    // Whoever is signed in is known by that, whatever their client calls itself.
    let other = bob.post(&view, json!({ "session_id": "tablet" })).await.expect(200);
    assert_eq!(other.data(), &told(1, false));
    assert_eq!(
        api.post(&view, json!({ "session_id": "s1" })).await.expect(200).data(),
        &told(2, true)
    );
    assert_eq!(
        api.post(&view, json!({ "session_id": "s2" })).await.expect(200).data(),
        &told(2, true)
    );
    api.project_twice().await;
    assert_eq!(
        api.post(&view, json!({ "session_id": "s1" })).await.expect(200).data(),
        &told(3, false)
    );
    // Looking at one's own does not count, and neither does reading.
    assert_eq!(alice.post(&view, json!({})).await.expect(200).data(), &told(3, false));
    bob.get(&path).await.expect(200);
    api.project().await;
    assert_eq!(alice.post(&view, json!({})).await.expect(200).data(), &told(3, false));
    // Another itinerary is another matter.
    let path = made(&alice, &json!({})).await;
    let view = format!("{path}/view");
    assert_eq!(bob.post(&view, json!({})).await.expect(200).data(), &told(1, true));
}

#[tokio::test]
async fn the_same_viewer_many_times_at_once_is_one_view() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let view = format!("{}/view", made(&alice, &json!({})).await);
    let answers = join_all((0..20).map(|_| bob.post(&view, json!({})))).await;
    let new = answers
        .into_iter()
        .filter(|answer| answer.data()["is_new_view"] == true)
        .count();
    assert_eq!(new, 1);
    api.project().await;
    assert_eq!(alice.post(&view, json!({})).await.expect(200).data()["view_count"], 1);
}

#[tokio::test]
async fn a_session_has_to_be_named_by_whoever_is_not_signed_in() {
    let api = Api::start().await;
    let (alice, bob) = (api.user("alice").await, api.user("bob").await);
    let view = format!("{}/view", made(&alice, &json!({})).await);
    api.post(&view, json!({})).await.refused_field("session_id");
    api.post(&view, json!({ "session_id": "" }))
        .await
        .refused_field("session_id");
    api.post(&view, json!({ "session_id": "x".repeat(129) }))
        .await
        .refused_field("session_id");
    bob.post(&view, json!({ "session_id": "x".repeat(129) }))
        .await
        .refused_field("session_id");
    bob.post(&view, json!({ "view_count": 1000 }))
        .await
        .refused_field("view_count");
    let draft = format!("{}/view", made(&alice, &json!({ "is_published": false })).await);
    bob.post(&draft, json!({})).await.refused(404, "NOT_FOUND");
    api.post(&draft, json!({ "session_id": "s" }))
        .await
        .refused(404, "NOT_FOUND");
    assert_eq!(
        alice.post(&draft, json!({})).await.expect(200).data()["is_new_view"],
        false
    );
}
