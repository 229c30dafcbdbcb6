//! A trip as an iCalendar document (RFC 5545).
//!
//! Times are written as UTC instants: they are exact in every client, also in those that ignore `VTIMEZONE`, and a
//! traveller's device shows them in the zone where it is. The local times with their zones are in the description.
//! Whole days are dates; what has no date yet is left out. An item that is removed disappears with the next fetch; one
//! that is cancelled stays, as `STATUS:CANCELLED`.

use icalendar::{Calendar, Component, Event, Property};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use tripsage_domain::trip::{Details, Item, ItemStatus, LocalTime, Status, Trip, When};

/// How long a subscriber may keep it.
const TIME_TO_LIVE: &str = "PT1H";

/// The document: one event for the whole trip, and one for each item that has a date.
///
/// The same trip always gives the same text. Every event keeps its `UID`, and its `SEQUENCE` grows with each change.
pub(crate) fn calendar(trip: &Trip, items: &[Item]) -> String {
    let mut document = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//TripSage//Trips//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-PUBLISHED-TTL", TIME_TO_LIVE),
    ] {
        document.append_property((name, value));
    }
    document.append_property(
        Property::new("REFRESH-INTERVAL", TIME_TO_LIVE)
            .add_parameter("VALUE", "DURATION")
            .done(),
    );
    document.append_property(("X-WR-CALNAME", plain(&trip.content.title).as_str()));
    document.push(whole_trip(trip));
    for event in items.iter().filter_map(of_item) {
        document.push(event);
    }
    document.to_string()
}

fn whole_trip(trip: &Trip) -> Event {
    let content = &trip.content;
    let mut event = event(&trip.id.to_string(), trip.revision, trip.updated_at, &content.title);
    event.append_property(day("DTSTART", content.start_date));
    event.append_property(day("DTEND", next(content.end_date)));
    let places: Vec<&str> = content.destinations.iter().map(|place| place.name.as_str()).collect();
    event.add_property("LOCATION", plain(&places.join(", ")));
    if let Some(text) = &content.description {
        event.add_property("DESCRIPTION", plain(text));
    }
    let status = match content.status {
        Status::Planning => "TENTATIVE",
        Status::Booked | Status::Completed => "CONFIRMED",
        Status::Cancelled => "CANCELLED",
    };
    event.add_property("STATUS", status);
    // The trip does not keep anybody busy; its items do.
    event.add_property("TRANSP", "TRANSPARENT");
    event.done()
}

fn of_item(item: &Item) -> Option<Event> {
    let plan = &item.plan;
    let start = plan.start.as_ref()?;
    let mut event = event(&item.id.to_string(), item.version, item.updated_at, &plan.title);
    match start {
        When::Day(first) => {
            let last = plan.end.as_ref().map_or(*first, When::date);
            event.append_property(day("DTSTART", *first));
            event.append_property(day("DTEND", next(last)));
        }
        When::Time(time) => {
            event.add_property("DTSTART", utc(time.instant()));
            // An event without an end takes no time; one that ends when it begins is not allowed.
            let end = plan.end.as_ref().and_then(When::instant);
            if let Some(end) = end.filter(|end| *end > time.instant()) {
                event.add_property("DTEND", utc(end));
            }
        }
    }
    let status = match plan.status {
        ItemStatus::Idea => "TENTATIVE",
        ItemStatus::Planned | ItemStatus::Booked => "CONFIRMED",
        ItemStatus::Cancelled => "CANCELLED",
    };
    event.add_property("STATUS", status);
    event.add_property("CATEGORIES", plan.details.item_type().name().to_uppercase());
    if let Some(place) = place(item) {
        event.add_property("LOCATION", plain(&place));
    }
    if let Some(at) = plan.location.as_ref().and_then(|location| location.coordinates) {
        event.add_property("GEO", format!("{:.6};{:.6}", at.latitude, at.longitude));
    }
    if let Some(url) = &plan.url {
        event.add_property("URL", url.as_str());
    }
    let description = description(item);
    if !description.is_empty() {
        event.add_property("DESCRIPTION", plain(&description));
    }
    Some(event.done())
}

fn event(id: &str, version: u64, changed_at: Timestamp, title: &str) -> Event {
    let mut event = Event::new();
    event.add_property("UID", format!("{id}@tripsage"));
    event.add_property("SEQUENCE", version.saturating_sub(1).to_string());
    event.add_property("DTSTAMP", utc(changed_at));
    event.add_property("LAST-MODIFIED", utc(changed_at));
    event.add_property("SUMMARY", plain(title));
    event
}

/// Where to be: the item's own location, else what its details say.
fn place(item: &Item) -> Option<String> {
    let location = item.plan.location.as_ref().and_then(|location| location.line());
    location.or_else(|| match &item.plan.details {
        Details::Flight { origin, .. } => origin.clone(),
        Details::Accommodation { name, address, .. } => joined(", ", &[name, address]),
        Details::Transport { from, .. } => from.clone(),
        Details::Activity { meeting_point, .. } => meeting_point.clone(),
        Details::Meal { .. } | Details::Note => None,
    })
}

/// What a traveller wants to read on the way, a line for each thing.
fn description(item: &Item) -> String {
    let plan = &item.plan;
    let line = |name: &str, value: Option<String>| value.map(|value| format!("{name}: {value}"));
    let time = |when: &Option<When>| match when {
        Some(When::Time(time)) => Some(local(time)),
        Some(When::Day(_)) | None => None,
    };
    let (what, way) = match &plan.details {
        Details::Flight {
            carrier,
            flight_number,
            origin,
            destination,
            ..
        } => (
            line("Flight", joined(" ", &[carrier, flight_number])),
            joined(" – ", &[origin, destination]),
        ),
        Details::Transport { provider, from, to, .. } => (line("With", provider.clone()), joined(" – ", &[from, to])),
        Details::Accommodation { room_type, .. } => (line("Room", room_type.clone()), None),
        Details::Activity { provider, .. } => (line("With", provider.clone()), None),
        Details::Meal { .. } | Details::Note => (None, None),
    };
    let lines = [
        line("Begins", time(&plan.start)),
        line("Ends", time(&plan.end)),
        what,
        way,
        line("Booking reference", plan.booking_reference.clone()),
        plan.description.clone(),
        plan.notes.clone(),
    ];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn local(time: &LocalTime) -> String {
    format!("{} ({})", time.local.strftime("%Y-%m-%d %H:%M"), time.zone.name())
}

fn joined(separator: &str, parts: &[&Option<String>]) -> Option<String> {
    let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
    (!parts.is_empty()).then(|| parts.join(separator))
}

/// Text that can be escaped: the crate writes `\n` for a line feed and lets a carriage return through, which would
/// begin a line of its own.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn utc(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn day(name: &str, day: Date) -> Property {
    Property::new(name, day.strftime("%Y%m%d").to_string())
        .add_parameter("VALUE", "DATE")
        .done()
}

/// The end of whole days is the day after.
fn next(day: Date) -> Date {
    day.checked_add(1.day()).unwrap_or(day)
}

#[cfg(test)]
mod tests;
