use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use serde::Deserialize;
use tripsage_domain::{trip::Coordinates, weather::Conditions};

use super::{LIMIT, percent, tenth};
use crate::{
    Account, Deadline, Fault, Provider, Refusal, Result,
    model::{Forecast, WeatherDay, bounded, zone_name},
    policy::{Call, Outbound, Reply, Safety},
};

const DAILY: &str = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,\
                     precipitation_probability_max,wind_speed_10m_max,uv_index_max,sunrise,sunset";

/// Days that it knows.
const MAX_DAYS: u8 = 16;

/// A client of Open-Meteo. Its data is licensed CC BY 4.0: it must be named where the weather is shown.
pub struct OpenMeteo {
    pub(crate) outbound: Arc<Outbound>,
}

#[derive(Deserialize)]
struct Wire {
    timezone: Option<String>,
    daily: Daily,
}

/// Columns of equal length; a day for which something is not known has `null` there.
#[derive(Deserialize)]
struct Daily {
    time: Vec<Date>,
    #[serde(default)]
    weather_code: Vec<Option<u16>>,
    #[serde(default)]
    temperature_2m_max: Vec<Option<f64>>,
    #[serde(default)]
    temperature_2m_min: Vec<Option<f64>>,
    #[serde(default)]
    precipitation_sum: Vec<Option<f64>>,
    #[serde(default)]
    precipitation_probability_max: Vec<Option<f64>>,
    #[serde(default)]
    wind_speed_10m_max: Vec<Option<f64>>,
    #[serde(default)]
    uv_index_max: Vec<Option<f64>>,
    #[serde(default)]
    sunrise: Vec<Option<DateTime>>,
    #[serde(default)]
    sunset: Vec<Option<DateTime>>,
}

#[derive(Deserialize)]
struct WireError {
    reason: Option<String>,
}

impl OpenMeteo {
    pub(crate) fn is_configured(&self) -> bool {
        self.outbound.address("OPEN_METEO_URL").is_some()
    }

    /// Weather of `days` days (at most 16) from today on.
    ///
    /// # Errors
    /// As any call.
    pub async fn forecast(&self, at: Coordinates, days: u8, deadline: Deadline) -> Result<Forecast> {
        let fail = |fault: Fault| fault.of(Provider::OpenMeteo);
        let address = self
            .outbound
            .address("OPEN_METEO_URL")
            .ok_or_else(|| fail(Fault::NotConfigured))?;
        // Two decimals are a kilometre, and the grid is coarser.
        let url = format!(
            "{address}/v1/forecast?latitude={:.2}&longitude={:.2}&daily={DAILY}&timezone=auto&forecast_days={}",
            at.latitude,
            at.longitude,
            days.clamp(1, MAX_DAYS)
        );
        let call = Call {
            provider: Provider::OpenMeteo,
            operation: "forecast",
            account: &Account::anonymous(),
            safety: Safety::Repeatable,
            limit: LIMIT,
            deadline,
            is_search: false,
        };
        self.outbound.send(call, |http| http.get(&url), read).await
    }
}

fn read(reply: &Reply) -> std::result::Result<Forecast, Fault> {
    if !reply.status.is_success() {
        return Err(reply.outage().unwrap_or_else(|| {
            let error = serde_json::from_slice::<WireError>(&reply.body).ok();
            let reason = error.and_then(|error| error.reason).unwrap_or_default();
            Fault::Refused {
                refusal: Refusal::Invalid,
                message_for_us: bounded(&format!("{} {reason}", reply.status.as_u16()), 200),
            }
        }));
    }
    let Wire { timezone, daily } = reply.json()?;
    let number = |column: &[Option<f64>], day: usize| column.get(day).copied().flatten();
    let clock = |column: &[Option<DateTime>], day: usize| column.get(day).copied().flatten();
    let day = |(day, date): (usize, &Date)| WeatherDay {
        date: *date,
        conditions: daily
            .weather_code
            .get(day)
            .copied()
            .flatten()
            .map_or(Conditions::Unknown, Conditions::of_wmo),
        low_c: tenth(number(&daily.temperature_2m_min, day)),
        high_c: tenth(number(&daily.temperature_2m_max, day)),
        precipitation_mm: tenth(number(&daily.precipitation_sum, day)),
        precipitation_percent: percent(number(&daily.precipitation_probability_max, day)),
        wind_kmh: tenth(number(&daily.wind_speed_10m_max, day)),
        uv_index: tenth(number(&daily.uv_index_max, day)),
        sunrise: clock(&daily.sunrise, day),
        sunset: clock(&daily.sunset, day),
    };
    Ok(Forecast {
        provider: Provider::OpenMeteo,
        time_zone: zone_name(timezone.as_deref()),
        days: daily.time.iter().enumerate().take(MAX_DAYS.into()).map(day).collect(),
    })
}
