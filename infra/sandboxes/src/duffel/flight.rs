//! Flights: which way, when, and in which aircraft.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};

use super::carrier::{AIRCRAFT, Carrier};
use super::route::{self, Special};
use crate::chance;
use crate::geography::{self, Airport};

/// Airports at which one changes planes.
const HUBS: [&str; 11] = [
    "FRA", "IST", "DXB", "SIN", "KEF", "JFK", "MAD", "HND", "JNB", "LAX", "GRU",
];

/// Kilometres in an hour, and minutes for taking off and landing.
const SPEED: f64 = 850.0;
const TAXI: f64 = 40.0;
const CONNECTION: SignedDuration = SignedDuration::from_mins(95);
const STOP: SignedDuration = SignedDuration::from_mins(60);

/// One aircraft from one airport to another.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) origin: &'static Airport,
    pub(super) destination: &'static Airport,
    /// Lands here on the way.
    pub(super) stop: Option<&'static Airport>,
    pub(super) departing: Zoned,
    pub(super) arriving: Zoned,
    pub(super) number: u64,
    pub(super) kilometres: f64,
}

impl Segment {
    fn new(
        carrier: &Carrier,
        origin: &'static Airport,
        destination: &'static Airport,
        departing: Zoned,
        stop: Option<&'static Airport>,
    ) -> Option<Self> {
        let kilometres = match stop {
            Some(stop) => origin.distance(stop) + stop.distance(destination),
            None => origin.distance(destination),
        };
        let minutes = ((kilometres / SPEED * 60.0 + TAXI) / 5.0).round() as i64 * 5;
        let on_ground = if stop.is_some() { STOP } else { SignedDuration::ZERO };
        let arrival = departing.timestamp() + SignedDuration::from_mins(minutes) + on_ground;
        let arriving = arrival.to_zoned(TimeZone::get(&destination.time_zone).ok()?);
        let flight = format!(
            "{}{}{}{}",
            carrier.code,
            origin.iata,
            destination.iata,
            departing.time()
        );
        Some(Self {
            origin,
            destination,
            stop,
            departing,
            arriving,
            number: 100 + chance::below(&flight, 8900),
            kilometres,
        })
    }

    pub(super) fn duration(&self) -> SignedDuration {
        self.departing.duration_until(&self.arriving)
    }

    /// Name and IATA code of the aircraft.
    pub(super) fn aircraft(&self) -> (&'static str, &'static str) {
        let fits = AIRCRAFT.iter().find(|(_, _, range)| self.kilometres <= *range);
        fits.map_or(("Boeing 787-9", "789"), |(name, code, _)| (name, code))
    }
}

/// The way of one slice.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub(super) segments: Vec<Segment>,
}

impl Flight {
    /// The flight of an airline that departs at this local time. `None` where it flies no such way.
    pub(super) fn plan(
        carrier: &Carrier,
        origin: &'static Airport,
        destination: &'static Airport,
        date: Date,
        (hour, minute): (i8, i8),
    ) -> Option<Self> {
        let zone = TimeZone::get(&origin.time_zone).ok()?;
        let departing = date.at(hour, minute, 0, 0).to_zoned(zone).ok()?;
        let special = route::special(&origin.iata, &destination.iata);
        let far = carrier
            .connects_over_km
            .is_some_and(|limit| origin.distance(destination) > limit);
        let hub = hub(origin, destination);
        let segments = match (special, hub) {
            (Some(Special::OneStop), Some(hub)) => {
                vec![Segment::new(carrier, origin, destination, departing, Some(hub))?]
            }
            (special, Some(hub)) if far || special == Some(Special::TwoSegments) => {
                let first = Segment::new(carrier, origin, hub, departing, None)?;
                let onward = first.arriving.checked_add(CONNECTION).ok()?;
                let second = Segment::new(carrier, hub, destination, onward, None)?;
                vec![first, second]
            }
            _ => vec![Segment::new(carrier, origin, destination, departing, None)?],
        };
        Some(Self { segments })
    }

    pub(super) fn connections(&self) -> u64 {
        (self.segments.len() as u64).saturating_sub(1)
    }

    pub(super) fn departing(&self) -> Option<&Zoned> {
        self.segments.first().map(|segment| &segment.departing)
    }

    pub(super) fn arriving(&self) -> Option<&Zoned> {
        self.segments.last().map(|segment| &segment.arriving)
    }

    pub(super) fn duration(&self) -> SignedDuration {
        match (self.departing(), self.arriving()) {
            (Some(departing), Some(arriving)) => departing.duration_until(arriving),
            _ => SignedDuration::ZERO,
        }
    }

    pub(super) fn kilometres(&self) -> f64 {
        self.segments.iter().map(|segment| segment.kilometres).sum()
    }
}

/// The hub with the smallest detour, if one lies at a distance from both ends.
fn hub(origin: &Airport, destination: &Airport) -> Option<&'static Airport> {
    let way = |hub: &Airport| origin.distance(hub) + hub.distance(destination);
    HUBS.iter()
        .filter_map(|code| geography::airport(code))
        .filter(|hub| origin.distance(hub) > 300.0 && hub.distance(destination) > 300.0)
        .min_by(|one, other| way(one).total_cmp(&way(other)))
}
