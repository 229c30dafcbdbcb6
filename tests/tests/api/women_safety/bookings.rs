use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use tripsage_tests::{Answer, Api};

use super::{ROOT, applied, booked, in_days, moderator, step, verified};

#[tokio::test]
async fn a_booking_from_its_beginning_to_its_end() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let ann = api.user("ann").await;
    let body = json!({
        "destination": "Jaipur", "start_date": in_days(&api, 10), "end_date": in_days(&api, 12), "group_size": 2,
        "notes": "Hello!",
    });
    let made = ann.post(&format!("{ROOT}/guides/{guide}/book"), body).await.expect(201);
    let booking = made.text_of("id");
    assert_eq!(made.header("location"), format!("{ROOT}/bookings/{booking}"));
    // Three days of eight hours at 25.00.
    assert_eq!(
        (
            made.data()["status"].clone(),
            made.data()["total_cost_usd"].clone(),
            made.data()["duration_days"].clone()
        ),
        (json!("pending"), json!("600.00"), json!(3))
    );
    // A later change of the rate changes nothing.
    let path = format!("{ROOT}/guides/{guide}");
    asha.patch(&path, json!({ "hourly_rate_usd": 99 })).await.expect(200);

    step(&ann, &booking, "confirm")
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    step(&asha, &booking, "complete").await.refused(409, "CONFLICT");
    let confirmed = step(&asha, &booking, "confirm").await.expect(200);
    assert_eq!(confirmed.data()["status"], "confirmed");
    assert!(confirmed.data()["confirmation_date"].is_string());
    step(&asha, &booking, "confirm").await.refused(409, "CONFLICT");
    step(&asha, &booking, "complete").await.refused(409, "CONFLICT");

    let path = format!("{ROOT}/bookings/{booking}");
    ann.patch(&path, json!({ "notes": "at noon" })).await.expect(200);
    let noted = asha.patch(&path, json!({ "notes": "by car" })).await.expect(200);
    assert_eq!(
        (&noted.data()["notes_from_traveler"], &noted.data()["notes_from_guide"]),
        (&json!("at noon"), &json!("by car"))
    );
    asha.patch(&path, json!({})).await.refused_field("notes");

    api.advance(SignedDuration::from_hours(12 * 24));
    step(&ann, &booking, "complete")
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let completed = step(&asha, &booking, "complete").await.expect(200);
    assert_eq!(
        (
            completed.data()["status"].clone(),
            completed.data()["total_cost_usd"].clone()
        ),
        (json!("completed"), json!("600.00"))
    );
    let events = completed.data()["events"].as_array().unwrap();
    let log: Vec<_> = events
        .iter()
        .map(|event| (event["status"].as_str(), event["actor"].as_str()))
        .collect();
    assert_eq!(
        log,
        [
            (Some("pending"), Some("traveler")),
            (Some("confirmed"), Some("guide")),
            (Some("completed"), Some("guide"))
        ]
    );
    step(&ann, &booking, "cancel").await.refused(409, "CONFLICT");
    let shown = api.get(&format!("{ROOT}/guides/{guide}")).await.expect(200);
    assert_eq!(
        (
            &shown.data()["successful_trips_count"],
            &shown.data()["women_travelers_guided"]
        ),
        (&json!(1), &json!(2))
    );
    let trail = asha.get("/api/v1/users/me/activity?per_page=100").await.expect(200);
    for action in ["guide.applied", "guide.booking.confirmed", "guide.booking.completed"] {
        assert!(trail.text.contains(action), "{action}");
    }
}

#[tokio::test]
async fn what_cannot_be_booked() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let (_, pending) = applied(&api, "rani").await;
    let ann = api.user("ann").await;
    let path = format!("{ROOT}/guides/{guide}/book");
    let day = |days| in_days(&api, days).to_string();
    let good = json!({ "destination": "Jaipur", "start_date": day(1), "end_date": day(2) });
    for (field, value) in [
        ("destination", json!("")),
        ("destination", json!(null)),
        ("start_date", json!(null)),
        ("start_date", json!(day(-1))),
        ("start_date", json!(day(800))),
        ("start_date", json!("tomorrow")),
        ("end_date", json!(day(0))),
        ("end_date", json!(day(91))),
        ("group_size", json!(0)),
        ("group_size", json!(5)),
        ("total_cost_usd", json!("1.00")),
        ("status", json!("confirmed")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        ann.post(&path, body).await.refused_field(field);
    }
    asha.post(&path, good.clone())
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    api.post(&path, good.clone())
        .await
        .refused(401, "MISSING_AUTHORIZATION");
    let none = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
    for id in [none, "nobody"] {
        ann.post(&format!("{ROOT}/guides/{id}/book"), good.clone())
            .await
            .refused(404, "NOT_FOUND");
    }
    ann.post(&format!("{ROOT}/guides/{pending}/book"), good.clone())
        .await
        .refused(409, "CONFLICT");
    let profile = format!("{ROOT}/guides/{guide}");
    for (availability, status) in [("busy", 409), ("unavailable", 409), ("available", 201)] {
        asha.patch(&profile, json!({ "availability_status": availability }))
            .await
            .expect(200);
        ann.post(&path, good.clone()).await.expect(status);
    }
    let waiting = booked(&api, &ann, &guide, 1, 1).await;
    let until = (api.now() + SignedDuration::from_hours(5)).to_string();
    let suspension = json!({ "reason": "complaints", "until": until });
    moderator
        .post(&format!("{profile}/suspend"), suspension)
        .await
        .expect(200);
    ann.post(&path, good.clone()).await.refused(409, "CONFLICT");
    step(&asha, &waiting, "confirm").await.refused(409, "CONFLICT");
    api.advance(SignedDuration::from_hours(5));
    ann.post(&path, good).await.expect(201);
}

#[tokio::test]
async fn a_booking_is_between_two() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let (rani, _) = verified(&api, &moderator, "rani").await;
    let ann = api.user("ann").await;
    let booking = booked(&api, &ann, &guide, 3, 4).await;
    let path = format!("{ROOT}/bookings/{booking}");
    for stranger in [&rani, &moderator, &api.user("eve").await] {
        stranger.get(&path).await.refused(404, "NOT_FOUND");
        stranger
            .patch(&path, json!({ "notes": "x" }))
            .await
            .refused(404, "NOT_FOUND");
        for name in ["confirm", "complete", "cancel"] {
            step(stranger, &booking, name).await.refused(404, "NOT_FOUND");
        }
    }
    for side in [&ann, &asha] {
        assert_eq!(side.get(&path).await.expect(200).text_of("id"), booking);
    }
    let cancel = json!({ "reason": "ill" });
    let stale = ann
        .request(Method::POST, &format!("{path}/cancel"))
        .header("if-match", "\"7\"");
    Answer::of(stale.json(&cancel))
        .await
        .refused(412, "PRECONDITION_FAILED");
    let cancelled = ann.post(&format!("{path}/cancel"), cancel).await.expect(200);
    assert_eq!(cancelled.data()["cancellation_reason"], "ill");
    assert_eq!(cancelled.header("etag"), "\"2\"");
    step(&asha, &booking, "confirm").await.refused(409, "CONFLICT");
}

#[tokio::test]
async fn each_side_lists_its_bookings() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let ann = api.user("ann").await;
    let mut made = Vec::new();
    for days in 1..=5 {
        made.insert(0, booked(&api, &ann, &guide, days, days).await);
        api.advance(SignedDuration::from_secs(1));
    }
    step(&asha, &made[1], "confirm").await.expect(200);
    let path = format!("{ROOT}/bookings");
    for (user, side) in [(&ann, "traveler"), (&asha, "guide")] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = user
                .get(&format!("{path}?as={side}&per_page=2{cursor}"))
                .await
                .expect(200);
            let ids = page.data().as_array().unwrap().iter();
            seen.extend(ids.map(|booking| booking["id"].as_str().unwrap().to_owned()));
            match page.body["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, made, "{side}");
        let page = user
            .get(&format!("{path}?as={side}&status=confirmed"))
            .await
            .expect(200);
        assert_eq!(page.data().as_array().unwrap().len(), 1);
    }
    assert_eq!(asha.get(&path).await.expect(200).data(), &json!([]));
    assert_eq!(
        ann.get(&format!("{path}?as=guide")).await.expect(200).data(),
        &json!([])
    );
    ann.get(&format!("{path}?as=nobody")).await.refused_field("as");
    ann.get(&format!("{path}?status=open")).await.refused_field("status");
}

#[tokio::test]
async fn no_day_is_confirmed_twice_however_many_try() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let ann = api.user("ann").await;
    let mut bookings = Vec::new();
    // Eight that all overlap, and two that overlap none.
    for (from, to) in [
        (10, 14),
        (9, 10),
        (10, 10),
        (14, 20),
        (1, 30),
        (12, 13),
        (11, 12),
        (13, 40),
        (50, 51),
        (52, 53),
    ] {
        bookings.push(booked(&api, &ann, &guide, from, to).await);
    }
    let tries = bookings.iter().cloned().map(|booking| {
        let asha = asha.clone();
        tokio::spawn(async move { step(&asha, &booking, "confirm").await.status })
    });
    let mut statuses = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        statuses.push(attempt.await.unwrap());
    }
    assert_eq!(statuses[8..], [200, 200]);
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 409)),
        "{statuses:?}"
    );
    let page = asha
        .get(&format!("{ROOT}/bookings?as=guide&status=confirmed"))
        .await
        .expect(200);
    let mut days: Vec<(String, String)> = page
        .data()
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["start_date"].as_str().unwrap().to_owned(),
                one["end_date"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    days.sort();
    assert!(days.windows(2).all(|pair| pair[0].1 < pair[1].0), "{days:?}");
    assert!(days.len() >= 3);
    // A cancelled booking gives its days back.
    let first = bookings[..8]
        .iter()
        .zip(&statuses)
        .find(|(_, status)| **status == 200)
        .unwrap()
        .0;
    let other = booked(&api, &ann, &guide, 1, 40).await;
    step(&asha, &other, "confirm").await.refused(409, "CONFLICT");
    for booking in bookings[..8]
        .iter()
        .zip(&statuses)
        .filter(|(_, status)| **status == 200)
    {
        step(&asha, booking.0, "cancel").await.expect(200);
    }
    assert_eq!(
        asha.get(&format!("{ROOT}/bookings/{first}"))
            .await
            .expect(200)
            .text_of("status"),
        "cancelled"
    );
    step(&asha, &other, "confirm").await.expect(200);
}

#[tokio::test]
async fn a_repeated_request_books_once() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (_, guide) = verified(&api, &moderator, "asha").await;
    let ann = api.user("ann").await;
    let body = json!({ "destination": "Jaipur", "start_date": in_days(&api, 1), "end_date": in_days(&api, 1) });
    let mut ids = Vec::new();
    for _ in 0..3 {
        let request = ann
            .request(Method::POST, &format!("{ROOT}/guides/{guide}/book"))
            .header("idempotency-key", "once")
            .json(&body);
        ids.push(Answer::of(request).await.expect(201).text_of("id"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let page = ann.get(&format!("{ROOT}/bookings")).await.expect(200);
    assert_eq!(page.data().as_array().unwrap().len(), 1);
}
