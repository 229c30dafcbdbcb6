use std::sync::Arc;

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};
use serde::Deserialize;
use tripsage_domain::{trip::Coordinates, weather::Conditions};
use tripsage_runtime::ExposeSecret;

use super::{LIMIT, percent, tenth};
use crate::{
    Access, Deadline, Fault, Provider, Refusal, Result,
    model::{Forecast, WeatherDay, zone_name},
    policy::{Call, Outbound, Reply, Safety},
};

/// A client of OpenWeather's One Call 3.0.
pub struct OpenWeather {
    pub(crate) outbound: Arc<Outbound>,
}

#[derive(Deserialize)]
struct Wire {
    timezone: Option<String>,
    #[serde(default)]
    timezone_offset: i32,
    daily: Vec<WireDay>,
}

#[derive(Deserialize)]
struct WireDay {
    dt: i64,
    sunrise: Option<i64>,
    sunset: Option<i64>,
    temp: WireTemperatures,
    /// A share of one.
    pop: Option<f64>,
    rain: Option<f64>,
    snow: Option<f64>,
    /// Metres a second.
    wind_speed: Option<f64>,
    uvi: Option<f64>,
    #[serde(default)]
    weather: Vec<WireConditions>,
}

#[derive(Deserialize)]
struct WireTemperatures {
    min: Option<f64>,
    max: Option<f64>,
}

#[derive(Deserialize)]
struct WireConditions {
    id: u16,
}

impl OpenWeather {
    pub(crate) fn is_configured(&self) -> bool {
        self.outbound.address("OPENWEATHER_URL").is_some()
    }

    /// Weather of `days` days (at most 8) from today on.
    ///
    /// # Errors
    /// As any call.
    pub async fn forecast(&self, access: &Access, at: Coordinates, days: u8, deadline: Deadline) -> Result<Forecast> {
        let exclude = "current,minutely,hourly,alerts";
        let mut forecast = self.call("forecast", access, at, exclude, deadline, read).await?;
        forecast.days.truncate(days.into());
        Ok(forecast)
    }

    /// The smallest answer there is.
    pub(crate) async fn probe(&self, access: &Access, deadline: Deadline) -> Result<()> {
        let greenwich = Coordinates {
            latitude: 51.48,
            longitude: 0.0,
        };
        let exclude = "current,minutely,hourly,daily,alerts";
        let read = |reply: &Reply| {
            if reply.status.is_success() {
                Ok(())
            } else {
                Err(fault(reply))
            }
        };
        self.call("probe", access, greenwich, exclude, deadline, read).await
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        access: &Access,
        at: Coordinates,
        exclude: &str,
        deadline: Deadline,
        read: impl Fn(&Reply) -> std::result::Result<T, Fault> + Sync,
    ) -> Result<T> {
        let fail = |fault: Fault| fault.of(Provider::OpenWeather);
        let address = self
            .outbound
            .address("OPENWEATHER_URL")
            .ok_or_else(|| fail(Fault::NotConfigured))?;
        // The key is a part of the address here: addresses are in no log and no error of ours.
        let mut url =
            url::Url::parse(&format!("{address}/data/3.0/onecall")).map_err(|_| fail(Fault::NotConfigured))?;
        url.query_pairs_mut()
            .append_pair("lat", &format!("{:.2}", at.latitude))
            .append_pair("lon", &format!("{:.2}", at.longitude))
            .append_pair("units", "metric")
            .append_pair("exclude", exclude)
            .append_pair("appid", access.secret.expose_secret());
        let call = Call {
            provider: Provider::OpenWeather,
            operation,
            account: &access.account,
            safety: Safety::Repeatable,
            limit: LIMIT,
            deadline,
            is_search: false,
        };
        self.outbound.send(call, |http| http.get(url.clone()), read).await
    }
}

fn fault(reply: &Reply) -> Fault {
    match reply.status.as_u16() {
        401 | 403 => Fault::KeyRefused,
        status => reply.outage().unwrap_or_else(|| Fault::Refused {
            refusal: if status == 404 {
                Refusal::NotFound
            } else {
                Refusal::Invalid
            },
            // Its message repeats the key in places.
            message_for_us: status.to_string(),
        }),
    }
}

fn read(reply: &Reply) -> std::result::Result<Forecast, Fault> {
    if !reply.status.is_success() {
        return Err(fault(reply));
    }
    let wire: Wire = reply.json()?;
    // The offset is that of now; a week across a change of the clocks needs the zone.
    let offset = Offset::from_seconds(wire.timezone_offset).unwrap_or(Offset::UTC);
    let zone = wire
        .timezone
        .as_deref()
        .and_then(|name| TimeZoneDatabase::bundled().get(name).ok());
    let zone = zone.unwrap_or_else(|| TimeZone::fixed(offset));
    let local = |seconds: i64| -> Option<DateTime> { Some(zone.to_datetime(Timestamp::from_second(seconds).ok()?)) };
    let day = |day: WireDay| {
        // Both are left out on a dry day.
        let wet = day.rain.unwrap_or(0.0) + day.snow.unwrap_or(0.0);
        Some(WeatherDay {
            date: local(day.dt)?.date(),
            conditions: day
                .weather
                .first()
                .map_or(Conditions::Unknown, |c| Conditions::of_openweather(c.id)),
            low_c: tenth(day.temp.min),
            high_c: tenth(day.temp.max),
            precipitation_mm: tenth(Some(wet)),
            precipitation_percent: percent(day.pop.map(|share| share * 100.0)),
            wind_kmh: tenth(day.wind_speed.map(|speed| speed * 3.6)),
            uv_index: tenth(day.uvi),
            sunrise: day.sunrise.and_then(local),
            sunset: day.sunset.and_then(local),
        })
    };
    Ok(Forecast {
        provider: Provider::OpenWeather,
        time_zone: zone_name(wire.timezone.as_deref()),
        days: wire.daily.into_iter().filter_map(day).collect(),
    })
}
