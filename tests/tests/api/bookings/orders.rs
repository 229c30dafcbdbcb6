//! Orders that come about.

use serde_json::{Value, json};
use tripsage_tests::Api;

use super::{BOOKINGS, adult, asked, events, items, minutes, offer, order, orders, passenger, post, traveller};

#[tokio::test]
async fn the_cheapest_offer_becomes_a_booking_and_an_item_of_the_trip() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let trip = ann.trip("New York").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    let mut body = order(&offer);
    body["trip_id"] = trip.as_str().into();
    let answer = post(&ann, BOOKINGS, "first", &body).await.expect(201);
    let booking = answer.data();
    let id = answer.text_of("id");
    assert_eq!(answer.header("location"), format!("{BOOKINGS}/{id}"));
    assert_eq!(
        (
            &booking["status"],
            &booking["kind"],
            &booking["source"],
            &booking["live_mode"]
        ),
        (&json!("booked"), &json!("flight"), &json!("duffel"), &json!(false))
    );
    let made = orders(&api, &token);
    assert_eq!(made.len(), 1);
    assert_eq!(booking["order_id"], made[0]["id"]);
    assert_eq!(booking["confirmation_number"], made[0]["booking_reference"]);
    assert_eq!(made[0]["metadata"]["booking_id"], json!(id));
    let price = json!({ "amount": offer["total_amount"], "currency": offer["total_currency"] });
    assert_eq!(booking["price"], price);
    assert_eq!(
        booking["travellers"],
        json!([{ "given_name": "Amelia", "family_name": "Earhart" }])
    );
    let found = ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200);
    assert_eq!(found.data(), booking);
    assert_eq!(
        events(&ann, &id).await,
        [
            "offer.priced",
            "order.sending",
            "order.created",
            "booking.confirmed",
            "trip.attached"
        ]
    );

    let items = items(&ann, &trip).await;
    assert_eq!(items.len(), 1);
    let item = &items[0];
    assert_eq!(booking["item_ids"], json!([item["id"]]));
    assert_eq!(
        (&item["type"], &item["status"], &item["cost"]),
        (&json!("flight"), &json!("booked"), &price)
    );
    assert_eq!(item["booking_reference"], booking["confirmation_number"]);
    assert_eq!(item["details"]["origin"], "LHR");
    assert_eq!(item["start"]["time_zone"], "Europe/London");
    assert_eq!(item["end"]["time_zone"], "America/New_York");
    assert_eq!(
        item["start"]["local_time"],
        booking["segments"][0]["departs"]["local_time"]
    );
    let versions = ann.get(&format!("/api/v1/trips/{trip}/versions")).await.expect(200);
    assert_eq!(versions.data()[0]["action"], "booking.attached");

    let activity = ann.get("/api/v1/users/me/activity").await.expect(200);
    let actions: Vec<&str> = activity
        .data()
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["action"].as_str())
        .collect();
    assert!(
        actions.contains(&"booking.confirmed") && actions.contains(&"booking.ordered"),
        "{actions:?}"
    );

    // Nothing is left to be looked at.
    assert_eq!(api.run_job(tripsage_tests::Job::SettleBookings).await.unwrap().done, 0);
    api.advance(minutes(60 * 24));
    assert_eq!(api.run_job(tripsage_tests::Job::SettleBookings).await.unwrap().done, 0);
}

#[tokio::test]
async fn nothing_of_a_traveller_is_kept_but_the_name() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    let mut body = order(&offer);
    body["passengers"][0]["identity_document"] =
        json!({ "type": "passport", "number": "CANARY-PASSPORT", "issuing_country": "gb", "expires_on": "2030-01-01" });
    body["passengers"][0]["email"] = "canary-mail@example.com".into();
    body["passengers"][0]["phone_number"] = "+442080169999".into();
    post(&ann, BOOKINGS, "k", &body).await.expect(201);
    let rows: String = api.dump().await.iter().map(|row| row.item.to_string()).collect();
    assert!(rows.contains("Earhart"));
    for secret in ["CANARY-PASSPORT", "canary-mail", "2080169999", "1987-07-24"] {
        assert!(!rows.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_family_travels_with_the_infant_on_a_lap() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let people = json!([{ "type": "adult" }, { "age": 11 }, { "type": "infant_without_seat" }]);
    let offer = offer(&api, &token, "LHR", "DXB", people).await;
    let mut body = order(&offer);
    body["passengers"] = json!([
        passenger("Amelia", "1987-07-24"),
        passenger("Ben", "2015-06-01"),
        passenger("Cleo", "2026-06-01"),
    ]);
    let trip = ann.trip("Dubai").await;
    body["trip_id"] = trip.as_str().into();
    post(&ann, BOOKINGS, "k", &body).await.expect(201);
    let people = orders(&api, &token)[0]["passengers"].as_array().unwrap().len();
    assert_eq!(people, 3);
    // Two flights: two items, and the price once.
    let items = items(&ann, &trip).await;
    assert_eq!(items.len(), 2);
    assert_eq!(items.iter().filter(|item| !item["cost"].is_null()).count(), 1);
}

#[tokio::test]
async fn a_hundred_identical_requests_make_one_order() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let trip = ann.trip("New York").await;
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    let mut body = order(&offer);
    body["trip_id"] = trip.as_str().into();
    let mut attempts = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (ann, body) = (ann.clone(), body.clone());
        attempts.spawn(async move { post(&ann, BOOKINGS, "same", &body).await });
    }
    let answers = attempts.join_all().await;
    let made: Vec<&Value> = answers
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.data())
        .collect();
    assert!(!made.is_empty() && made.windows(2).all(|pair| pair[0] == pair[1]));
    for answer in &answers {
        assert!(
            answer.status == 201 || answer.body["code"] == "REQUEST_IN_PROGRESS",
            "{}",
            answer.text
        );
    }
    let again = post(&ann, BOOKINGS, "same", &body).await.expect(201);
    assert_eq!((again.data(), again.header("idempotency-replayed")), (made[0], "true"));
    assert_eq!(asked(&api, "POST", "/air/orders"), 1);
    assert_eq!(orders(&api, &token).len(), 1);
    let listed = ann.get(BOOKINGS).await.expect(200);
    assert_eq!(listed.data().as_array().unwrap().len(), 1);
    assert_eq!(items(&ann, &trip).await.len(), 1);
}

#[tokio::test]
async fn the_same_key_long_after_is_the_same_booking_and_another_request_is_refused() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let (ben, other) = traveller(&api, "ben").await;
    let first = offer(&api, &token, "LHR", "JFK", adult()).await;
    let made = post(&ann, BOOKINGS, "k", &order(&first)).await.expect(201);
    post(&ann, BOOKINGS, "k", &json!({ "kind": "flight" }))
        .await
        .refused(422, "IDEMPOTENCY_KEY_REUSED");
    let theirs = offer(&api, &other, "LHR", "JFK", adult()).await;
    let second = post(&ben, BOOKINGS, "k", &order(&theirs)).await.expect(201);
    assert_ne!(
        second.text_of("id"),
        made.text_of("id"),
        "keys of two people have nothing to do with each other"
    );

    // The answer is forgotten after a day, the booking is not.
    api.advance(minutes(60 * 25));
    let again = post(&ann, BOOKINGS, "k", &order(&first)).await.expect(201);
    assert_eq!(again.text_of("id"), made.text_of("id"));
    api.advance(minutes(60 * 25));
    let mut changed = order(&first);
    changed["passengers"][0]["given_name"] = "Ada".into();
    post(&ann, BOOKINGS, "k", &changed)
        .await
        .refused(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(orders(&api, &token).len(), 1);
}

#[tokio::test]
async fn a_trip_that_is_gone_or_full_never_costs_the_booking() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let trip = ann.trip("Full").await;
    for index in 0..200 {
        let body = json!({ "type": "note", "title": format!("{index}") });
        ann.post(&format!("/api/v1/trips/{trip}/items"), body).await.expect(201);
    }
    let offer = offer(&api, &token, "LHR", "JFK", adult()).await;
    let mut body = order(&offer);
    body["trip_id"] = trip.as_str().into();
    let answer = post(&ann, BOOKINGS, "k", &body).await.expect(201);
    assert_eq!(
        (&answer.data()["status"], &answer.data()["not_attached"]),
        (&json!("booked"), &json!(true))
    );
    let id = answer.text_of("id");
    assert_eq!(events(&ann, &id).await.last().unwrap(), "trip.not_attached");
    let listed = ann.get(&format!("/api/v1/trips/{trip}/items")).await.expect(200);
    assert_eq!(listed.body["pagination"]["total"], 200);
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let trip = ann.trip("New York").await;
    let mut ids = Vec::new();
    for index in 0..7 {
        api.advance(minutes(1));
        let body = json!({
            "kind": if index % 2 == 0 { "activity" } else { "accommodation" }, "recorded": true,
            "title": format!("{index}"), "start": { "date": format!("2027-04-{:02}", index + 1) },
            "trip_id": if index < 3 { json!(trip) } else { Value::Null },
            "status": if index == 6 { "saved" } else { "booked" },
        });
        ids.push(
            post(&ann, BOOKINGS, &format!("k{index}"), &body)
                .await
                .expect(201)
                .text_of("id"),
        );
    }
    let flight = offer(&api, &token, "LHR", "JFK", adult()).await;
    api.advance(minutes(1));
    ids.push(
        post(&ann, BOOKINGS, "flight", &order(&flight))
            .await
            .expect(201)
            .text_of("id"),
    );
    ids.reverse();
    let listed = async |query: &str| {
        let answer = ann.get(&format!("{BOOKINGS}?{query}")).await.expect(200);
        let list = answer.data().as_array().unwrap().clone();
        list.iter()
            .map(|booking| booking["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, ids, "newest first");
    for (query, count) in [
        ("kind=activity", 4),
        ("kind=flight", 1),
        ("status=saved", 1),
        ("status=booked&kind=accommodation", 3),
        ("from=2027-04-03&to=2027-04-05", 4),
        ("to=2027-04-01", 1),
    ] {
        assert_eq!(listed(query).await.len(), count, "{query}");
    }
    assert_eq!(listed(&format!("trip_id={trip}")).await.len(), 3);
    let mut walked = Vec::new();
    let mut cursor = String::new();
    loop {
        let answer = ann.get(&format!("{BOOKINGS}?per_page=3{cursor}")).await.expect(200);
        walked.extend(
            answer
                .data()
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        match answer.body["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked, ids);
    for (query, field) in [
        ("status=viewed", "status"),
        ("kind=cruise", "kind"),
        ("from=tomorrow", "from"),
        ("trip_id=x", "trip_id"),
        ("per_page=0", "per_page"),
    ] {
        ann.get(&format!("{BOOKINGS}?{query}")).await.refused_field(field);
    }
    let (ben, _) = traveller(&api, "ben").await;
    assert_eq!(ben.get(BOOKINGS).await.expect(200).data(), &json!([]));
    for path in ["", "/events"] {
        ben.get(&format!("{BOOKINGS}/{}{path}", ids[0]))
            .await
            .refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn what_a_booking_costs() {
    let api = Api::start().await;
    let (ann, token) = traveller(&api, "ann").await;
    let trip = ann.trip("New York").await;
    let first = offer(&api, &token, "LHR", "JFK", adult()).await;
    // The key is proven, and the process knows who is asking.
    let id = post(&ann, BOOKINGS, "first", &order(&first))
        .await
        .expect(201)
        .text_of("id");
    let calls = async || {
        let (dynamodb, redis) = api.calls();
        let kms = api
            .cloud()
            .aws()
            .calls()
            .iter()
            .filter(|call| call.operation.as_deref() == Some("Decrypt"))
            .count();
        let duffel = api.sandboxes().calls(tripsage_sandboxes::Provider::Duffel).len();
        api.forget_calls();
        api.sandboxes().reset();
        (dynamodb.join(" "), redis, kms, duffel)
    };
    calls().await;
    ann.get(&format!("{BOOKINGS}/{id}")).await.expect(200);
    assert_eq!(calls().await, ("GetItem".to_owned(), 1, 0, 0));
    ann.get(BOOKINGS).await.expect(200);
    assert_eq!(calls().await, ("Query BatchGetItem".to_owned(), 1, 0, 0));
    ann.get(&format!("{BOOKINGS}/{id}/events")).await.expect(200);
    assert_eq!(calls().await, ("GetItem Query".to_owned(), 1, 0, 0));

    let second = offer(&api, &token, "LHR", "DXB", adult()).await;
    let mut body = order(&second);
    body["trip_id"] = trip.as_str().into();
    calls().await;
    post(&ann, BOOKINGS, "second", &body).await.expect(201);
    // Claim; the booking, the trip, the keys; the use of the key; about to be ordered; ordered; the trip again, confirmed
    // in it; the answer. The offer and the order are all that the provider is asked.
    let order = "PutItem GetItem GetItem Query TransactWriteItems TransactWriteItems TransactWriteItems GetItem \
                 TransactWriteItems TransactWriteItems";
    assert_eq!(calls().await, (order.to_owned(), 1, 1, 2));
}
