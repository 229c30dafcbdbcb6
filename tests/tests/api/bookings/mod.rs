//! Bookings: orders at the sandbox of Duffel, and what was bought elsewhere.

mod cancelling;
mod kills;
mod orders;
mod paying;
mod recorded;
mod refused;
mod stays;
mod unknown;
mod webhooks;

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_sandboxes::Provider;
use tripsage_tests::{Answer, Api, User};

use crate::keys::{duffel, stored};

pub(crate) const BOOKINGS: &str = "/api/v1/bookings";

/// Somebody with a key of their own for the sandbox, and the key.
pub(crate) async fn traveller(api: &Api, name: &str) -> (User, String) {
    let (user, token) = (api.user(name).await, duffel(name));
    stored(&user, "duffel", &token).await;
    (user, token)
}

/// The cheapest offer of a flight in some weeks, found with this key.
pub(crate) async fn offer(api: &Api, token: &str, origin: &str, destination: &str, passengers: Value) -> Value {
    let slice = json!({ "origin": origin, "destination": destination, "departure_date": "2027-04-05" });
    let body = json!({ "data": { "slices": [slice], "passengers": passengers, "cabin_class": "economy" } });
    let request = reqwest::Client::new()
        .post(format!(
            "{}/air/offer_requests?return_offers=true",
            api.sandboxes().url(Provider::Duffel)
        ))
        .bearer_auth(token)
        .header("duffel-version", "v2")
        .json(&body);
    let answer = Answer::of(request).await;
    assert!(answer.status < 300, "{}", answer.text);
    let offers = answer.body["data"]["offers"].as_array().unwrap().clone();
    let price = |offer: &Value| offer["total_amount"].as_str().unwrap().parse::<f64>().unwrap();
    offers
        .into_iter()
        .min_by(|a, b| price(a).total_cmp(&price(b)))
        .expect("an offer")
}

/// One adult.
pub(crate) fn adult() -> Value {
    json!([{ "type": "adult" }])
}

/// Somebody who travels.
pub(crate) fn passenger(given_name: &str, born_on: &str) -> Value {
    json!({
        "title": "ms", "gender": "f", "given_name": given_name, "family_name": "Earhart", "born_on": born_on,
        "email": "amelia@example.com", "phone_number": "+442080160509",
    })
}

/// An order of an offer for one adult.
pub(crate) fn order(offer: &Value) -> Value {
    json!({
        "kind": "flight", "offer_id": offer["id"], "type": "instant",
        "passengers": [passenger("Amelia", "1987-07-24")],
        "expected_total": { "amount": offer["total_amount"], "currency": offer["total_currency"] },
    })
}

/// Posts with an idempotency key.
pub(crate) async fn post(user: &User, path: &str, key: &str, body: &Value) -> Answer {
    let request = user
        .request(Method::POST, path)
        .header("idempotency-key", key)
        .json(body);
    Answer::of(request).await
}

/// The names of a booking's events, in order.
pub(crate) async fn events(user: &User, booking: &str) -> Vec<String> {
    let answer = user
        .get(&format!("{BOOKINGS}/{booking}/events?per_page=100"))
        .await
        .expect(200);
    let events = answer.data().as_array().unwrap().clone();
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["number"], json!(index + 1), "numbered without a gap");
    }
    events
        .iter()
        .map(|event| event["event"].as_str().unwrap().to_owned())
        .collect()
}

/// The items of a trip.
pub(crate) async fn items(user: &User, trip: &str) -> Vec<Value> {
    let answer = user.get(&format!("/api/v1/trips/{trip}/items")).await.expect(200);
    answer.data().as_array().unwrap().clone()
}

/// Orders that the sandbox has of this key.
pub(crate) fn orders(api: &Api, token: &str) -> Vec<Value> {
    api.sandboxes().duffel().orders(token)
}

/// How often the sandbox was asked this.
pub(crate) fn asked(api: &Api, method: &str, path: &str) -> usize {
    let calls = api.sandboxes().calls(Provider::Duffel);
    calls
        .iter()
        .filter(|call| call.method == method && call.path.split('?').next() == Some(path))
        .count()
}

pub(crate) fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_secs(minutes * 60)
}

/// Lets somebody use what there is of bookings, with `canary` in every text that is theirs: an order that is held, and
/// one that was written down.
pub(crate) async fn use_bookings(api: &Api, user: &User, canary: &str) {
    let token = duffel(&user.name);
    stored(user, "duffel", &token).await;
    let offer = offer(api, &token, "JFK", "EWR", adult()).await;
    let mut body = order(&offer);
    body["type"] = "hold".into();
    body["notes"] = canary.into();
    body["passengers"][0]["given_name"] = canary.into();
    post(user, BOOKINGS, "held", &body).await.expect(201);
    let body = json!({ "kind": "activity", "title": canary, "place": canary, "notes": canary });
    post(user, BOOKINGS, "recorded", &body).await.expect(201);
}
