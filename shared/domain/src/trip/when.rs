//! When something is planned: a day, or a time as the clocks at the place show it.
//!
//! A planned time is local: when a country changes its rules, the museum still opens at ten. So the local time and its
//! IANA zone are what is kept, and the instant is derived from them whenever it is needed.

use std::sync::OnceLock;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};

use crate::validation::{Checks, Invalid, Rule};

/// The zone database that is compiled in: the same names and rules on every machine.
fn zones() -> &'static TimeZoneDatabase {
    static ZONES: OnceLock<TimeZoneDatabase> = OnceLock::new();
    ZONES.get_or_init(TimeZoneDatabase::bundled)
}

/// An IANA time zone that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Parses a name such as `Europe/Zurich`, in any case.
    ///
    /// # Errors
    /// `time_zone` when there is no such zone.
    pub fn parse(name: &str) -> Result<Self, Rule> {
        let unknown = || Rule::new("time_zone", "must be an IANA time zone such as Europe/Zurich");
        let zone = zones().get(name).map_err(|_| unknown())?;
        if zone.is_unknown() || zone.iana_name().is_none() {
            return Err(unknown());
        }
        Ok(Self(zone))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What its clocks show.
    pub fn local_time(&self, at: Timestamp) -> DateTime {
        self.0.to_datetime(at)
    }
}

/// A time as the clocks of a zone show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalTime {
    /// What the clocks show.
    pub local: DateTime,
    /// Whose clocks.
    pub zone: Zone,
    /// Which one is meant of a time that occurs twice because clocks are set back: the second, or the first.
    pub later: bool,
}

impl LocalTime {
    /// A time that exists.
    ///
    /// # Errors
    /// `dst_gap` when clocks are set forward over it, so that no clock ever shows it.
    pub fn new(local: DateTime, zone: Zone, later: bool) -> Result<Self, Rule> {
        let ambiguous = zone.0.to_ambiguous_timestamp(local);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => Err(Rule::new(
                "dst_gap",
                format!("does not exist in {}: clocks are set forward over it", zone.name()),
            )),
            // Only a time that occurs twice needs to say which; kept in one form, so that equal times are equal.
            AmbiguousOffset::Unambiguous { .. } => Ok(Self {
                local,
                zone,
                later: false,
            }),
            AmbiguousOffset::Fold { .. } => Ok(Self { local, zone, later }),
        }
    }

    /// A time as it was stored. Should the rules have changed since, so that it now falls into a gap, it stays.
    pub fn stored(local: DateTime, zone: Zone, later: bool) -> Self {
        Self { local, zone, later }
    }

    /// The instant, by the rules of today.
    pub fn instant(&self) -> Timestamp {
        let ambiguous = self.zone.0.to_ambiguous_timestamp(self.local);
        let instant = if self.later {
            ambiguous.later()
        } else {
            // The first of two; in a gap, the time is moved on by its length.
            ambiguous.compatible()
        };
        instant.unwrap_or(if self.local.year() < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// Offset from UTC at that instant, such as `+02:00`.
    pub fn utc_offset(&self) -> String {
        let seconds = self.zone.0.to_offset(self.instant()).seconds();
        let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Beginning or end of something planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// A whole day.
    Day(Date),
    /// A time.
    Time(LocalTime),
}

impl When {
    /// The day on the calendar of the place.
    pub fn date(&self) -> Date {
        match self {
            Self::Day(day) => *day,
            Self::Time(time) => time.local.date(),
        }
    }

    /// The instant; a whole day has none.
    pub fn instant(&self) -> Option<Timestamp> {
        match self {
            Self::Day(_) => None,
            Self::Time(time) => Some(time.instant()),
        }
    }
}

/// Days that one thing may last.
const MAX_DAYS: i32 = 366;

/// Checks that a beginning and an end belong together.
///
/// # Errors
/// When there is an end alone, a day with a time, an end before its beginning, or more than a year between them.
pub fn check_order(start: Option<&When>, end: Option<&When>) -> Result<(), Invalid> {
    let mut checks = Checks::default();
    match (start, end) {
        (_, None) => {}
        (None, Some(_)) => checks.ensure(false, "start", "required", "is required when there is an end"),
        (Some(When::Day(from)), Some(When::Day(to))) => {
            checks.ensure(from <= to, "end", "order", "must not be before start");
        }
        (Some(When::Time(from)), Some(When::Time(to))) => {
            // By instants: an eastward flight over the date line arrives on the day before.
            let orderly = from.instant() <= to.instant();
            checks.ensure(orderly, "end", "order", "must not be before start");
        }
        (Some(_), Some(_)) => checks.ensure(
            false,
            "end",
            "same_form",
            "must be a day when start is a day, and a time when start is a time",
        ),
    }
    if let (Some(start), Some(end)) = (start, end) {
        let days = start.date().until(end.date()).map_or(i32::MAX, |span| span.get_days());
        let short = days <= MAX_DAYS;
        checks.ensure(
            short,
            "end",
            "range",
            format!("must be within {MAX_DAYS} days of start"),
        );
    }
    checks.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(local: &str, zone: &str, later: bool) -> Result<LocalTime, Rule> {
        LocalTime::new(local.parse().unwrap(), Zone::parse(zone)?, later)
    }

    #[test]
    fn a_local_time_has_one_instant() {
        for (local, zone, later, instant, offset) in [
            (
                "2027-04-01T10:15",
                "Europe/Zurich",
                false,
                "2027-04-01T08:15:00Z",
                "+02:00",
            ),
            ("2027-04-01T10:15", "asia/tokyo", true, "2027-04-01T01:15:00Z", "+09:00"),
            (
                "2027-04-01T10:15",
                "Asia/Kathmandu",
                false,
                "2027-04-01T04:30:00Z",
                "+05:45",
            ),
            // Clocks are set back: the same time twice.
            (
                "2027-10-31T02:30",
                "Europe/Zurich",
                false,
                "2027-10-31T00:30:00Z",
                "+02:00",
            ),
            (
                "2027-10-31T02:30",
                "Europe/Zurich",
                true,
                "2027-10-31T01:30:00Z",
                "+01:00",
            ),
            (
                "2027-11-07T01:30",
                "America/New_York",
                true,
                "2027-11-07T06:30:00Z",
                "-05:00",
            ),
            ("2027-01-01T00:00", "UTC", false, "2027-01-01T00:00:00Z", "+00:00"),
        ] {
            let time = time(local, zone, later).unwrap();
            assert_eq!(
                (time.instant().to_string(), time.utc_offset()),
                (instant.to_owned(), offset.to_owned())
            );
        }
    }

    #[test]
    fn a_time_that_no_clock_shows_is_refused() {
        for (local, zone) in [
            ("2027-03-28T02:30", "Europe/Zurich"),
            ("2027-03-14T02:00", "America/New_York"),
            // A whole day was skipped when Samoa crossed the date line.
            ("2011-12-30T12:00", "Pacific/Apia"),
        ] {
            assert_eq!(time(local, zone, false).unwrap_err().rule, "dst_gap", "{local} {zone}");
        }
        assert!(time("2027-03-28T03:00", "Europe/Zurich", false).is_ok());
    }

    #[test]
    fn zones_have_their_iana_names() {
        assert_eq!(Zone::parse("europe/zurich").unwrap().name(), "Europe/Zurich");
        for name in [
            "",
            "Zurich",
            "+02:00",
            "Etc/Unknown",
            "../etc/passwd",
            "Europe/Zurich\u{0}",
            "EST5EDT,M3.2.0,M11.1.0",
        ] {
            assert_eq!(Zone::parse(name).unwrap_err().rule, "time_zone", "{name:?}");
        }
    }

    #[test]
    fn an_end_follows_its_start() {
        let day = |text: &str| Some(When::Day(text.parse().unwrap()));
        let at = |local: &str, zone: &str| Some(When::Time(time(local, zone, false).unwrap()));
        for (start, end, broken) in [
            (None, None, None),
            (day("2027-04-01"), None, None),
            (day("2027-04-01"), day("2027-04-01"), None),
            (day("2027-04-02"), day("2027-04-01"), Some("end")),
            (None, day("2027-04-01"), Some("start")),
            (day("2027-04-01"), at("2027-04-01T10:00", "UTC"), Some("end")),
            (day("2027-04-01"), day("2029-04-01"), Some("end")),
            // Tokyo to Honolulu: lands, on its clocks, twelve hours before it left.
            (
                at("2027-04-02T20:00", "Asia/Tokyo"),
                at("2027-04-02T08:00", "Pacific/Honolulu"),
                None,
            ),
            (
                at("2027-04-02T20:00", "Asia/Tokyo"),
                at("2027-04-02T12:00", "Europe/London"),
                None,
            ),
            (
                at("2027-04-02T20:00", "Asia/Tokyo"),
                at("2027-04-02T11:59", "Europe/London"),
                Some("end"),
            ),
        ] {
            let result = check_order(start.as_ref(), end.as_ref());
            let field = result.err().map(|invalid| invalid.violations()[0].field.clone());
            assert_eq!(field.as_deref(), broken, "{start:?} {end:?}");
        }
    }
}
