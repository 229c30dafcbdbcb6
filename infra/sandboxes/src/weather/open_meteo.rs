//! Open-Meteo's forecast: daily values and a few current ones, no hourly ones.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde_json::{Map, Value, json};
use tripsage_emulators::clock::Clock;

use super::climate::{self, Day, round};
use super::sun;
use crate::exchange::{Answer, Asked, StandIn};

/// How far back and ahead it tells.
const PAST: i64 = 92;
const FUTURE: i64 = 15;

const DAILY: [&str; 9] = [
    "weather_code",
    "temperature_2m_max",
    "temperature_2m_min",
    "precipitation_sum",
    "precipitation_probability_max",
    "wind_speed_10m_max",
    "uv_index_max",
    "sunrise",
    "sunset",
];
const CURRENT: [&str; 4] = ["temperature_2m", "weather_code", "wind_speed_10m", "precipitation"];

/// The stand-in.
pub(crate) struct OpenMeteo {
    pub(crate) clock: Clock,
}

/// What the values are told in.
struct Units {
    fahrenheit: bool,
    wind: &'static str,
    inches: bool,
    unix: bool,
}

impl StandIn for OpenMeteo {
    fn answer(&self, asked: &Asked) -> Answer {
        if asked.path != "/v1/forecast" {
            return Answer::json(404, &json!({ "error": true, "reason": "Not Found" }));
        }
        match self.forecast(asked) {
            Ok(body) => Answer::json(200, &body),
            Err(reason) => Answer::json(400, &json!({ "error": true, "reason": reason })),
        }
    }

    fn credential(&self, _asked: &Asked) -> String {
        String::new()
    }
}

impl OpenMeteo {
    fn forecast(&self, asked: &Asked) -> Result<Value, String> {
        let latitude = coordinate(asked, "latitude", 90.0)?;
        let longitude = coordinate(asked, "longitude", 180.0)?;
        let daily = variables(asked, "daily", &DAILY)?;
        let current = variables(asked, "current", &CURRENT)?;
        let zone = match asked.query("timezone") {
            Some("auto") => climate::time_zone(latitude, longitude),
            Some(name) => TimeZone::get(name).map_err(|_| "Invalid timezone".to_owned())?,
            None if !daily.is_empty() => return Err("Timezone is required".to_owned()),
            None => TimeZone::UTC,
        };
        let units = units(asked)?;
        let now = Timestamp::from_millisecond((self.clock)())
            .unwrap_or_default()
            .to_zoned(zone.clone());
        let dates = dates(asked, now.date())?;
        let mut body = json!({
            "latitude": (latitude * 16.0).round() / 16.0,
            "longitude": (longitude * 16.0).round() / 16.0,
            "generationtime_ms": 0.05,
            "utc_offset_seconds": now.offset().seconds(),
            "timezone": zone.iana_name().unwrap_or("GMT"),
            "timezone_abbreviation": now.strftime("%Z").to_string(),
            "elevation": 20.0,
        });
        if !daily.is_empty() {
            body["daily_units"] = names(&daily, &units);
            body["daily"] = series(&daily, &dates, (latitude, longitude), &zone, &units);
        }
        if !current.is_empty() {
            let day = climate::day(latitude, longitude, now.date());
            let mut values = Map::new();
            values.insert("time".to_owned(), instant(&now, &units));
            values.insert("interval".to_owned(), 900.into());
            for name in &current {
                values.insert((*name).to_owned(), now_value(name, &day, &units));
            }
            body["current_units"] = names(&current, &units);
            body["current"] = Value::Object(values);
        }
        Ok(body)
    }
}

fn coordinate(asked: &Asked, name: &str, limit: f64) -> Result<f64, String> {
    let text = asked
        .query(name)
        .ok_or_else(|| format!("Value of type 'Array<Double>' required for key '{name}'."))?;
    let number: f64 = text.parse().map_err(|_| format!("Data corrupted at path '{name}'."))?;
    let mut title = name.to_owned();
    title[..1].make_ascii_uppercase();
    if number.abs() <= limit {
        return Ok(number);
    }
    Err(format!(
        "{title} must be in range of -{limit} to {limit}°. Given: {number:.1}."
    ))
}

fn variables<'a>(asked: &'a Asked, field: &str, known: &[&str]) -> Result<Vec<&'a str>, String> {
    let given = asked.query.iter().filter(|(name, _)| name == field);
    let names: Vec<&str> = given
        .flat_map(|(_, list)| list.split(','))
        .filter(|name| !name.is_empty())
        .collect();
    match names.iter().find(|name| !known.contains(name)) {
        None => Ok(names),
        Some(name) => Err(format!(
            "Data corrupted at path ''. Cannot initialize VariableDaily from invalid String value {name}."
        )),
    }
}

fn units(asked: &Asked) -> Result<Units, String> {
    let invalid = |name: &str, value: &str| format!("Cannot initialize {name} from invalid String value {value}.");
    let choice = |name: &'static str, choices: &[&'static str]| match asked.query(name) {
        None => Ok(choices[0]),
        Some(value) => {
            let found = choices.iter().copied().find(|choice| *choice == value);
            found.ok_or_else(|| invalid(name, value))
        }
    };
    Ok(Units {
        fahrenheit: choice("temperature_unit", &["celsius", "fahrenheit"])? == "fahrenheit",
        wind: choice("wind_speed_unit", &["kmh", "ms", "mph", "kn"])?,
        inches: choice("precipitation_unit", &["mm", "inch"])? == "inch",
        unix: choice("timeformat", &["iso8601", "unixtime"])? == "unixtime",
    })
}

fn dates(asked: &Asked, today: Date) -> Result<Vec<Date>, String> {
    let (first, last) = match (asked.query("start_date"), asked.query("end_date")) {
        (None, None) => {
            let days = match asked.query("forecast_days") {
                None => 7,
                Some(text) => text
                    .parse()
                    .ok()
                    .filter(|days| (0..=16).contains(days))
                    .ok_or_else(|| format!("Forecast days is invalid. Allowed range 0 to 16. Given {text}."))?,
            };
            (today, today.saturating_add((days - 1).days()))
        }
        (Some(_), _) if asked.query("forecast_days").is_some() => {
            return Err("Parameter 'forecast_days' is mutually exclusive with 'start_date' and 'end_date'".to_owned());
        }
        (Some(first), Some(last)) => {
            let date = |text: &str| {
                text.parse::<Date>()
                    .map_err(|_| "Invalid date format. Make sure to use 'YYYY-MM-DD'".to_owned())
            };
            (date(first)?, date(last)?)
        }
        _ => return Err("Both 'start_date' and 'end_date' must be set".to_owned()),
    };
    let (from, to) = (today.saturating_sub(PAST.days()), today.saturating_add(FUTURE.days()));
    for (name, date) in [("start_date", first), ("end_date", last)] {
        if !(from..=to).contains(&date) && first <= last {
            return Err(format!(
                "Parameter '{name}' is out of allowed range from {from} to {to}"
            ));
        }
    }
    if asked.query("start_date").is_some() && first > last {
        return Err("End-date must be larger or equals than start-date".to_owned());
    }
    Ok(first.series(1.day()).take_while(|date| *date <= last).collect())
}

fn instant(moment: &Zoned, units: &Units) -> Value {
    if units.unix {
        moment.timestamp().as_second().into()
    } else {
        moment.strftime("%Y-%m-%dT%H:%M").to_string().into()
    }
}

fn series(names: &[&str], dates: &[Date], (latitude, longitude): (f64, f64), zone: &TimeZone, units: &Units) -> Value {
    let mut values = Map::new();
    let time = |date: &Date| match date.to_zoned(zone.clone()) {
        Ok(midnight) if units.unix => midnight.timestamp().as_second().into(),
        _ => json!(date),
    };
    values.insert("time".to_owned(), dates.iter().map(time).collect());
    for name in names {
        let value = |date: &Date| {
            let sun = || sun::hours(latitude, longitude, *date, zone);
            match *name {
                "sunrise" => sun().map_or(Value::Null, |(rise, _)| instant(&rise, units)),
                "sunset" => sun().map_or(Value::Null, |(_, set)| instant(&set, units)),
                name => daily_value(name, &climate::day(latitude, longitude, *date), units),
            }
        };
        values.insert((*name).to_owned(), dates.iter().map(value).collect());
    }
    Value::Object(values)
}

fn daily_value(name: &str, day: &Day, units: &Units) -> Value {
    match name {
        "weather_code" => json!(day.code),
        "temperature_2m_max" => temperature(day.maximum, units),
        "temperature_2m_min" => temperature(day.minimum, units),
        "precipitation_sum" => length(day.rain, units),
        "precipitation_probability_max" => json!(day.rain_probability),
        "wind_speed_10m_max" => speed(day.wind, units),
        "uv_index_max" => json!(day.uv),
        _ => Value::Null,
    }
}

fn now_value(name: &str, day: &Day, units: &Units) -> Value {
    match name {
        "temperature_2m" => temperature(f64::midpoint(day.minimum, day.maximum), units),
        "weather_code" => json!(day.code),
        "wind_speed_10m" => speed(day.wind / 2.0, units),
        "precipitation" => length(day.rain / 24.0, units),
        _ => Value::Null,
    }
}

fn temperature(celsius: f64, units: &Units) -> Value {
    json!(round(if units.fahrenheit {
        celsius * 1.8 + 32.0
    } else {
        celsius
    }))
}

fn length(millimetres: f64, units: &Units) -> Value {
    if units.inches {
        json!((millimetres / 25.4 * 1000.0).round() / 1000.0)
    } else {
        json!(round(millimetres))
    }
}

fn speed(kilometres: f64, units: &Units) -> Value {
    json!(round(match units.wind {
        "ms" => kilometres / 3.6,
        "mph" => kilometres / 1.609_344,
        "kn" => kilometres / 1.852,
        _ => kilometres,
    }))
}

fn names(variables: &[&str], units: &Units) -> Value {
    let time = if units.unix { "unixtime" } else { "iso8601" };
    let unit = |name: &str| match name {
        "weather_code" => "wmo code",
        "precipitation_probability_max" => "%",
        "uv_index_max" => "",
        "sunrise" | "sunset" => time,
        name if name.starts_with("temperature") => {
            if units.fahrenheit {
                "°F"
            } else {
                "°C"
            }
        }
        name if name.starts_with("wind") => match units.wind {
            "kmh" => "km/h",
            "ms" => "m/s",
            "mph" => "mp/h",
            other => other,
        },
        _ => {
            if units.inches {
                "inch"
            } else {
                "mm"
            }
        }
    };
    let mut all = Map::from_iter([("time".to_owned(), time.into())]);
    all.extend(variables.iter().map(|name| ((*name).to_owned(), unit(name).into())));
    Value::Object(all)
}
