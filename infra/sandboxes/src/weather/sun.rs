//! Sunrise and sunset, to within some minutes.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};

/// When the sun rises and sets. Where it does neither, day or night lasts from midnight to midnight.
pub(super) fn hours(latitude: f64, longitude: f64, date: Date, zone: &TimeZone) -> Option<(Zoned, Zoned)> {
    let day = f64::from(date.day_of_year());
    let declination = -23.44_f64.to_radians() * ((day + 10.0) / 365.25 * std::f64::consts::TAU).cos();
    let cosine = -latitude.to_radians().tan() * declination.tan();
    let half = cosine.clamp(-1.0, 1.0).acos().to_degrees() / 15.0;
    let noon_utc = 12.0 - longitude / 15.0;
    let midnight = date.to_zoned(TimeZone::UTC).ok()?;
    let at = |hours: f64| {
        let moment = midnight.timestamp() + SignedDuration::from_mins((hours * 60.0).round() as i64);
        moment.to_zoned(zone.clone())
    };
    Some((at(noon_utc - half), at(noon_utc + half)))
}
