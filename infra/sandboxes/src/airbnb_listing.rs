//! The tools of mcp-server-airbnb, and what they answer.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::chance;
use crate::geography;
use crate::grid::{self, Spot};

const KIND: &str = "listing";
const PER_CELL: u64 = 15;
const PAGE: usize = 18;

const NAMES: [&str; 6] = ["Loft", "Studio", "Cottage", "Flat", "Houseboat", "Attic"];
const MOODS: [&str; 6] = ["Bright", "Quiet", "Charming", "Tiny", "Spacious", "Hidden"];

/// What `tools/list` answers.
pub(crate) fn tools() -> Value {
    let stay = json!({
        "checkin": { "type": "string", "description": "YYYY-MM-DD" },
        "checkout": { "type": "string", "description": "YYYY-MM-DD" },
        "adults": { "type": "number" },
        "children": { "type": "number" },
        "infants": { "type": "number" },
        "pets": { "type": "number" },
        "ignoreRobotsText": { "type": "boolean" },
    });
    let with = |more: Value, required: &str| {
        let mut properties = stay.clone();
        if let (Some(properties), Value::Object(more)) = (properties.as_object_mut(), more) {
            properties.extend(more);
        }
        json!({ "type": "object", "properties": properties, "required": [required] })
    };
    let text = json!({ "type": "string" });
    let number = json!({ "type": "number" });
    json!([
        {
            "name": "airbnb_search",
            "description": "Search for Airbnb listings",
            "inputSchema": with(json!({
                "location": text, "placeId": text, "cursor": text, "minPrice": number, "maxPrice": number,
                "propertyType": { "type": "string", "enum": ["entire_home", "private_room", "shared_room", "hotel_room"] },
            }), "location"),
        },
        {
            "name": "airbnb_listing_details",
            "description": "Get one Airbnb listing",
            "inputSchema": with(json!({ "id": text }), "id"),
        },
    ])
}

fn content(body: &Value, is_error: bool) -> Value {
    json!({ "content": [{ "type": "text", "text": body.to_string() }], "isError": is_error })
}

fn failure(message: &str, url: &str, now: i64) -> Value {
    let timestamp = Timestamp::from_millisecond(now).map_or_else(|_| String::new(), |now| now.to_string());
    let body = json!({ "error": message, "url": url, "suggestion": "Check the arguments.", "timestamp": timestamp });
    content(&body, true)
}

/// How many nights the arguments are about, if they say so.
fn nights(arguments: &Value) -> Option<i64> {
    let date = |name: &str| arguments[name].as_str()?.parse::<Date>().ok();
    let nights = (date("checkout")? - date("checkin")?).get_days();
    (nights > 0).then_some(i64::from(nights))
}

/// `airbnb_search`
pub(crate) fn search(arguments: &Value, now: i64) -> Value {
    let Some(location) = arguments["location"].as_str().filter(|text| !text.trim().is_empty()) else {
        return failure("location is required", "https://www.airbnb.com/", now);
    };
    let url = format!("https://www.airbnb.com/s/{}/homes", location.replace(' ', "-"));
    let Some(city) = geography::city_in(location) else {
        return failure("No place was found for this location", &url, now);
    };
    let price_at_least = arguments["minPrice"].as_i64().unwrap_or(0);
    let price_at_most = arguments["maxPrice"].as_i64().unwrap_or(i64::MAX);
    let fits = |spot: &Spot| (price_at_least..=price_at_most).contains(&price(spot));
    let spots: Vec<Spot> = grid::around(KIND, (city.position.latitude, city.position.longitude), 15.0, PER_CELL)
        .into_iter()
        .map(|(spot, _)| spot)
        .filter(fits)
        .collect();
    let start = arguments["cursor"].as_str().map_or(0, offset);
    let page = spots.iter().skip(start).take(PAGE);
    let cursors: Vec<String> = (0..spots.len()).step_by(PAGE).map(cursor).collect();
    let next = (start + PAGE < spots.len()).then(|| cursor(start + PAGE));
    let previous = (start > 0).then(|| cursor(start.saturating_sub(PAGE)));
    let results: Vec<Value> = page.map(|spot| summary(spot, nights(arguments), city.name)).collect();
    content(
        &json!({
            "searchUrl": url,
            "searchResults": results,
            "paginationInfo": { "pageCursors": cursors, "previousPageCursor": previous, "nextPageCursor": next },
        }),
        false,
    )
}

fn cursor(offset: usize) -> String {
    STANDARD.encode(json!({ "section_offset": 0, "items_offset": offset, "version": 1 }).to_string())
}

fn offset(cursor: &str) -> usize {
    let bytes = STANDARD.decode(cursor).unwrap_or_default();
    let cursor: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    cursor["items_offset"]
        .as_u64()
        .and_then(|offset| usize::try_from(offset).ok())
        .unwrap_or(0)
}

/// Whole dollars for a night.
fn price(spot: &Spot) -> i64 {
    40 + chance::below(&format!("price{}", spot.code), 260) as i64
}

/// Numbers, as Airbnb's are, that lead back to the spot.
fn id(spot: &Spot) -> String {
    format!("7{}", spot.code)
}

fn name(spot: &Spot) -> String {
    let word = |salt: &str, list: &[&'static str]| {
        let word = chance::one(&format!("{salt}{}", spot.code), list);
        word.copied().unwrap_or_default()
    };
    format!("{} {}", word("mood", &MOODS), word("name", &NAMES))
}

fn summary(spot: &Spot, nights: Option<i64>, city: &str) -> Value {
    let stars = 400 + chance::below(&format!("stars{}", spot.code), 101);
    let reviews = 3 + chance::below(&format!("reviews{}", spot.code), 400);
    let label = match nights {
        Some(nights) => format!("${} for {nights} nights", price(spot) * nights),
        None => format!("${} per night", price(spot)),
    };
    let id = id(spot);
    json!({
        "id": id,
        "url": format!("https://www.airbnb.com/rooms/{id}"),
        "demandStayListing": {
            "id": STANDARD.encode(format!("DemandStayListing:{id}")),
            "description": { "name": { "localizedStringWithTranslationPreference": name(spot) } },
            "location": { "coordinate": { "latitude": spot.latitude, "longitude": spot.longitude } },
        },
        "badges": if stars > 480 { "Guest favorite" } else { "" },
        "structuredContent": {
            "mapCategoryInfo": format!("Home in {city}"),
            "mapSecondaryLine": "",
            "primaryLine": "1 bedroom, 1 bed",
            "secondaryLine": "Individual host",
        },
        "avgRatingA11yLabel": format!("{}.{:02} out of 5 average rating,  {reviews} reviews", stars / 100, stars % 100),
        "listingParamOverrides": { "categoryTag": null, "photoId": null, "amenities": "" },
        "structuredDisplayPrice": {
            "primaryLine": { "accessibilityLabel": label },
            "secondaryLine": null,
            "explanationData": { "title": "Price details", "priceDetails": label },
        },
    })
}

/// `airbnb_listing_details`
pub(crate) fn details(arguments: &Value, now: i64) -> Value {
    let given = arguments["id"].as_str().unwrap_or_default();
    let url = format!("https://www.airbnb.com/rooms/{given}");
    let spot = given
        .strip_prefix('7')
        .and_then(|code| Spot::named(KIND, code, PER_CELL));
    let Some(spot) = spot else {
        return failure("The listing was not found", &url, now);
    };
    let section = |id: &str, body: Value| {
        let mut section = json!({ "id": id });
        if let (Some(section), Value::Object(body)) = (section.as_object_mut(), body) {
            section.extend(body);
        }
        section
    };
    let details = json!([
        section(
            "LOCATION_DEFAULT",
            json!({ "lat": spot.latitude, "lng": spot.longitude, "title": "Where you'll be" })
        ),
        section(
            "POLICIES_DEFAULT",
            json!({
                "title": "Things to know",
                "houseRulesSections": { "title": "House rules", "items": [{ "title": "Check-in after 3:00 PM" }] },
            })
        ),
        section(
            "HIGHLIGHTS_DEFAULT",
            json!({ "highlights": { "title": "Self check-in" } })
        ),
        section(
            "DESCRIPTION_DEFAULT",
            json!({
                "htmlDescription": { "htmlText": format!("{}, which does not exist.", name(&spot)) },
            })
        ),
        section(
            "AMENITIES_DEFAULT",
            json!({
                "title": "What this place offers",
                "seeAllAmenitiesGroups": { "title": "Internet", "amenities": { "title": "Wifi" } },
            })
        ),
    ]);
    content(&json!({ "listingUrl": url, "details": details }), false)
}
