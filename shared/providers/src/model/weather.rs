use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use tripsage_domain::weather::Conditions;

use crate::Provider;

/// Weather of the days to come at one point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Who says so; must be named where it is shown.
    pub provider: Provider,
    /// IANA zone of the days.
    pub time_zone: Option<String>,
    /// Days, in order.
    pub days: Vec<WeatherDay>,
}

/// Weather of one day, in metric units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeatherDay {
    /// Which day, on the calendar of the place.
    pub date: Date,
    /// What the sky does.
    pub conditions: Conditions,
    /// Lowest temperature in degrees Celsius.
    pub low_c: Option<f64>,
    /// Highest temperature in degrees Celsius.
    pub high_c: Option<f64>,
    /// Rain and snow in millimetres.
    pub precipitation_mm: Option<f64>,
    /// How likely, in percent.
    pub precipitation_percent: Option<u8>,
    /// Strongest wind in kilometres an hour.
    pub wind_kmh: Option<f64>,
    /// Index of ultraviolet light.
    pub uv_index: Option<f64>,
    /// On the clocks of the place.
    pub sunrise: Option<DateTime>,
    /// On the clocks of the place.
    pub sunset: Option<DateTime>,
}
