//! Offer requests: what is searched for.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::carrier::Cabin;
use super::desk::{DAY, Desk, Reply, timestamp};
use super::offer;
use super::refusal::{Check, Refusal};
use super::route::{self, Special};
use crate::geography;

/// A search that is remembered, so that its offers can be made again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Search {
    pub(super) id: String,
    pub(super) created_at: i64,
    pub(super) slices: Vec<Wanted>,
    pub(super) passengers: Vec<Passenger>,
    pub(super) cabin: Option<String>,
    pub(super) max_connections: u64,
    /// An order was made of one of its offers.
    pub(super) booked: bool,
    /// How often each offer was read, for the route on which that makes it dearer.
    pub(super) reads: std::collections::BTreeMap<String, i64>,
}

/// One way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub(super) origin: String,
    pub(super) destination: String,
    pub(super) date: Date,
    pub(super) departure: Option<(Time, Time)>,
    pub(super) arrival: Option<(Time, Time)>,
}

/// Who travels.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Passenger {
    pub(super) id: String,
    pub(super) kind: Option<String>,
    pub(super) age: Option<i64>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) loyalty: Vec<Value>,
}

impl Passenger {
    pub(super) fn is_infant(&self) -> bool {
        self.kind.as_deref() == Some("infant_without_seat") || self.age.is_some_and(|age| age < 2)
    }

    pub(super) fn is_child(&self) -> bool {
        !self.is_infant() && (self.kind.as_deref() == Some("child") || self.age.is_some_and(|age| age < 12))
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "type": if self.is_infant() { Some("infant_without_seat") } else { self.kind.as_deref() },
            "age": self.age,
            "fare_type": null,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "loyalty_programme_accounts": self.loyalty,
        })
    }
}

impl Search {
    pub(super) fn special(&self) -> Option<Special> {
        let first = self.slices.first()?;
        route::special(&first.origin, &first.destination)
    }

    pub(super) fn json(&self) -> Value {
        let slices: Vec<Value> = self.slices.iter().map(Wanted::json).collect();
        let passengers: Vec<Value> = self.passengers.iter().map(Passenger::json).collect();
        json!({
            "id": self.id,
            "live_mode": false,
            "created_at": timestamp(self.created_at),
            "slices": slices,
            "passengers": passengers,
            "cabin_class": self.cabin,
        })
    }
}

impl Wanted {
    fn json(&self) -> Value {
        json!({
            "origin": place(&self.origin),
            "destination": place(&self.destination),
            "origin_type": place_type(&self.origin),
            "destination_type": place_type(&self.destination),
            "departure_date": self.date,
        })
    }
}

pub(super) fn place_type(code: &str) -> &'static str {
    if geography::airport(code).is_some() {
        "airport"
    } else {
        "city"
    }
}

pub(super) fn place(code: &str) -> Value {
    match geography::airport(code) {
        Some(airport) => airport.json(),
        None => geography::meant_by(code)
            .first()
            .map_or(Value::Null, |airport| airport.city_json()),
    }
}

/// `POST /air/offer_requests`
pub(super) fn create(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let data = desk.data()?;
    let return_offers = desk.asked.query("return_offers") != Some("false");
    if let Some(timeout) = desk.asked.query("supplier_timeout")
        && !timeout
            .parse()
            .is_ok_and(|timeout: u32| (2000..=60_000).contains(&timeout))
    {
        return Err(Refusal::request(
            400,
            "bad_request",
            "supplier_timeout must be from 2000 to 60000",
        ));
    }
    let search = read(desk, &data)?;
    if search.special() == Some(Special::SearchTimesOut) {
        return Err(Refusal::new(
            504,
            "api_error",
            "gateway_timeout_error",
            "The airlines did not answer in time.",
        ));
    }
    let mut body = search.json();
    if return_offers {
        let offers = offer::all(&search, desk.now);
        body["offers"] = offers.iter().map(|offer| offer.json(&search, false)).collect();
    }
    let now = desk.now;
    let searches = &mut desk.account().searches;
    searches.retain(|_, search| search.created_at + DAY > now);
    searches.insert(search.id.clone(), search);
    Ok(Reply::created(body))
}

/// `GET /air/offer_requests/{id}`
pub(super) fn get(desk: &mut Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let now = desk.now;
    let search = desk.account().searches.get(id).ok_or_else(Refusal::not_found)?;
    let mut body = search.json();
    let offers = offer::all(search, now);
    body["offers"] = offers.iter().map(|offer| offer.json(search, false)).collect();
    Ok(Reply::ok(body))
}

/// `GET /air/offer_requests`
pub(super) fn list(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let mut all: Vec<&Search> = desk.book.account(&desk.account).searches.values().collect();
    all.sort_by_key(|search| std::cmp::Reverse(search.created_at));
    let items = all.iter().map(|search| (search.id.clone(), search.json())).collect();
    Reply::page(desk.asked, items)
}

fn read(desk: &mut Desk<'_>, data: &Value) -> Result<Search, Refusal> {
    let mut check = Check::new(data);
    let slices = (0..check.count("/slices"))
        .filter_map(|index| slice(&mut check, index, desk.now))
        .collect::<Vec<_>>();
    if check.count("/slices") == 0 {
        check.wrong("validation_required", "/slices", "can't be blank");
    }
    let passengers: Vec<Passenger> = (0..check.count("/passengers"))
        .map(|index| passenger(&mut check, desk, index))
        .collect();
    if passengers.is_empty() {
        check.wrong("validation_required", "/passengers", "can't be blank");
    }
    let infants = passengers.iter().filter(|passenger| passenger.is_infant()).count();
    let adults = passengers
        .iter()
        .filter(|passenger| !passenger.is_infant() && !passenger.is_child())
        .count();
    if infants > adults {
        check.wrong("validation_inclusion", "/passengers", "has more infants than adults");
    }
    if passengers.len() > 9 {
        check.wrong("validation_inclusion", "/passengers", "has more than 9 passengers");
    }
    let cabin = check.get("/cabin_class").map(|_| {
        let names = Cabin::ALL.map(Cabin::name);
        check.one_of("/cabin_class", &names)
    });
    let max_connections = check.get("/max_connections").map_or(1, |value| {
        value.as_u64().filter(|count| *count <= 2).unwrap_or_else(|| {
            check.wrong("validation_inclusion", "/max_connections", "must be 0, 1 or 2");
            0
        })
    });
    check.done()?;
    Ok(Search {
        id: desk.id("orq"),
        created_at: desk.now,
        slices,
        passengers,
        cabin,
        max_connections,
        booked: false,
        reads: std::collections::BTreeMap::new(),
    })
}

fn slice(check: &mut Check<'_>, index: usize, now: i64) -> Option<Wanted> {
    let at = |name: &str| format!("/slices/{index}/{name}");
    let mut end = |name: &str| {
        let code = check.text(&at(name));
        if !code.is_empty() && geography::meant_by(&code).is_empty() {
            check.wrong("validation_inclusion", &at(name), "is not a known airport or city");
        }
        code
    };
    let (origin, destination) = (end("origin"), end("destination"));
    if origin == destination && !origin.is_empty() {
        check.wrong("validation_inclusion", &at("destination"), "is the same as the origin");
    }
    let date = check.date(&at("departure_date"));
    let today = Timestamp::from_millisecond(now).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
    if date.is_some_and(|date| date < today.date().yesterday().unwrap_or(date)) {
        check.wrong("validation_inclusion", &at("departure_date"), "must be in the future");
    }
    let mut window = |name: &str| {
        check.get(&at(name))?;
        let mut time = |end: &str| {
            let pointer = format!("{}/{end}", at(name));
            let text = check.text(&pointer);
            let time = text.parse::<Time>().ok();
            if time.is_none() {
                check.wrong("validation_format", &pointer, "is not a valid time");
            }
            time
        };
        Some((time("from")?, time("to")?))
    };
    let (departure, arrival) = (window("departure_time"), window("arrival_time"));
    Some(Wanted {
        origin,
        destination,
        date: date?,
        departure,
        arrival,
    })
}

fn passenger(check: &mut Check<'_>, desk: &mut Desk<'_>, index: usize) -> Passenger {
    let at = |name: &str| format!("/passengers/{index}/{name}");
    let age = check.get(&at("age")).map(|age| {
        age.as_i64().filter(|age| (0..130).contains(age)).unwrap_or_else(|| {
            check.wrong("validation_format", &at("age"), "is not an age");
            0
        })
    });
    let kind = match (check.get(&at("type")), age) {
        (Some(_), Some(_)) => {
            check.wrong("validation_inclusion", &at("type"), "can't be given with an age");
            None
        }
        (Some(_), None) => Some(check.one_of(&at("type"), &["adult", "child", "infant_without_seat"])),
        (None, Some(_)) => None,
        (None, None) => {
            check.wrong("validation_required", &at("type"), "can't be blank");
            None
        }
    };
    let text = |name: &str| check.get(&at(name)).and_then(Value::as_str).map(str::to_owned);
    Passenger {
        id: desk.id("pas"),
        kind,
        age,
        given_name: text("given_name"),
        family_name: text("family_name"),
        loyalty: check
            .get(&at("loyalty_programme_accounts"))
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default(),
    }
}
