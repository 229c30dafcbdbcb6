//! Searches: what is found, what it costs, and what happens when a provider does not do its part.

mod activities;
mod cache;
mod destinations;
mod flights;
mod kept;
mod partial;
mod stays;
mod unified;

use serde_json::{Value, json};
use tripsage_sandboxes::Provider;
use tripsage_tests::{Api, User};

use crate::keys::{duffel, stored};

const FLIGHTS: &str = "/api/v1/search/flights";
const STAYS: &str = "/api/v1/search/accommodations";
const ACTIVITIES: &str = "/api/v1/search/activities";
const UNIFIED: &str = "/api/v1/search/unified";

/// Somebody with a key of Duffel, and the key's id.
async fn traveller(api: &Api, name: &str) -> (User, String) {
    let user = api.user(name).await;
    let key = stored(&user, "duffel", &duffel(name)).await;
    api.forget_calls();
    (user, key)
}

fn flights(origin: &str, destination: &str) -> Value {
    json!({ "origin": origin, "destination": destination, "departure_date": "2027-06-01" })
}

fn stays() -> Value {
    json!({ "location": "Tokyo", "check_in": "2027-06-01", "check_out": "2027-06-04", "adults": 2 })
}

/// How often a provider was asked since the calls were last forgotten.
fn asked(api: &Api, provider: Provider) -> usize {
    api.sandboxes().calls(provider).len()
}

/// The report on a provider.
#[track_caller]
fn report<'a>(data: &'a Value, provider: &str) -> &'a Value {
    let reports = data["providers"].as_array().expect("reports");
    let found = reports.iter().find(|report| report["provider"] == provider);
    found.unwrap_or_else(|| panic!("{provider}: {data}"))
}

/// The values of a field of every result, in their order.
fn column<'a>(results: &'a Value, field: &str) -> Vec<&'a Value> {
    results
        .as_array()
        .expect("results")
        .iter()
        .map(|result| &result[field])
        .collect()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(text) => text.parse().unwrap(),
        value => value.as_f64().unwrap_or_else(|| panic!("{value}")),
    }
}
