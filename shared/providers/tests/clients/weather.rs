use tripsage_domain::{service::Service, trip::Coordinates, weather::Conditions};
use tripsage_providers::{Fault, Provider, Refusal};

use crate::stub::{Answer, Stub, access, soon};

const LONDON: Coordinates = Coordinates {
    latitude: 51.5074,
    longitude: -0.1278,
};

#[tokio::test]
async fn open_meteo_is_read_column_by_column() {
    let stub = Stub::always(Answer::ok(include_str!("../../fixtures/weather/open_meteo.json"))).await;
    let forecast = stub.providers().forecast(None, LONDON, 30, soon()).await.unwrap();
    assert_eq!(
        (forecast.provider, forecast.time_zone.as_deref()),
        (Provider::OpenMeteo, Some("Europe/London"))
    );
    let [first, second] = &forecast.days[..] else {
        panic!("{forecast:?}")
    };
    assert_eq!(
        (first.conditions, first.high_c, first.precipitation_percent),
        (Conditions::Rain, Some(11.3), Some(87))
    );
    assert_eq!(first.sunrise.unwrap().to_string(), "2027-03-03T06:41:00");
    assert_eq!(
        (second.conditions, second.low_c, second.wind_kmh),
        (Conditions::Unknown, None, None)
    );
    let asked = &stub.asked()[0].line;
    assert!(
        asked.starts_with("GET /v1/forecast?latitude=51.51&longitude=-0.13&daily=weather_code,"),
        "{asked}"
    );
    assert!(asked.ends_with("&timezone=auto&forecast_days=16"), "{asked}");
}

#[tokio::test]
async fn openweather_is_read_in_metric_units() {
    let stub = Stub::always(Answer::ok(include_str!("../../fixtures/weather/openweather.json"))).await;
    let forecast = stub
        .providers()
        .forecast(Some(&access()), LONDON, 8, soon())
        .await
        .unwrap();
    let first = &forecast.days[0];
    assert_eq!(
        (first.date.to_string().as_str(), first.conditions),
        ("2027-03-02", Conditions::Rain)
    );
    assert_eq!(
        (first.precipitation_mm, first.precipitation_percent, first.wind_kmh),
        (Some(3.6), Some(87), Some(22.3))
    );
    assert_eq!(
        (forecast.days[1].precipitation_mm, forecast.days[1].conditions),
        (Some(0.0), Conditions::Unknown)
    );
    assert!(
        stub.asked()[0]
            .line
            .contains("&units=metric&exclude=current%2Cminutely%2Chourly%2Calerts&appid=duffel_test_")
    );
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let stub = Stub::always(Answer::status(
        400,
        r#"{"error":true,"reason":"Latitude must be in range"}"#,
    ))
    .await;
    let error = stub
        .providers()
        .open_meteo()
        .forecast(LONDON, 1, soon())
        .await
        .unwrap_err();
    assert!(matches!(
        error.fault,
        Fault::Refused {
            refusal: Refusal::Invalid,
            ..
        }
    ));
    for (status, name) in [
        (401, "key_refused"),
        (404, "refused"),
        (400, "refused"),
        (500, "unavailable"),
    ] {
        let stub = Stub::always(Answer::status(
            status,
            r#"{"cod":401,"message":"Invalid API key duffel_test_0123"}"#,
        ))
        .await;
        let error = stub
            .providers()
            .probe(Service::OpenWeather, &access(), soon())
            .await
            .unwrap_err();
        assert_eq!(error.fault.name(), name);
        assert!(!format!("{error} {error:?}").contains("duffel_test"), "{error:?}");
    }
}
