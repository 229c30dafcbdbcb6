//! Searches.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Refusal;
use super::attraction::{self, Attraction};
use crate::geography;

/// Pages end here, as Google's do.
const MOST: usize = 60;
const CITY_KILOMETRES: f64 = 15.0;

/// `POST /v1/places:searchText`
pub(super) fn text(body: &Value) -> Result<Value, Refusal> {
    let query = body["textQuery"]
        .as_str()
        .map(str::trim)
        .filter(|query| !query.is_empty());
    let query = query
        .ok_or_else(|| Refusal::invalid("Empty text_query."))?
        .to_lowercase();
    if !body["locationBias"].is_null() && !body["locationRestriction"].is_null() {
        return Err(Refusal::invalid("Both location_bias and location_restriction are set."));
    }
    let size = size(body, "pageSize")?.or(size(body, "maxResultCount")?).unwrap_or(20);
    let minimum = body["minRating"].as_f64().unwrap_or(0.0);
    if !(0.0..=5.0).contains(&minimum) {
        return Err(Refusal::invalid("min_rating must be between 0.0 and 5.0."));
    }
    let mut found = match area(body, &query)? {
        Some((center, kilometres)) => attraction::around(center, kilometres),
        None => Vec::new(),
    };
    let types = match body["includedType"].as_str() {
        Some(included) => vec![included],
        None => attraction::asked_for(&query),
    };
    found.retain(|place| types.is_empty() || types.iter().any(|kind| place.sort.types.contains(kind)));
    found.retain(|place| place.rating() as f64 / 10.0 >= minimum);
    let levels: Vec<&str> = texts(&body["priceLevels"]);
    found.retain(|place| levels.is_empty() || place.price_level().is_some_and(|level| levels.contains(&level)));
    if body["rankPreference"] != "DISTANCE" {
        found.sort_by_key(|place| std::cmp::Reverse(place.rating() * 10_000 + place.reviews()));
    }
    found.truncate(MOST);
    let start = start(body, &query)?;
    let end = (start + size).min(found.len());
    let mut answer = list(found.get(start..end).unwrap_or_default());
    if end < found.len() {
        answer["nextPageToken"] = URL_SAFE_NO_PAD.encode(format!("{end} {query}")).into();
    }
    Ok(answer)
}

/// `POST /v1/places:searchNearby`
pub(super) fn nearby(body: &Value) -> Result<Value, Refusal> {
    let circle = &body["locationRestriction"]["circle"];
    if circle.is_null() {
        return Err(Refusal::invalid("Missing location_restriction."));
    }
    let (center, kilometres) = circle_of(circle)?;
    let size = size(body, "maxResultCount")?.unwrap_or(20);
    let mut found = attraction::around(center, kilometres);
    let has = |place: &Attraction, types: &[&str]| place.sort.types.iter().any(|kind| types.contains(kind));
    let is = |place: &Attraction, types: &[&str]| place.sort.types.first().is_some_and(|kind| types.contains(kind));
    let (included, excluded) = (texts(&body["includedTypes"]), texts(&body["excludedTypes"]));
    let (primary, not_primary) = (
        texts(&body["includedPrimaryTypes"]),
        texts(&body["excludedPrimaryTypes"]),
    );
    if included.len() > 50 || included.iter().any(|kind| excluded.contains(kind)) {
        return Err(Refusal::invalid("Conflicting or too many included_types."));
    }
    found.retain(|place| {
        (included.is_empty() || has(place, &included))
            && !has(place, &excluded)
            && (primary.is_empty() || is(place, &primary))
            && !is(place, &not_primary)
    });
    if body["rankPreference"] != "DISTANCE" {
        found.sort_by_key(|place| std::cmp::Reverse(place.reviews()));
    }
    found.truncate(size);
    Ok(list(&found))
}

/// `GET /v1/places/{id}`
pub(super) fn details(id: &str) -> Result<Value, Refusal> {
    // Google tells what never was an identifier from one that no longer is.
    let looks_right = id.starts_with("ChIJ") && id.len() >= 20;
    let unknown = || match looks_right {
        true => Refusal::not_found(),
        false => Refusal::invalid(format!("Not a valid Place ID: {id}")),
    };
    let place = attraction::named(id).ok_or_else(unknown)?;
    Ok(place.json())
}

/// Google leaves empty lists out.
fn list(places: &[Attraction]) -> Value {
    if places.is_empty() {
        return json!({});
    }
    json!({ "places": places.iter().map(Attraction::json).collect::<Vec<_>>() })
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).collect()
}

fn size(body: &Value, field: &str) -> Result<Option<usize>, Refusal> {
    match body.get(field) {
        None => Ok(None),
        Some(size) => {
            let size = size.as_u64().filter(|size| (1..=20).contains(size));
            let size = size.and_then(|size| usize::try_from(size).ok());
            size.map(Some)
                .ok_or_else(|| Refusal::invalid(format!("{field} must be between 1 and 20 inclusively.")))
        }
    }
}

/// A page token is good for the query that it came from.
fn start(body: &Value, query: &str) -> Result<usize, Refusal> {
    let Some(token) = body["pageToken"].as_str().filter(|token| !token.is_empty()) else {
        return Ok(0);
    };
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    let text = String::from_utf8(bytes).unwrap_or_default();
    let start = text.split_once(' ').filter(|(_, of)| *of == query);
    start
        .and_then(|(start, _)| start.parse().ok())
        .ok_or_else(|| Refusal::invalid("Request contains an invalid page_token."))
}

type Area = ((f64, f64), f64);

fn point(value: &Value) -> Result<(f64, f64), Refusal> {
    let number = |name: &str, limit: f64| value[name].as_f64().filter(|number| number.abs() <= limit);
    number("latitude", 90.0)
        .zip(number("longitude", 180.0))
        .ok_or_else(|| Refusal::invalid("Invalid LatLng."))
}

fn circle_of(circle: &Value) -> Result<Area, Refusal> {
    let radius = circle["radius"]
        .as_f64()
        .filter(|radius| (0.0..=50_000.0).contains(radius) && *radius > 0.0);
    let radius = radius.ok_or_else(|| Refusal::invalid("Circle radius must be between 0.0 and 50000.0."))?;
    Ok((point(&circle["center"])?, radius / 1000.0))
}

/// Where to look: the city that the text names, else what the request gives.
fn area(body: &Value, query: &str) -> Result<Option<Area>, Refusal> {
    let rectangles = [
        &body["locationRestriction"]["rectangle"],
        &body["locationBias"]["rectangle"],
    ];
    if let Some(rectangle) = rectangles.into_iter().find(|rectangle| !rectangle.is_null()) {
        let (low, high) = (point(&rectangle["low"])?, point(&rectangle["high"])?);
        let center = (f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1));
        return Ok(Some((center, geography::distance(center, high))));
    }
    if !body["locationBias"]["circle"].is_null() {
        return circle_of(&body["locationBias"]["circle"]).map(Some);
    }
    let named = geography::city_in(query);
    Ok(named.map(|city| ((city.position.latitude, city.position.longitude), CITY_KILOMETRES)))
}
