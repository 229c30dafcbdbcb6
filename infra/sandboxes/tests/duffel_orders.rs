//! Buying flights in Duffel's test mode, and giving them back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, HOUR, Lab, MINUTE, OTHER, TOKEN, adult, amount, cheapest, order_of, slice};

#[tokio::test]
async fn special_routes_of_orders() {
    let lab = Lab::start().await;
    let gone = lab.search("LGW", "LHR").await;
    let path = format!("/air/offers/{}", cheapest(&gone)["id"].as_str().unwrap());
    lab.get(&path)
        .await
        .refused(422, "airline_error", "offer_no_longer_available");

    let failing = lab.search("LHR", "LGW").await;
    let answer = lab.post("/air/orders", order_of(cheapest(&failing))).await;
    answer.refused(502, "airline_error", "airline_unknown");
    let poor = lab.search("LGW", "STN").await;
    let answer = lab.post("/air/orders", order_of(cheapest(&poor))).await;
    answer.refused(422, "invalid_state_error", "insufficient_balance");
    assert_eq!(lab.get("/air/orders").await.data(200), json!([]), "no order was made");

    let rising = lab.search("LHR", "STN").await;
    let offer = cheapest(&rising);
    let path = format!("/air/offers/{}", offer["id"].as_str().unwrap());
    let first = lab.get(&path).await.data(200);
    let second = lab.get(&path).await.data(200);
    assert!((amount(&second["total_amount"]) - amount(&first["total_amount"]) - 10.0).abs() < 0.001);
    let answer = lab.post("/air/orders", order_of(&first)).await;
    answer.refused(422, "invalid_state_error", "payment_amount_does_not_match_order_amount");
    lab.post("/air/orders", order_of(&second)).await.data(201);
}

#[tokio::test]
async fn an_order_is_made_once_and_only_its_account_sees_it() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let offer = cheapest(&search);
    let mut wanted = order_of(offer);
    wanted["metadata"] = json!({ "booking": "b-1" });
    let order = lab.post("/air/orders", wanted.clone()).await.data(201);
    assert_eq!(order["type"], "instant");
    assert_eq!(order["live_mode"], false);
    assert_eq!(order["total_amount"], offer["total_amount"]);
    assert_eq!(order["payment_status"]["awaiting_payment"], false);
    assert_eq!(order["documents"][0]["type"], "electronic_ticket");
    assert_eq!(order["metadata"], json!({ "booking": "b-1" }));
    assert_eq!(order["booking_reference"].as_str().unwrap().len(), 6);
    assert!(order["passengers"][0].get("type").is_none());

    let answer = lab.post("/air/orders", wanted).await;
    answer.refused(422, "invalid_state_error", "offer_request_already_booked");
    let found = lab
        .get(&format!("/air/orders?offer_id={}", offer["id"].as_str().unwrap()))
        .await
        .data(200);
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(lab.get("/air/orders?offer_id=off_1").await.data(200), json!([]));
    let path = format!("/air/orders/{}", order["id"].as_str().unwrap());
    let foreign = Answer::of(lab.duffel(OTHER, Method::GET, &path)).await;
    foreign.refused(404, "invalid_request_error", "not_found");
    assert_eq!(lab.sandboxes.duffel().orders(TOKEN).len(), 1);
    assert!(lab.sandboxes.duffel().orders(OTHER).is_empty());

    let body = json!({ "data": { "metadata": { "note": "x" } } });
    let patched = Answer::of(lab.duffel(TOKEN, Method::PATCH, &path).json(&body))
        .await
        .data(200);
    assert_eq!(patched["metadata"], json!({ "note": "x" }), "replaced, not merged");
    let services = lab
        .post(&format!("{path}/services"), json!({ "add_services": [] }))
        .await;
    assert_eq!(
        (services.status.as_u16(), &services.body["errors"][0]["code"]),
        (400, &json!(400))
    );
}

#[tokio::test]
async fn orders_are_validated() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let offer = cheapest(&search);
    let mut wanted = order_of(offer);
    wanted["passengers"][0]["born_on"] = json!("2020-01-01");
    wanted["passengers"][0]["phone_number"] = json!("020 8016 0509");
    wanted["passengers"][0]["gender"] = json!("female");
    wanted["passengers"][0]["family_name"] = json!("");
    let answer = lab.post("/air/orders", wanted).await;
    let pointers: Vec<String> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            error["source"]["pointer"]
                .as_str()
                .unwrap()
                .replace("/passengers/0/", "")
        })
        .collect();
    assert_eq!(answer.status, 422);
    assert_eq!(pointers, ["born_on", "gender", "family_name", "phone_number"]);

    let mut unpaid = order_of(offer);
    unpaid["payments"][0]["amount"] = json!("1.00");
    let answer = lab.post("/air/orders", unpaid).await;
    answer.refused(422, "invalid_state_error", "payment_amount_does_not_match_order_amount");
    let mut card = order_of(offer);
    card["payments"][0]["type"] = json!("card");
    lab.post("/air/orders", card)
        .await
        .refused(403, "invalid_request_error", "unavailable_feature");
    let mut held = order_of(offer);
    held["type"] = json!("pay_later");
    lab.post("/air/orders", held)
        .await
        .refused(422, "validation_error", "validation_inclusion");

    lab.advance(30 * MINUTE);
    lab.post("/air/orders", order_of(offer))
        .await
        .refused(422, "invalid_state_error", "offer_expired");
    assert_eq!(lab.get("/air/orders").await.data(200), json!([]));
}

#[tokio::test]
async fn infants_are_held_by_adults() {
    let lab = Lab::start().await;
    let data = json!({
        "slices": [slice("LHR", "JFK", "2027-06-01")],
        "passengers": [{ "type": "adult" }, { "type": "infant_without_seat" }],
        "cabin_class": "economy",
    });
    let search = lab.post("/air/offer_requests", data).await.data(201);
    let offer = cheapest(&search);
    let mut wanted = order_of(offer);
    let mut baby = adult(&offer["passengers"][1]["id"], "Byron", "Lovelace");
    baby["born_on"] = json!("2026-09-01");
    wanted["passengers"].as_array_mut().unwrap().push(baby);
    let answer = lab.post("/air/orders", wanted.clone()).await;
    answer.refused(422, "validation_error", "validation_required");
    wanted["passengers"][0]["infant_passenger_id"] = offer["passengers"][1]["id"].clone();
    lab.post("/air/orders", wanted).await.data(201);
}

#[tokio::test]
async fn bags_and_seats_cost_extra() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let id = cheapest(&search)["id"].as_str().unwrap().to_owned();
    let offer = lab
        .get(&format!("/air/offers/{id}?return_available_services=true"))
        .await
        .data(200);
    let bag = &offer["available_services"][0];
    assert_eq!(
        (&bag["type"], &bag["total_amount"]),
        (&json!("baggage"), &json!("20.00"))
    );
    let maps = lab.get(&format!("/air/seat_maps?offer_id={id}")).await.data(200);
    let rows = maps[0]["cabins"][0]["rows"].as_array().unwrap();
    let seats = rows
        .iter()
        .flat_map(|row| row["sections"].as_array().unwrap())
        .flat_map(|section| section["elements"].as_array().unwrap())
        .filter_map(|element| element["available_services"][0]["id"].as_str());
    let seat = seats.into_iter().next().unwrap();
    let services = json!([{ "id": bag["id"], "quantity": 1 }, { "id": seat, "quantity": 1 }]);
    let priced = lab
        .post(
            &format!("/air/offers/{id}/actions/price"),
            json!({ "intended_payment_methods": [{ "type": "balance" }], "intended_services": services }),
        )
        .await
        .data(200);
    assert!((amount(&priced["total_amount"]) - amount(&offer["total_amount"]) - 40.0).abs() < 0.001);
    let mut wanted = order_of(&priced);
    wanted["services"] = services;
    let order = lab.post("/air/orders", wanted).await.data(201);
    assert_eq!(order["services"].as_array().unwrap().len(), 2);
    assert_eq!(order["total_amount"], priced["total_amount"]);
}

#[tokio::test]
async fn a_hold_is_paid_later() {
    let lab = Lab::start().await;
    let search = lab.search("JFK", "EWR").await;
    let offer = cheapest(&search);
    let mut wanted = order_of(offer);
    wanted["type"] = json!("hold");
    let answer = lab.post("/air/orders", wanted.clone()).await;
    answer.refused(422, "validation_error", "validation_inclusion");
    wanted.as_object_mut().unwrap().remove("payments");
    let order = lab.post("/air/orders", wanted).await.data(201);
    assert_eq!(order["payment_status"]["awaiting_payment"], true);
    assert_eq!(order["documents"], json!([]));
    let id = order["id"].as_str().unwrap();
    let payment = |amount: &Value| json!({ "order_id": id, "payment": { "type": "balance", "amount": amount, "currency": "GBP" } });
    let answer = lab.post("/air/payments", payment(&json!("1.00"))).await;
    answer.refused(422, "invalid_state_error", "payment_amount_does_not_match_order_amount");
    let paid = lab
        .post("/air/payments", payment(&order["total_amount"]))
        .await
        .data(201);
    assert_eq!(paid["status"], "succeeded");
    lab.post("/air/payments", payment(&order["total_amount"]))
        .await
        .refused(422, "invalid_state_error", "already_paid");
    let listed = lab.get(&format!("/air/payments?order_id={id}")).await.data(200);
    assert_eq!(listed, json!([paid]));
    assert_eq!(
        lab.get(&format!("/air/orders/{id}")).await.data(200)["payment_status"]["awaiting_payment"],
        false
    );
    assert_eq!(lab.get("/air/orders?awaiting_payment=true").await.data(200), json!([]));
}

#[tokio::test]
async fn a_hold_that_is_not_paid_ends() {
    let lab = Lab::start().await;
    let search = lab.search("JFK", "EWR").await;
    let mut wanted = order_of(cheapest(&search));
    wanted["type"] = json!("hold");
    wanted.as_object_mut().unwrap().remove("payments");
    let order = lab.post("/air/orders", wanted).await.data(201);
    lab.advance(72 * HOUR);
    let payment = json!({ "type": "balance", "amount": order["total_amount"], "currency": "GBP" });
    let answer = lab
        .post("/air/payments", json!({ "order_id": order["id"], "payment": payment }))
        .await;
    answer.refused(422, "invalid_state_error", "past_payment_required_by_date");
}

#[tokio::test]
async fn cancelling_gives_everything_back_once() {
    let lab = Lab::start().await;
    let search = lab.search("LHR", "JFK").await;
    let order = lab.post("/air/orders", order_of(cheapest(&search))).await.data(201);
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    assert_eq!(quote["refund_amount"], order["total_amount"]);
    assert_eq!(
        (&quote["refund_to"], &quote["confirmed_at"]),
        (&json!("balance"), &Value::Null)
    );
    assert_eq!(quote["expires_at"], "2027-03-03T11:00:00.000000Z");
    let confirm = format!(
        "/air/order_cancellations/{}/actions/confirm",
        quote["id"].as_str().unwrap()
    );
    lab.advance(HOUR);
    assert_eq!(
        lab.post(&confirm, json!({})).await.status,
        422,
        "the quote stands for an hour"
    );
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    let confirm = format!(
        "/air/order_cancellations/{}/actions/confirm",
        quote["id"].as_str().unwrap()
    );
    assert!(lab.post(&confirm, json!({})).await.data(200)["confirmed_at"].is_string());
    lab.post(&confirm, json!({}))
        .await
        .refused(422, "invalid_state_error", "already_cancelled");
    let answer = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await;
    answer.refused(422, "invalid_state_error", "already_cancelled");
    let order = lab
        .get(&format!("/air/orders/{}", order["id"].as_str().unwrap()))
        .await
        .data(200);
    assert!(order["cancelled_at"].is_string());
    assert_eq!(order["cancellation"]["id"], quote["id"]);
}

#[tokio::test]
async fn refunds_of_holds_and_of_the_credit_route() {
    let lab = Lab::start().await;
    let search = lab.search("LTN", "SYD").await;
    let order = lab.post("/air/orders", order_of(cheapest(&search))).await.data(201);
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    assert_eq!(quote["refund_to"], "airline_credits");
    assert_eq!(quote["airline_credits"].as_array().unwrap().len(), 1);

    let search = lab.search("JFK", "EWR").await;
    let mut wanted = order_of(cheapest(&search));
    wanted["type"] = json!("hold");
    wanted.as_object_mut().unwrap().remove("payments");
    let order = lab.post("/air/orders", wanted).await.data(201);
    let quote = lab
        .post("/air/order_cancellations", json!({ "order_id": order["id"] }))
        .await
        .data(201);
    assert_eq!(
        (&quote["refund_amount"], &quote["refund_to"]),
        (&json!("0.00"), &json!("awaiting_payment"))
    );
}

#[tokio::test]
async fn orders_outlive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("sandboxes");
    let lab = Lab::start_at(Some(&data)).await;
    let search = lab.search("LHR", "JFK").await;
    let order = lab.post("/air/orders", order_of(cheapest(&search))).await.data(201);
    lab.sandboxes.shutdown().await;
    let lab = Lab::start_at(Some(&data)).await;
    let found = lab
        .get(&format!("/air/orders/{}", order["id"].as_str().unwrap()))
        .await
        .data(200);
    assert_eq!(found, order);
    let text = std::fs::read_to_string(data.join("duffel.json")).unwrap();
    assert!(!text.contains(TOKEN), "tokens are not written down");
    let again = lab.post("/air/orders", order_of(cheapest(&search))).await;
    again.refused(422, "invalid_state_error", "offer_request_already_booked");
}
