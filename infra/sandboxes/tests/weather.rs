//! Open-Meteo and OpenWeather.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, Lab};
use tripsage_sandboxes::Provider;

const DAILY: &str = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum,sunrise,sunset";
const KEY: &str = "5a4d0123456789abcdef0123456789ab";

async fn meteo(lab: &Lab, query: &str) -> Answer {
    Answer::of(lab.request(Provider::OpenMeteo, Method::GET, &format!("/v1/forecast?{query}"))).await
}

async fn one_call(lab: &Lab, query: &str) -> Answer {
    Answer::of(lab.request(
        Provider::OpenWeather,
        Method::GET,
        &format!("/data/3.0/onecall?{query}"),
    ))
    .await
}

#[tokio::test]
async fn a_forecast_is_the_same_every_time() {
    let lab = Lab::start().await;
    let query = format!("latitude=35.68&longitude=139.77&daily={DAILY}&timezone=auto&forecast_days=16");
    let answer = meteo(&lab, &query).await;
    assert_eq!(answer.status, 200);
    let body = &answer.body;
    assert_eq!(
        (&body["timezone"], &body["utc_offset_seconds"]),
        (&json!("Asia/Tokyo"), &json!(32400))
    );
    assert_eq!(body["daily_units"]["temperature_2m_max"], "°C");
    for variable in DAILY.split(',').chain(["time"]) {
        assert_eq!(body["daily"][variable].as_array().unwrap().len(), 16, "{variable}");
    }
    assert_eq!(body["daily"]["time"][0], "2027-03-03");
    assert!(
        body["daily"]["sunrise"][0]
            .as_str()
            .unwrap()
            .starts_with("2027-03-03T06:")
    );
    assert_eq!(meteo(&lab, &query).await.body["daily"], body["daily"]);
    let fahrenheit = meteo(
        &lab,
        &format!("{query}&temperature_unit=fahrenheit&timeformat=unixtime"),
    )
    .await;
    let degrees = |body: &Value| body["daily"]["temperature_2m_max"][0].as_f64().unwrap();
    assert!((degrees(&fahrenheit.body) - (degrees(body) * 1.8 + 32.0)).abs() < 0.11);
    assert!(fahrenheit.body["daily"]["time"][0].is_i64());
    let days = meteo(
        &lab,
        "latitude=1&longitude=1&daily=weather_code&timezone=UTC&start_date=2027-03-05&end_date=2027-03-06",
    )
    .await;
    assert_eq!(days.body["daily"]["time"], json!(["2027-03-05", "2027-03-06"]));
}

#[tokio::test]
async fn what_open_meteo_refuses() {
    let lab = Lab::start().await;
    for query in [
        "longitude=1",
        "latitude=91&longitude=1",
        "latitude=x&longitude=1",
        "latitude=1&longitude=1&daily=weather_code",
        "latitude=1&longitude=1&daily=luck&timezone=auto",
        "latitude=1&longitude=1&daily=weather_code&timezone=Mars",
        "latitude=1&longitude=1&daily=weather_code&timezone=UTC&forecast_days=17",
        "latitude=1&longitude=1&daily=weather_code&timezone=UTC&start_date=2027-03-05",
        "latitude=1&longitude=1&daily=weather_code&timezone=UTC&start_date=2027-03-05&end_date=2027-03-04",
        "latitude=1&longitude=1&daily=weather_code&timezone=UTC&start_date=2027-03-05&end_date=2027-03-19",
    ] {
        let answer = meteo(&lab, query).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["error"]),
            (400, &json!(true)),
            "{query}"
        );
        assert!(answer.body["reason"].is_string());
    }
}

#[tokio::test]
async fn one_call_has_hours_and_days() {
    let lab = Lab::start().await;
    let answer = one_call(&lab, &format!("lat=51.5&lon=-0.12&units=metric&appid={KEY}")).await;
    assert_eq!(answer.status, 200);
    let body = answer.body;
    assert_eq!(
        (&body["timezone"], &body["timezone_offset"]),
        (&json!("Europe/London"), &json!(0))
    );
    assert_eq!(body["hourly"].as_array().unwrap().len(), 48);
    let days = body["daily"].as_array().unwrap();
    assert_eq!(days.len(), 8);
    for day in days {
        assert!(day["temp"]["min"].as_f64() < day["temp"]["max"].as_f64());
        assert!(day["weather"][0]["id"].is_u64() && day["sunrise"].as_i64() < day["sunset"].as_i64());
        assert!((0.0..=1.0).contains(&day["pop"].as_f64().unwrap()));
    }
    let kelvin = one_call(&lab, &format!("lat=51.5&lon=-0.12&exclude=hourly,minutely&appid={KEY}"))
        .await
        .body;
    assert!(kelvin.get("hourly").is_none());
    assert!(kelvin["current"]["temp"].as_f64().unwrap() > 200.0);
}

#[tokio::test]
async fn what_openweather_refuses() {
    let lab = Lab::start().await;
    let exhausted = "5a4d42900000000000000000000000ab";
    for (query, status) in [
        ("lat=1&lon=1".to_owned(), 401),
        ("lat=1&lon=1&appid=wrong".to_owned(), 401),
        (format!("lat=1&lon=1&appid={exhausted}"), 429),
        (format!("lon=1&appid={KEY}"), 400),
        (format!("lat=1&lon=181&appid={KEY}"), 400),
    ] {
        let answer = one_call(&lab, &query).await;
        assert_eq!(answer.status, status, "{query}");
        assert!(answer.body["message"].is_string());
        assert_eq!(answer.body["cod"].to_string().trim_matches('"'), status.to_string());
    }
}
