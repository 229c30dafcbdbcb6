//! Airlines, airports and suggestions of places.

use serde_json::{Value, json};

use super::carrier::{CARRIERS, Carrier};
use super::desk::{Desk, Reply};
use super::refusal::Refusal;
use crate::geography::{self, Airport};

/// `GET /air/airlines`
pub(super) fn airlines(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let items = CARRIERS.iter().map(Carrier::json);
    Reply::page(desk.asked, items.map(identified).collect())
}

/// `GET /air/airlines/{id}`
pub(super) fn airline(id: &str) -> Result<Reply, Refusal> {
    let found = CARRIERS.iter().map(Carrier::json).find(|airline| airline["id"] == id);
    found.map(Reply::ok).ok_or_else(Refusal::not_found)
}

/// `GET /air/airports`
pub(super) fn airports(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let country = desk.asked.query("iata_country_code");
    let wanted = geography::airports().filter(|airport| country.is_none_or(|country| airport.country == country));
    Reply::page(desk.asked, wanted.map(Airport::json).map(identified).collect())
}

/// `GET /air/airports/{id}`
pub(super) fn airport(id: &str) -> Result<Reply, Refusal> {
    let found = geography::airports()
        .map(Airport::json)
        .find(|airport| airport["id"] == id);
    found.map(Reply::ok).ok_or_else(Refusal::not_found)
}

fn identified(item: Value) -> (String, Value) {
    (item["id"].as_str().unwrap_or_default().to_owned(), item)
}

/// `GET /places/suggestions`: a list without pages, empty where nothing matches.
pub(super) fn suggestions(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let number = |name: &str| desk.asked.query(name).and_then(|text| text.parse::<f64>().ok());
    let near = number("lat").zip(number("lng"));
    let metres = number("rad").unwrap_or(100_000.0);
    let query = desk.asked.query("query").map(str::to_lowercase);
    if query.is_none() && near.is_none() {
        return Err(Refusal::new(
            422,
            "validation_error",
            "validation_required",
            "Field 'query' can't be blank",
        ));
    }
    let matches = |airport: &&Airport| {
        let named = query.as_ref().is_none_or(|query| {
            let names = [&airport.iata, &airport.city, &airport.name];
            airport.city_code().to_lowercase() == *query
                || names.iter().any(|name| name.to_lowercase().starts_with(query.as_str()))
        });
        let close = near
            .is_none_or(|point| geography::distance(point, (airport.latitude, airport.longitude)) * 1000.0 <= metres);
        named && close
    };
    let suggestion = |airport: &Airport| {
        let mut body = airport.json();
        body["country_name"] = Value::Null;
        body["airports"] = Value::Null;
        body
    };
    let found: Vec<Value> = geography::airports().filter(matches).map(suggestion).take(20).collect();
    Ok(Reply::ok(json!(found)))
}
