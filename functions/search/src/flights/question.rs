use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_cache::Content;
use tripsage_domain::{
    flight::{CabinClass, FlightSearch, Flyer, Iata, SliceQuery},
    ids::TripId,
    money::Currency,
    search::{FlightCriteria, FlightOrder},
    validation::{Checks, Invalid, Rule},
};
use tripsage_providers::Provider;
use utoipa::ToSchema;

use crate::{
    asking::Question,
    fields::{Amount, PassengerFields, Showing, Shown, Travellers, date, departure, limits, local_day},
};

/// What flights to look for. Either `origin`, `destination` and `departure_date` (and `return_date` for a return), or
/// `segments`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlightSearchFields {
    /// IATA code of an airport, or of a city with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "LHR")]
    pub(crate) origin: Option<String>,
    /// IATA code of an airport, or of a city with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "JFK")]
    pub(crate) destination: Option<String>,
    /// Day of departure, on the calendar of the origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) departure_date: Option<String>,
    /// Day of the flight back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) return_date: Option<String>,
    /// Two to six directions, in the place of the four fields above.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 6)]
    pub(crate) segments: Option<Vec<SegmentFields>>,
    /// Travellers of 18 and more; one when nothing is said. At most nine travellers in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 9)]
    pub(crate) adults: Option<u8>,
    /// Travellers of 2 to 17, searched as if they were 11: give `passengers` with their ages to book.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) children: Option<u8>,
    /// Travellers under 2, each on the lap of an adult.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) infants: Option<u8>,
    /// Everybody, in the place of the three numbers above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passengers: Option<Vec<PassengerFields>>,
    /// `economy`, `premium_economy`, `business` or `first`; any when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cabin_class: Option<String>,
    /// Changes and landings on the way at most, in each direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 5)]
    pub(crate) max_stops: Option<u8>,
    /// Price for everybody at most, in `currency`. Offers in another currency are not left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_price: Option<Amount>,
    /// ISO 4217 code of `max_price`: the currency of the account that searches, or nothing is left out. USD when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    /// Also look at the days before and after; for one direction or a return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flexible_dates: Option<bool>,
    /// IATA codes of airlines whose flights gain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub(crate) preferred_airlines: Option<Vec<String>>,
    /// IATA codes of airlines whose flights are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub(crate) excluded_airlines: Option<Vec<String>>,
    /// The trip that it is for: kept with the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) trip_id: Option<String>,
    /// `score` (the best first, as if none were given), `price`, `duration`, `departure`, `arrival`, `stops`, `emissions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_by: Option<String>,
    /// `asc` or `desc`; when absent the best comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_order: Option<String>,
    /// Number of the page, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50)]
    pub(crate) page: Option<u32>,
    /// Offers per page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) per_page: Option<u32>,
}

/// One direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentFields {
    /// IATA code.
    pub(crate) origin: String,
    /// IATA code.
    pub(crate) destination: String,
    /// Day of departure.
    #[schema(format = Date)]
    pub(crate) departure_date: String,
}

/// A question for flights, with what is done with the answers.
#[derive(Debug, Clone)]
pub(crate) struct FlightQuestion {
    /// What providers are asked: one question, or three for flexible dates.
    pub(crate) searches: Vec<FlightSearch>,
    pub(crate) criteria: FlightCriteria,
    pub(crate) shown: Shown<FlightOrder>,
    pub(crate) trip: Option<TripId>,
    /// The same as it was asked, in one form, without sorting and pages.
    pub(crate) fields: FlightSearchFields,
}

/// Days on which airlines sell ahead.
const HORIZON: i32 = 360;

/// One direction as it is being read, with the names of its fields.
struct Direction {
    slice: Option<SliceQuery>,
    date_field: String,
}

impl FlightSearchFields {
    /// Checks everything; the result is what can be asked at `now`.
    pub(crate) fn question(mut self, now: Timestamp) -> Result<FlightQuestion, Invalid> {
        let mut checks = Checks::default();
        let directions = self.directions(&mut checks, now);
        let travellers = Travellers {
            adults: self.adults,
            children: self.children,
            infants: self.infants,
            passengers: self.passengers.as_deref(),
        };
        let party = travellers.party(&mut checks);
        let cabin = checks.optional("cabin_class", self.cabin_class.as_deref(), |name| {
            name.parse::<CabinClass>().map_err(Rule::from)
        });
        let amounts = [("max_price", self.max_price.as_ref()), ("max_price", None)];
        let [max_price, _] = limits(&mut checks, self.currency.as_deref(), amounts);
        checks.ensure(
            self.max_stops.is_none_or(|stops| stops <= 5),
            "max_stops",
            "range",
            "must be between 0 and 5",
        );
        let preferred = airlines(&mut checks, "preferred_airlines", self.preferred_airlines.as_deref());
        let excluded = airlines(&mut checks, "excluded_airlines", self.excluded_airlines.as_deref());
        let trip = checks.optional("trip_id", self.trip_id.as_deref(), |id| {
            id.parse::<TripId>()
                .map_err(|_| Rule::new("uuid", "must be the id of a trip"))
        });
        let flexible = self.flexible_dates.unwrap_or(false);
        let simple = self.segments.is_none();
        checks.ensure(
            simple || !flexible,
            "flexible_dates",
            "exclusive",
            "must not be given together with segments",
        );
        let showing = Showing {
            sort_by: self.sort_by.as_deref(),
            sort_order: self.sort_order.as_deref(),
            page: self.page,
            per_page: self.per_page,
        };
        let shown = showing.parse(&mut checks, FlightOrder::Score);
        let slices: Option<Vec<SliceQuery>> = directions.into_iter().map(|direction| direction.slice).collect();
        checks.finish()?;
        let missing = || Invalid::from(Rule::new("valid", "is not valid").of("body"));
        let (slices, party, shown) = (
            slices.ok_or_else(missing)?,
            party.ok_or_else(missing)?,
            shown.ok_or_else(missing)?,
        );
        // More changes than airlines offer by themselves have to be asked for.
        let connections = self.max_stops.filter(|stops| *stops >= 2).map(|_| 2);
        let mut searches = Vec::new();
        for days in if flexible { &[0, -1, 1][..] } else { &[0][..] } {
            let moved: Vec<SliceQuery> = slices.iter().map(|slice| moved(slice, *days)).collect();
            let first = moved.first().map_or(Date::MIN, |slice| slice.departure_date);
            // The day before is left out when it is over.
            if *days < 0
                && slices
                    .first()
                    .is_some_and(|slice| first < local_day(zone_of(slice.origin), now))
            {
                continue;
            }
            let today = local_day("UTC", now);
            let search = FlightSearch::new(moved, party.clone(), cabin, connections, today);
            searches.push(search.map_err(|rule| rule.of("departure_date"))?);
        }
        self.canonical(
            &slices,
            simple,
            max_price.map(|money| (money.decimal(), money.currency)),
        );
        let criteria = FlightCriteria {
            max_stops: self.max_stops.map(usize::from),
            max_price,
            preferred,
            excluded,
        };
        Ok(FlightQuestion {
            searches,
            criteria,
            shown,
            trip,
            fields: self,
        })
    }

    /// The directions, as far as they can be read; every broken rule is noted.
    fn directions(&self, checks: &mut Checks, now: Timestamp) -> Vec<Direction> {
        let mut directions = Vec::new();
        match &self.segments {
            Some(segments) => {
                let alone = self.origin.is_none()
                    && self.destination.is_none()
                    && self.departure_date.is_none()
                    && self.return_date.is_none();
                checks.ensure(
                    alone,
                    "segments",
                    "exclusive",
                    "must not be given together with origin, destination or dates",
                );
                let fits = (1..=6).contains(&segments.len());
                checks.ensure(fits, "segments", "max_items", "must have 1 to 6 entries");
                for (at, segment) in segments.iter().enumerate().take(6) {
                    let name = |field: &str| format!("segments[{at}].{field}");
                    directions.push(Direction {
                        slice: slice(
                            checks,
                            [&name("origin"), &name("destination"), &name("departure_date")],
                            [
                                Some(&segment.origin),
                                Some(&segment.destination),
                                Some(&segment.departure_date),
                            ],
                        ),
                        date_field: name("departure_date"),
                    });
                }
            }
            None => {
                let (origin, destination) = (self.origin.as_deref(), self.destination.as_deref());
                let out = slice(
                    checks,
                    ["origin", "destination", "departure_date"],
                    [origin, destination, self.departure_date.as_deref()],
                );
                let back = checks.optional("return_date", self.return_date.as_deref(), date);
                directions.push(Direction {
                    slice: out,
                    date_field: "departure_date".to_owned(),
                });
                if let (Some(out), Some(back)) = (out, back) {
                    directions.push(Direction {
                        slice: Some(SliceQuery {
                            origin: out.destination,
                            destination: out.origin,
                            departure_date: back,
                        }),
                        date_field: "return_date".to_owned(),
                    });
                }
            }
        }
        check_dates(checks, &directions, now);
        directions
    }

    /// Writes the question in one form, so that the same question is recognised.
    fn canonical(&mut self, slices: &[SliceQuery], simple: bool, max_price: Option<(String, Currency)>) {
        if let (true, Some(out)) = (simple, slices.first()) {
            self.origin = Some(out.origin.to_string());
            self.destination = Some(out.destination.to_string());
        } else {
            let segment = |slice: &SliceQuery| SegmentFields {
                origin: slice.origin.to_string(),
                destination: slice.destination.to_string(),
                departure_date: slice.departure_date.to_string(),
            };
            self.segments = Some(slices.iter().map(segment).collect());
        }
        if let Some((amount, currency)) = max_price {
            self.max_price = Some(Amount::Text(amount));
            self.currency = Some(currency.code().to_owned());
        }
        self.flexible_dates = self.flexible_dates.filter(|flexible| *flexible);
        (self.sort_by, self.sort_order, self.page, self.per_page) = (None, None, None, None);
    }
}

/// One direction out of texts; the fields have the names that the client knows.
fn slice(checks: &mut Checks, fields: [&str; 3], texts: [Option<&str>; 3]) -> Option<SliceQuery> {
    let place = |text: &str| departure(text).and_then(|place| Iata::parse(place.code));
    let origin = checks.required(fields[0], texts[0], place);
    let destination = checks.required(fields[1], texts[1], place);
    let departure_date = checks.required(fields[2], texts[2], date);
    checks.ensure(
        origin.is_none() || origin != destination,
        fields[1],
        "same_place",
        "must be another place than the origin",
    );
    Some(SliceQuery {
        origin: origin?,
        destination: destination?,
        departure_date: departure_date?,
    })
}

fn zone_of(place: Iata) -> &'static str {
    tripsage_reference::departure(place.code()).map_or("UTC", |place| place.zone())
}

/// No direction leaves in the past, on the calendar of where it begins, nor before the one before it.
fn check_dates(checks: &mut Checks, directions: &[Direction], now: Timestamp) {
    let mut before: Option<Date> = None;
    for Direction { slice, date_field } in directions {
        let Some(slice) = slice else { continue };
        let (date, today) = (slice.departure_date, local_day(zone_of(slice.origin), now));
        if date < today {
            checks.ensure(
                false,
                date_field,
                "past_date",
                format!("must not be before {today}, which is today there"),
            );
        } else if before.is_some_and(|before| date < before) {
            checks.ensure(false, date_field, "order", "must not be before the departure before it");
        } else {
            let near = today.saturating_add(HORIZON.days()) >= date;
            checks.ensure(near, date_field, "range", format!("must be within {HORIZON} days"));
        }
        before = Some(date);
    }
}

fn moved(slice: &SliceQuery, days: i32) -> SliceQuery {
    SliceQuery {
        departure_date: slice.departure_date.saturating_add(days.days()),
        ..*slice
    }
}

fn airlines(checks: &mut Checks, field: &str, codes: Option<&[String]>) -> BTreeSet<String> {
    let codes = codes.unwrap_or_default();
    checks.ensure(codes.len() <= 20, field, "max_items", "must have at most 20 entries");
    let mut all = BTreeSet::new();
    for (at, code) in codes.iter().enumerate().take(20) {
        let fits = code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphanumeric());
        checks.ensure(
            fits,
            &format!("{field}[{at}]"),
            "airline",
            "must be the IATA code of an airline such as BA",
        );
        all.insert(code.to_ascii_uppercase());
    }
    all
}

/// A search as the cache tells it from others: what does not matter to the provider is not in it.
pub(crate) fn cache_parts(search: &FlightSearch) -> Vec<String> {
    let slices = search.slices.iter();
    let mut parts: Vec<String> = slices
        .map(|slice| format!("{}-{}-{}", slice.origin, slice.destination, slice.departure_date))
        .collect();
    parts.push("party".to_owned());
    parts.extend(search.party.flyers().iter().map(|flyer| match flyer {
        Flyer::Adult => "adult".to_owned(),
        Flyer::Aged(age) => age.to_string(),
    }));
    parts.push(search.cabin.map_or("any", CabinClass::name).to_owned());
    parts.push(
        search
            .max_connections
            .map_or_else(String::new, |connections| connections.to_string()),
    );
    parts
}

impl FlightQuestion {
    /// The key of the answer to the first question, when it is the only one.
    pub(crate) fn foreseen(&self, account: &str) -> Option<tripsage_cache::CompositeKey> {
        let [search] = self.searches.as_slice() else {
            return None;
        };
        let parts = cache_parts(search);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let question = Question {
            provider: Provider::Duffel,
            content: Content::FlightPrices,
            parts: &parts,
        };
        Some(question.key(account))
    }

    /// In a few words: `LHR → JFK, 2027-06-01`.
    pub(crate) fn title(&self) -> String {
        let Some(search) = self.searches.first() else {
            return String::new();
        };
        let mut places: Vec<String> = Vec::new();
        for slice in &search.slices {
            if places.last() != Some(&slice.origin.to_string()) {
                places.push(slice.origin.to_string());
            }
            places.push(slice.destination.to_string());
        }
        let date = search
            .slices
            .first()
            .map(|slice| slice.departure_date.to_string())
            .unwrap_or_default();
        format!("{}, {date}", places.join(" → "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2027-03-01T23:30:00Z".parse().unwrap()
    }

    fn fields(text: &str) -> FlightSearchFields {
        serde_json::from_str(text).unwrap()
    }

    fn broken(text: &str) -> Vec<String> {
        let invalid = fields(text).question(now()).unwrap_err();
        invalid
            .violations()
            .iter()
            .map(|violation| format!("{} {}", violation.field, violation.rule))
            .collect()
    }

    #[test]
    fn every_broken_rule_names_its_field() {
        for (text, expected) in [
            (
                r#"{}"#,
                vec!["origin required", "destination required", "departure_date required"],
            ),
            (
                r#"{"origin":"XQZ","destination":"LHR","departure_date":"2027-06-01"}"#,
                vec!["origin airport"],
            ),
            (
                r#"{"origin":"LHR","destination":"lhr","departure_date":"2027-06-01"}"#,
                vec!["destination same_place"],
            ),
            // Half past eleven in the evening in London: in Tokyo it is tomorrow.
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-02-28"}"#,
                vec!["departure_date past_date"],
            ),
            (
                r#"{"origin":"HND","destination":"JFK","departure_date":"2027-03-01"}"#,
                vec!["departure_date past_date"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-05","return_date":"2027-06-04"}"#,
                vec!["return_date order"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2029-06-05"}"#,
                vec!["departure_date range"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"1.6.2027"}"#,
                vec!["departure_date date"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","adults":10}"#,
                vec!["adults max_passengers"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","adults":0,"infants":1}"#,
                vec!["adults adult_required"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","currency":"XXQ","max_price":1}"#,
                vec!["currency currency"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","max_price":1.005,"max_stops":9}"#,
                vec!["max_price decimal", "max_stops range"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","sort_by":"x","sort_order":"y","page":0}"#,
                vec!["sort_by one_of", "sort_order one_of", "page range"],
            ),
            (
                r#"{"segments":[{"origin":"LHR","destination":"JFK","departure_date":"2027-06-05"},
                    {"origin":"JFK","destination":"XQZ","departure_date":"2027-06-01"}]}"#,
                vec!["segments[1].destination airport"],
            ),
            (
                r#"{"segments":[{"origin":"LHR","destination":"JFK","departure_date":"2027-06-05"},
                    {"origin":"JFK","destination":"LAX","departure_date":"2027-06-01"}],"flexible_dates":true}"#,
                vec!["segments[1].departure_date order", "flexible_dates exclusive"],
            ),
            (
                r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","excluded_airlines":["British"]}"#,
                vec!["excluded_airlines[0] airline"],
            ),
        ] {
            assert_eq!(broken(text), expected, "{text}");
        }
    }

    #[test]
    fn today_is_fine_where_it_is_today() {
        // In New York it is still half past six on the first.
        let question = fields(r#"{"origin":"JFK","destination":"LHR","departure_date":"2027-03-01"}"#).question(now());
        assert!(question.is_ok());
    }

    #[test]
    fn the_same_question_in_another_form_is_the_same() {
        let one =
            fields(r#"{"origin":"lhr","destination":"JFK","departure_date":"2027-06-01","max_price":"300","page":2}"#);
        let other = fields(
            r#"{"origin":"LHR","destination":"jfk","departure_date":"2027-06-01","max_price":300.0,"currency":"usd","sort_by":"price"}"#,
        );
        let (one, other) = (one.question(now()).unwrap(), other.question(now()).unwrap());
        assert_eq!(one.fields, other.fields);
        assert_eq!(one.foreseen("a"), other.foreseen("a"));
        assert_ne!(one.foreseen("a"), one.foreseen("b"), "offers belong to an account");
        assert_eq!(one.title(), "LHR → JFK, 2027-06-01");
    }

    #[test]
    fn filters_and_sorting_ask_providers_the_same() {
        let plain = fields(r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01"}"#);
        let picky = fields(
            r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","max_stops":0,"max_price":200,
                "excluded_airlines":["BA"],"sort_by":"duration","per_page":5}"#,
        );
        let (plain, picky) = (plain.question(now()).unwrap(), picky.question(now()).unwrap());
        assert_eq!(plain.foreseen("a"), picky.foreseen("a"));
        assert_ne!(plain.fields, picky.fields);
    }

    #[test]
    fn flexible_dates_ask_for_the_days_around() {
        let dates = |text: &str| -> Vec<String> {
            let question = fields(text).question(now()).unwrap();
            question
                .searches
                .iter()
                .map(|search| search.slices[0].departure_date.to_string())
                .collect()
        };
        let flexible = r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-06-01","flexible_dates":true}"#;
        assert_eq!(dates(flexible), ["2027-06-01", "2027-05-31", "2027-06-02"]);
        let today = r#"{"origin":"LHR","destination":"JFK","departure_date":"2027-03-01","flexible_dates":true}"#;
        assert_eq!(dates(today), ["2027-03-01", "2027-03-02"]);
    }
}
