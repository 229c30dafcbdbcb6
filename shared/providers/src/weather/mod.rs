//! Weather, from whoever the key is for: Open-Meteo needs none, OpenWeather takes a user's.

mod open_meteo;
mod openweather;

use std::time::Duration;

pub use self::{open_meteo::OpenMeteo, openweather::OpenWeather};

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(4);

/// A number that is one, with a decimal.
fn tenth(number: Option<f64>) -> Option<f64> {
    number
        .filter(|number| number.is_finite())
        .map(|number| (number * 10.0).round() / 10.0)
}

/// A share of one hundred.
fn percent(number: Option<f64>) -> Option<u8> {
    number
        .filter(|number| (0.0..=100.0).contains(number))
        .map(|number| number.round() as u8)
}
