//! OpenWeather's One Call 3.0: now, hours, days and alerts; no minutes.

use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};
use serde_json::{Value, json};
use tripsage_emulators::clock::Clock;

use super::climate::{self, Day, round};
use super::sun;
use crate::exchange::{Answer, Asked, StandIn};

/// Keys have 32 characters and begin so. Those that begin with the second have used up their calls.
const KEY: &str = "5a4d";
const EXHAUSTED: &str = "5a4d429";

/// The stand-in.
pub(crate) struct OpenWeather {
    pub(crate) clock: Clock,
}

impl StandIn for OpenWeather {
    fn answer(&self, asked: &Asked) -> Answer {
        if asked.path != "/data/3.0/onecall" {
            return error(404, json!("404"), "Internal error");
        }
        let key = self.credential(asked);
        if !key.starts_with(KEY) || key.len() != 32 {
            let message = "Invalid API key. Please see https://openweathermap.org/faq#error401 for more info.";
            return error(401, json!(401), message);
        }
        if key.starts_with(EXHAUSTED) {
            let message = "Your account is temporary blocked due to exceeding of requests limitation of your \
                           subscription type. Please choose the proper subscription https://openweathermap.org/price";
            return error(429, json!(429), message);
        }
        let coordinate = |name: &str, limit: f64| {
            let number = asked.query(name).and_then(|text| text.parse::<f64>().ok());
            number.filter(|number| number.abs() <= limit)
        };
        match (asked.query("lat"), coordinate("lat", 90.0), coordinate("lon", 180.0)) {
            (None, ..) => error(400, json!("400"), "Nothing to geocode"),
            (_, None, _) => error(400, json!("400"), "wrong latitude"),
            (_, _, None) => error(400, json!("400"), "wrong longitude"),
            (_, Some(latitude), Some(longitude)) => Answer::json(200, &self.one_call(asked, latitude, longitude)),
        }
    }

    fn credential(&self, asked: &Asked) -> String {
        asked.query("appid").unwrap_or_default().to_owned()
    }
}

fn error(status: u16, code: Value, message: &str) -> Answer {
    Answer::json(status, &json!({ "cod": code, "message": message }))
}

/// What the values are told in.
#[derive(Clone, Copy)]
enum Units {
    Standard,
    Metric,
    Imperial,
}

impl Units {
    fn temperature(self, celsius: f64) -> f64 {
        match self {
            Self::Standard => ((celsius + 273.15) * 100.0).round() / 100.0,
            Self::Metric => round(celsius),
            Self::Imperial => round(celsius * 1.8 + 32.0),
        }
    }

    fn speed(self, kilometres: f64) -> f64 {
        match self {
            Self::Standard | Self::Metric => round(kilometres / 3.6),
            Self::Imperial => round(kilometres / 1.609_344),
        }
    }
}

impl OpenWeather {
    fn one_call(&self, asked: &Asked, latitude: f64, longitude: f64) -> Value {
        let units = match asked.query("units") {
            Some("metric") => Units::Metric,
            Some("imperial") => Units::Imperial,
            _ => Units::Standard,
        };
        let zone = climate::time_zone(latitude, longitude);
        let now = Timestamp::from_millisecond((self.clock)())
            .unwrap_or_default()
            .to_zoned(zone.clone());
        let day = |days: i64| {
            let date = now.date().saturating_add(days.days());
            let sun = sun::hours(latitude, longitude, date, &zone);
            (climate::day(latitude, longitude, date), sun, date)
        };
        let (today, sun, _) = day(0);
        let hour = |hours: i64| hourly(&(&now + SignedDuration::from_hours(hours)), latitude, longitude, units);
        let days = (0..8).map(day).map(|(day, sun, date)| {
            let noon = date
                .at(12, 0, 0, 0)
                .to_zoned(zone.clone())
                .map_or(0, |noon| noon.timestamp().as_second());
            daily(&day, sun.as_ref(), noon, units)
        });
        let mut body = json!({
            "lat": latitude,
            "lon": longitude,
            "timezone": zone.iana_name().unwrap_or("Etc/UTC"),
            "timezone_offset": now.offset().seconds(),
            "current": current(&now, &today, sun.as_ref(), units),
            "hourly": (0..48).map(hour).collect::<Vec<_>>(),
            "daily": days.collect::<Vec<_>>(),
        });
        if today.wind > 40.0 {
            body["alerts"] = json!([{
                "sender_name": "Sandbox Weather Office",
                "event": "Wind Warning",
                "start": now.timestamp().as_second(),
                "end": now.timestamp().as_second() + 6 * 3600,
                "description": "Strong gusts are expected.",
                "tags": ["Wind"],
            }]);
        }
        for part in asked.query("exclude").unwrap_or_default().split(',') {
            if let (Some(body), "current" | "hourly" | "daily" | "alerts") = (body.as_object_mut(), part) {
                body.remove(part);
            }
        }
        body
    }
}

fn current(now: &Zoned, day: &Day, sun: Option<&(Zoned, Zoned)>, units: Units) -> Value {
    let mut body = hourly_of(now, day, units);
    body["sunrise"] = json!(sun.map(|(rise, _)| rise.timestamp().as_second()));
    body["sunset"] = json!(sun.map(|(_, set)| set.timestamp().as_second()));
    body
}

fn hourly(moment: &Zoned, latitude: f64, longitude: f64, units: Units) -> Value {
    let day = climate::day(latitude, longitude, moment.date());
    let mut body = hourly_of(moment, &day, units);
    body["pop"] = json!(day.rain_probability as f64 / 100.0);
    body
}

/// Coldest at four in the morning, warmest at four in the afternoon.
fn hourly_of(moment: &Zoned, day: &Day, units: Units) -> Value {
    let turn = (f64::from(moment.hour()) - 16.0) / 24.0 * std::f64::consts::TAU;
    let middle = f64::midpoint(day.minimum, day.maximum);
    let degrees = units.temperature(middle + (day.maximum - middle) * turn.cos());
    json!({
        "dt": moment.timestamp().as_second(),
        "temp": degrees,
        "feels_like": degrees,
        "pressure": 1013,
        "humidity": 40 + day.rain_probability / 2,
        "uvi": day.uv,
        "clouds": day.rain_probability,
        "visibility": 10_000,
        "wind_speed": units.speed(day.wind / 2.0),
        "wind_deg": 220,
        "weather": [condition(day.code)],
    })
}

fn daily(day: &Day, sun: Option<&(Zoned, Zoned)>, noon: i64, units: Units) -> Value {
    let middle = units.temperature(f64::midpoint(day.minimum, day.maximum));
    let mut body = json!({
        "dt": noon,
        "sunrise": sun.map(|(rise, _)| rise.timestamp().as_second()),
        "sunset": sun.map(|(_, set)| set.timestamp().as_second()),
        "summary": "Made-up weather",
        "temp": {
            "min": units.temperature(day.minimum), "max": units.temperature(day.maximum),
            "day": middle, "night": units.temperature(day.minimum), "eve": middle, "morn": middle,
        },
        "feels_like": { "day": middle, "night": units.temperature(day.minimum), "eve": middle, "morn": middle },
        "pressure": 1013,
        "humidity": 40 + day.rain_probability / 2,
        "wind_speed": units.speed(day.wind),
        "wind_deg": 220,
        "weather": [condition(day.code)],
        "clouds": day.rain_probability,
        "pop": day.rain_probability as f64 / 100.0,
        "uvi": day.uv,
    });
    // Left out, not null, on dry days.
    if day.rain > 0.0 {
        body["rain"] = json!(day.rain);
    }
    body
}

/// OpenWeather's own numbers for what the WMO numbers otherwise.
fn condition(code: u64) -> Value {
    let (id, main, description, icon) = match code {
        0 => (800, "Clear", "clear sky", "01d"),
        1 => (801, "Clouds", "few clouds", "02d"),
        2 => (802, "Clouds", "scattered clouds", "03d"),
        45 => (741, "Fog", "fog", "50d"),
        61 => (500, "Rain", "light rain", "10d"),
        63 => (501, "Rain", "moderate rain", "10d"),
        65 => (502, "Rain", "heavy intensity rain", "10d"),
        71 => (600, "Snow", "light snow", "13d"),
        73 => (601, "Snow", "snow", "13d"),
        75 => (602, "Snow", "heavy snow", "13d"),
        95 => (211, "Thunderstorm", "thunderstorm", "11d"),
        _ => (804, "Clouds", "overcast clouds", "04d"),
    };
    json!({ "id": id, "main": main, "description": description, "icon": icon })
}
