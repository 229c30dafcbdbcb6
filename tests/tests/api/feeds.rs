use serde_json::json;
use tripsage_tests::{Api, User};

use crate::copies::{Planned, plan};

async fn feed(user: &User, trip: &str) -> String {
    let made = user
        .post(&format!("/api/v1/trips/{trip}/calendar-feed"), json!({}))
        .await
        .expect(201);
    assert!(
        made.text_of("url")
            .ends_with(&format!("/api/v1/feeds/{}.ics", made.text_of("token")))
    );
    format!("/api/v1/feeds/{}.ics", made.text_of("token"))
}

#[tokio::test]
async fn a_feed_is_a_calendar_for_whoever_has_its_address() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    plan(&api, &alice, &trip, &[Planned::train(1)]).await;
    let path = feed(&alice, &trip).await;
    let calendar = api.get(&path).await.expect(200);
    assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(calendar.header("cache-control"), "no-store");
    assert!(calendar.text.starts_with("BEGIN:VCALENDAR"));
    assert_eq!(calendar.text.matches("BEGIN:VEVENT").count(), 2);
    let again = api
        .request(reqwest::Method::GET, &path)
        .header("if-none-match", calendar.header("etag"));
    tripsage_tests::Answer::of(again).await.expect(304);

    alice
        .patch(&format!("/api/v1/trips/{trip}"), json!({ "status": "cancelled" }))
        .await
        .expect(200);
    assert!(api.get(&path).await.expect(200).text.contains("STATUS:CANCELLED"));
    alice.delete(&format!("/api/v1/trips/{trip}")).await.expect(200);
    api.get(&path).await.refused(404, "NOT_FOUND");
    alice
        .post(&format!("/api/v1/trips/{trip}/restore"), json!({}))
        .await
        .expect(200);
    api.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_new_feed_ends_the_old_one_and_each_member_has_their_own() {
    let api = Api::start().await;
    let (alice, ben) = (api.user("alice").await, api.user("ben").await);
    let trip = alice.trip("Japan").await;
    let body = json!({ "usernames": ["ben"], "permission_level": "view" });
    alice
        .post(&format!("/api/v1/trips/{trip}/share"), body.clone())
        .await
        .expect(200);
    let (hers, his) = (feed(&alice, &trip).await, feed(&ben, &trip).await);
    let newer = feed(&alice, &trip).await;
    api.get(&hers).await.refused(404, "NOT_FOUND");
    api.get(&newer).await.expect(200);
    api.get(&his).await.expect(200);

    // Who is removed has no calendar from then on, and does not get it back by coming back.
    alice
        .delete(&format!("/api/v1/trips/{trip}/collaborators/{}", ben.id))
        .await
        .expect(200);
    api.get(&his).await.refused(404, "NOT_FOUND");
    ben.post(&format!("/api/v1/trips/{trip}/calendar-feed"), json!({}))
        .await
        .refused(404, "NOT_FOUND");
    api.advance(jiff::SignedDuration::from_secs(1));
    alice
        .post(&format!("/api/v1/trips/{trip}/share"), body)
        .await
        .expect(200);
    api.get(&his).await.refused(404, "NOT_FOUND");

    alice
        .delete(&format!("/api/v1/trips/{trip}/calendar-feed"))
        .await
        .expect(200);
    api.get(&newer).await.refused(404, "NOT_FOUND");
    alice
        .delete(&format!("/api/v1/trips/{trip}/calendar-feed"))
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn an_address_that_leads_nowhere_is_not_found() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = alice.trip("Japan").await;
    let good = feed(&alice, &trip).await;
    let bare = good.strip_suffix(".ics").unwrap();
    for wrong in [
        "/api/v1/feeds/x.ics".to_owned(),
        bare.to_owned(),
        format!("{}AAAA.ics", &bare[..bare.len() - 4]),
        good.replace("/feeds/", "/feeds/A"),
        good.replace("/feeds/", "/shared/").replace(".ics", ""),
    ] {
        api.get(&wrong).await.refused(404, "NOT_FOUND");
    }
}
