use axum::extract::State;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use serde::{Deserialize, Serialize};
use tripsage_cache::{Cached, Content};
use tripsage_domain::{ids::UserId, service::Service, trip::Coordinates, validation::Checks};
use tripsage_http::{Admitted, ApiError, Context, Envelope, Errors, MaybeCaller, Path, Query, Reply};
use tripsage_providers::{Provider, model::Forecast};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    asking::{Asked, Asking, ProviderReport, Question, nobody_answered},
    destinations::destination,
    places::coordinates,
};

/// Days that are asked for, whatever a client wants: one answer in the cache serves all.
const OPEN_METEO_DAYS: u8 = 16;
const OPENWEATHER_DAYS: u8 = 8;

/// How far ahead.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WeatherDays {
    /// Days, today included; a provider may know fewer.
    #[param(minimum = 1, maximum = 16)]
    days: Option<u32>,
}

/// Weather of the days to come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WeatherBody {
    /// The destination.
    destination_id: String,
    /// IANA zone of the days.
    time_zone: Option<String>,
    /// Who says so.
    provider: &'static str,
    /// Must be shown with it.
    attribution: Attribution,
    /// Days, in order.
    days: Vec<WeatherDayBody>,
    /// Whether it was in the cache.
    cached: bool,
    /// Whether it is old, because the provider does not give anything new now.
    stale: bool,
    /// When the provider gave it.
    #[schema(value_type = String, format = DateTime)]
    made_at: Timestamp,
    /// Who was asked, and what became of it.
    providers: Vec<ProviderReport>,
}

/// Whom facts are from.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Attribution {
    /// What to write.
    pub(crate) text: &'static str,
    /// Where it leads.
    pub(crate) url: &'static str,
    /// Under which licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) licence: Option<&'static str>,
}

/// Weather of a day, in metric units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WeatherDayBody {
    /// On the calendar of the place.
    #[schema(value_type = String, format = Date)]
    date: Date,
    /// `clear`, `partly_cloudy`, `cloudy`, `fog`, `drizzle`, `rain`, `snow`, `thunderstorm` or `unknown`.
    conditions: &'static str,
    /// Lowest temperature in degrees Celsius.
    temperature_low_c: Option<f64>,
    /// Highest temperature in degrees Celsius.
    temperature_high_c: Option<f64>,
    /// Rain and snow in millimetres.
    precipitation_mm: Option<f64>,
    /// How likely, in percent.
    precipitation_percent: Option<u8>,
    /// Strongest wind in kilometres an hour.
    wind_kmh: Option<f64>,
    /// Index of ultraviolet light.
    uv_index: Option<f64>,
    /// On the clocks of the place.
    #[schema(value_type = Option<String>)]
    sunrise: Option<DateTime>,
    /// On the clocks of the place.
    #[schema(value_type = Option<String>)]
    sunset: Option<DateTime>,
}

/// The weather of a destination: from OpenWeather for a caller who has stored a key of it, else from Open-Meteo.
#[utoipa::path(get, path = "/api/v1/destinations/{destination_id}/weather", operation_id = "getDestinationWeather",
    tag = "search", params(("destination_id" = String, Path, example = "kyoto-jp"), WeatherDays),
    responses((status = 200, description = "The weather", body = Envelope<WeatherBody>), Errors))]
pub(crate) async fn get_destination_weather(
    State(app): State<App>,
    MaybeCaller(caller): MaybeCaller,
    context: Context,
    admitted: Admitted,
    Path(id): Path<String>,
    Query(query): Query<WeatherDays>,
) -> Result<Reply<WeatherBody>, ApiError> {
    let city = destination(&id)?;
    let days = query.days.unwrap_or(7);
    let mut checks = Checks::default();
    checks.ensure((1..=16).contains(&days), "days", "range", "must be between 1 and 16");
    checks.finish()?;
    let at = coordinates(city.position).ok_or_else(|| ApiError::internal("a city is not on the globe"))?;
    let asking = Asking::new(&app, &admitted, &context);
    let asked = ask_weather(&asking, caller.map(|caller| caller.user), at).await;
    let reports: Vec<ProviderReport> = asked.iter().map(|asked| asked.report.clone()).collect();
    let mut troubles = Vec::new();
    let mut found: Option<Cached<Forecast>> = None;
    for asked in asked {
        match asked.answer {
            Ok(cached) if found.is_none() => found = Some(cached),
            Ok(_) => {}
            Err(trouble) => troubles.push(trouble),
        }
    }
    let Some(found) = found else {
        return Err(nobody_answered(troubles, &reports));
    };
    Ok(Reply::ok(
        "Weather found",
        body(city.slug.clone(), days as usize, &found, reports),
    ))
}

fn body(destination_id: String, days: usize, found: &Cached<Forecast>, providers: Vec<ProviderReport>) -> WeatherBody {
    let forecast = &*found.value;
    WeatherBody {
        destination_id,
        time_zone: forecast.time_zone.clone(),
        provider: forecast.provider.name(),
        attribution: attribution(forecast.provider),
        days: forecast.days.iter().take(days).map(day).collect(),
        cached: found.source != tripsage_cache::Source::Made,
        stale: found.stale,
        made_at: found.made_at,
        providers,
    }
}

fn day(day: &tripsage_providers::model::WeatherDay) -> WeatherDayBody {
    WeatherDayBody {
        date: day.date,
        conditions: day.conditions.name(),
        temperature_low_c: day.low_c,
        temperature_high_c: day.high_c,
        precipitation_mm: day.precipitation_mm,
        precipitation_percent: day.precipitation_percent,
        wind_kmh: day.wind_kmh,
        uv_index: day.uv_index,
        sunrise: day.sunrise,
        sunset: day.sunset,
    }
}

fn attribution(provider: Provider) -> Attribution {
    match provider {
        Provider::OpenWeather => Attribution {
            text: "Weather data provided by OpenWeather",
            url: "https://openweathermap.org/",
            licence: None,
        },
        _ => Attribution {
            text: "Weather data by Open-Meteo.com",
            url: "https://open-meteo.com/",
            licence: Some("CC BY 4.0"),
        },
    }
}

/// Asks OpenWeather with the caller's own key if there is one, and Open-Meteo when that gives nothing.
async fn ask_weather(asking: &Asking<'_>, user: Option<UserId>, at: Coordinates) -> Vec<Asked<Forecast>> {
    let mut asked = Vec::new();
    if let Some(user) = user {
        let openweather = asking.app.providers.openweather();
        let question = asked_for(Provider::OpenWeather, at);
        let call = async |access, deadline| openweather.forecast(&access, at, OPENWEATHER_DAYS, deadline).await;
        let own = asking.keyed(user, Service::OpenWeather, question, call).await;
        if own.answer.is_ok() {
            return vec![own];
        }
        // Who has no key has not asked for it.
        if own.report.status != "not_configured" {
            asked.push(own);
        }
    }
    asked.push(ask_open_meteo(asking, at).await);
    asked
}

/// The weather for everybody.
pub(crate) async fn ask_open_meteo(asking: &Asking<'_>, at: Coordinates) -> Asked<Forecast> {
    let open_meteo = asking.app.providers.open_meteo();
    let call = async |deadline| open_meteo.forecast(at, OPEN_METEO_DAYS, deadline).await;
    asking.open(asked_for(Provider::OpenMeteo, at), call).await
}

/// About a hundred metres: weather is the same all over it.
fn asked_for(provider: Provider, at: Coordinates) -> Question {
    Question {
        provider,
        content: Content::Weather,
        parts: vec![format!("{:.3},{:.3}", at.latitude, at.longitude)],
    }
}

/// The key of the weather for everybody.
pub(crate) fn foreseen(at: Coordinates) -> tripsage_cache::CompositeKey {
    asked_for(Provider::OpenMeteo, at).key("anybody")
}
