//! The weather of a place on a day: by latitude and season, with some chance that is always the same.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use crate::chance;
use crate::geography;

/// One day's weather, in metric units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Day {
    pub(super) minimum: f64,
    pub(super) maximum: f64,
    /// Millimetres.
    pub(super) rain: f64,
    /// Percent.
    pub(super) rain_probability: u64,
    /// Kilometres in an hour.
    pub(super) wind: f64,
    pub(super) uv: f64,
    /// As the WMO numbers weather.
    pub(super) code: u64,
}

/// The weather at a point, rounded to a tenth of a degree, on a day.
pub(super) fn day(latitude: f64, longitude: f64, date: Date) -> Day {
    let place = format!("{latitude:.1},{longitude:.1}/{date}");
    let part = |what: &str| chance::below(&format!("{what}{place}"), 1001) as f64 / 1000.0;
    let season = season(latitude, date);
    let mean = 28.0 - 0.0065 * latitude * latitude + season * latitude.abs() * 0.2 + (part("mean") - 0.5) * 8.0;
    let spread = 3.0 + part("spread") * 4.0;
    let rain_probability = chance::below(&format!("rain{place}"), 101);
    let rains = part("rains") * 100.0 < rain_probability as f64;
    let rain = if rains {
        round(0.2 + part("amount").powi(2) * 18.0)
    } else {
        0.0
    };
    let sunny = (latitude.to_radians().cos() * (1.0 + 0.5 * season)).max(0.05);
    Day {
        minimum: round(mean - spread),
        maximum: round(mean + spread),
        rain,
        rain_probability,
        wind: round(4.0 + part("wind").powi(2) * 45.0),
        uv: round(9.0 * sunny * (1.0 - rain_probability as f64 / 200.0)),
        code: code(rain, rain_probability, mean + spread, part("storm")),
    }
}

/// From -1 in midwinter to 1 in midsummer.
fn season(latitude: f64, date: Date) -> f64 {
    let turn = (f64::from(date.day_of_year()) - 200.0) / 365.25 * std::f64::consts::TAU;
    turn.cos() * latitude.signum()
}

fn code(rain: f64, probability: u64, maximum: f64, storm: f64) -> u64 {
    let strength = match rain {
        rain if rain > 10.0 => 2,
        rain if rain > 3.0 => 1,
        _ => 0,
    };
    match () {
        () if rain > 0.0 && maximum < 1.5 => [71, 73, 75][strength],
        () if rain > 8.0 && maximum > 18.0 && storm > 0.7 => 95,
        () if rain > 0.0 => [61, 63, 65][strength],
        () if probability < 15 => 0,
        () if probability < 35 => 1,
        () if probability < 60 => 2,
        () if storm > 0.95 => 45,
        () => 3,
    }
}

pub(super) fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// The time zone of a point: of the airport next to it, or by longitude where none is near.
pub(super) fn time_zone(latitude: f64, longitude: f64) -> TimeZone {
    let near = geography::nearest((latitude, longitude), 400.0);
    let zone = near.map(|airport| TimeZone::get(&airport.time_zone));
    let hours = (longitude / 15.0).round().clamp(-12.0, 12.0) as i8;
    zone.and_then(Result::ok)
        .unwrap_or_else(|| TimeZone::fixed(Offset::constant(hours)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_and_latitudes_make_sense() {
        let mean = |latitude: f64, month: i8| {
            let days = (1..=28).map(|number| jiff::civil::date(2027, month, number));
            days.map(|date| day(latitude, 10.0, date).maximum).sum::<f64>() / 28.0
        };
        assert!(mean(51.5, 7) > mean(51.5, 1) + 10.0);
        assert!(mean(-33.9, 1) > mean(-33.9, 7) + 5.0);
        assert!(mean(1.3, 1) > 25.0);
        assert!(mean(64.0, 1) < 0.0);
        let date = jiff::civil::date(2027, 5, 5);
        assert_eq!(day(51.5, 0.1, date), day(51.5, 0.1, date));
        assert_eq!(time_zone(51.5, -0.1).iana_name(), Some("Europe/London"));
    }
}
