//! Trips made of other trips: at another time, by somebody else, with nothing booked yet.

use jiff::{ToSpan, civil::Date};

use crate::{
    text::TextRule,
    trip::{Content, Details, ItemStatus, LocalTime, Plan, Status, When, when::check_order},
};

/// Characters that a title has at most.
pub const MAX_TITLE: usize = 100;

/// The title that a copy gets when nobody says another.
pub fn copied_title(title: &str) -> String {
    let text: String = format!("Copy of {title}").chars().take(MAX_TITLE).collect();
    // Cutting may leave white space at the end, or half of a combined character, which parsing tidies.
    TextRule::line(1, MAX_TITLE)
        .parse(&text)
        .unwrap_or_else(|_| "Copy".to_owned())
}

/// How far dates are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shift(i32);

impl Shift {
    /// From one day to another.
    pub fn between(from: Date, to: Date) -> Self {
        Self(from.until(to).map_or(0, |span| span.get_days()))
    }

    fn day(self, date: Date) -> Date {
        date.saturating_add(self.0.days())
    }

    /// The same time of day by the same clocks, on another day. Where clocks are set forward over it, it stays as it
    /// is written, and is taken for the time after.
    fn when(self, when: &When) -> When {
        match when {
            When::Day(day) => When::Day(self.day(*day)),
            When::Time(time) => {
                let local = time.local.saturating_add(self.0.days());
                let moved = LocalTime::new(local, time.zone.clone(), time.later)
                    .unwrap_or_else(|_| LocalTime::stored(local, time.zone.clone(), false));
                When::Time(moved)
            }
        }
    }
}

impl Content {
    /// The same trip at another time, being planned anew.
    #[must_use]
    pub fn replanned(&self, title: String, shift: Shift) -> Self {
        let mut destinations = self.destinations.clone();
        for place in &mut destinations {
            place.arrival_date = place.arrival_date.map(|day| shift.day(day));
            place.departure_date = place.departure_date.map(|day| shift.day(day));
        }
        Self {
            title,
            start_date: shift.day(self.start_date),
            end_date: shift.day(self.end_date),
            destinations,
            status: Status::Planning,
            ..self.clone()
        }
    }
}

impl Plan {
    /// The same plan at another time, without anything that belongs to a booking: its reference, its seats, its status.
    #[must_use]
    pub fn replanned(&self, shift: Shift) -> Self {
        let start = self.start.as_ref().map(|when| shift.when(when));
        let mut end = self.end.as_ref().map(|when| shift.when(when));
        if check_order(start.as_ref(), end.as_ref()).is_err() {
            // Clocks that are set forward in between can turn a short thing around.
            end.clone_from(&start);
        }
        Self {
            start,
            end,
            status: match self.status {
                ItemStatus::Idea => ItemStatus::Idea,
                ItemStatus::Planned | ItemStatus::Booked | ItemStatus::Cancelled => ItemStatus::Planned,
            },
            ..self.without_references()
        }
    }

    /// The same plan without what identifies a booking: with a reference and a name, a booking can often be changed.
    #[must_use]
    pub fn without_references(&self) -> Self {
        let mut plan = self.clone();
        plan.booking_reference = None;
        if let Details::Flight { seats, .. } | Details::Transport { seats, .. } = &mut plan.details {
            seats.clear();
        }
        plan
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::trip::{Destination, Preferences, TripType, Zone};

    fn at(local: &str, zone: &str) -> When {
        When::Time(LocalTime::new(local.parse().unwrap(), Zone::parse(zone).unwrap(), false).unwrap())
    }

    fn plan(start: Option<When>, end: Option<When>) -> Plan {
        Plan {
            title: "Train".to_owned(),
            description: None,
            details: Details::Transport {
                mode: None,
                provider: None,
                from: None,
                to: None,
                seats: vec!["12A".to_owned()],
            },
            location: None,
            start,
            end,
            cost: None,
            status: ItemStatus::Booked,
            booking_reference: Some("ABC123".to_owned()),
            url: None,
            notes: Some("Window".to_owned()),
            flexible: false,
        }
    }

    #[test]
    fn titles_of_copies_stay_within_their_limit() {
        assert_eq!(copied_title("Japan"), "Copy of Japan");
        let long = copied_title(&"é".repeat(MAX_TITLE));
        assert_eq!(long.chars().count(), MAX_TITLE);
        assert_eq!(
            copied_title(&format!("{} {}", "x".repeat(91), "y")),
            format!("Copy of {}", "x".repeat(91))
        );
    }

    #[test]
    fn every_date_moves_and_clocks_stay() {
        let shift = Shift::between(date(2027, 3, 1), date(2028, 7, 2));
        let content = Content {
            title: "Japan".to_owned(),
            description: None,
            start_date: date(2027, 3, 1),
            end_date: date(2027, 3, 10),
            destinations: vec![Destination {
                arrival_date: Some(date(2027, 3, 2)),
                departure_date: Some(date(2027, 3, 4)),
                ..Destination::named("Kyoto").unwrap()
            }],
            status: Status::Booked,
            trip_type: TripType::Leisure,
            travelers: 2,
            tags: vec!["food".to_owned()],
            preferences: Preferences::default(),
        };
        let moved = content.replanned("Again".to_owned(), shift);
        assert_eq!(
            (moved.start_date, moved.end_date),
            (date(2028, 7, 2), date(2028, 7, 11))
        );
        assert_eq!(moved.duration_days(), content.duration_days());
        let place = &moved.destinations[0];
        assert_eq!(
            (place.arrival_date, place.departure_date),
            (Some(date(2028, 7, 3)), Some(date(2028, 7, 5)))
        );
        assert_eq!((moved.status, moved.tags), (Status::Planning, content.tags));
        // Winter in Zurich becomes summer: the clock still shows half past nine.
        let moved = plan(Some(at("2027-03-02T09:30", "Europe/Zurich")), None).replanned(shift);
        assert_eq!(moved.start, Some(at("2028-07-03T09:30", "Europe/Zurich")));
    }

    #[test]
    fn nothing_of_a_booking_is_copied() {
        let copy = plan(Some(When::Day(date(2027, 3, 2))), None).replanned(Shift(0));
        assert_eq!((copy.booking_reference, copy.status), (None, ItemStatus::Planned));
        assert!(matches!(copy.details, Details::Transport { seats, .. } if seats.is_empty()));
        assert_eq!(copy.notes.as_deref(), Some("Window"));
    }

    #[test]
    fn a_time_that_clocks_skip_does_not_end_before_it_begins() {
        let zone = "Europe/Zurich";
        let original = plan(Some(at("2027-03-27T02:45", zone)), Some(at("2027-03-27T03:15", zone)));
        let moved = original.replanned(Shift(1));
        assert!(check_order(moved.start.as_ref(), moved.end.as_ref()).is_ok());
        assert_eq!(moved.start, moved.end);
    }
}
