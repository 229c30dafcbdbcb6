use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date};
use tripsage_cache::Content;
use tripsage_domain::{
    flight::{CabinClass, FlightSearch, Flyer, Iata, SliceQuery},
    ids::TripId,
    money::Currency,
    search::{FlightCriteria, FlightOrder},
    validation::{Checks, Invalid, Rule},
};
use tripsage_providers::Provider;

use super::search_fields::{FlightSearchFields, SegmentFields};
use crate::{
    asking::Question,
    fields::{Amount, Travellers, date, departure, limits, local_day, not_past, trip_id},
    showing::{Showing, Shown},
};

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
        let trip = trip_id(&mut checks, self.trip_id.as_deref());
        let flexible = self.flexible_dates.unwrap_or(false);
        let simple = self.segments.is_none();
        checks.ensure(
            simple || !flexible,
            "flexible_dates",
            "exclusive",
            "must not be given together with segments",
        );
        let showing = Showing::take(
            &mut self.sort_by,
            &mut self.sort_order,
            &mut self.page,
            &mut self.per_page,
        );
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
        if !not_past(checks, date_field, date, today) {
            // What comes after it is told by its own day.
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

/// What Duffel is asked: what does not matter to it is not in it.
pub(crate) fn asked(search: &FlightSearch) -> Question {
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
    Question {
        provider: Provider::Duffel,
        content: Content::FlightPrices,
        parts,
    }
}

impl FlightQuestion {
    /// The key of the answer to the first question, when it is the only one.
    pub(crate) fn foreseen(&self, account: &str) -> Option<tripsage_cache::CompositeKey> {
        let [search] = self.searches.as_slice() else {
            return None;
        };
        Some(asked(search).key(account))
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
mod tests;
