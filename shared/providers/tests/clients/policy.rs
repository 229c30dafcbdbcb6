use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tripsage_domain::{
    flight::{FlightSearch, Flyer, Party, SliceQuery},
    trip::Coordinates,
};
use tripsage_providers::{Account, BreakerState, Deadline, Fault, Provider, ProviderState, Providers};

use crate::stub::{Answer, Stub, access, providers, soon};

const LONDON: Coordinates = Coordinates {
    latitude: 51.5,
    longitude: -0.12,
};

const FORECAST: &str = include_str!("../../fixtures/weather/open_meteo.json");

async fn forecast(providers: &Providers) -> Result<(), Fault> {
    let forecast = providers.open_meteo().forecast(LONDON, 2, soon()).await;
    forecast.map(|_| ()).map_err(|error| error.fault)
}

#[tokio::test]
async fn what_may_be_repeated_is_tried_three_times() {
    for status in [502, 503, 504] {
        let stub = Stub::start(move |_, before| match before {
            0 | 1 => Answer::status(status, "<html>oops</html>"),
            _ => Answer::ok(FORECAST),
        })
        .await;
        assert_eq!(forecast(&stub.providers()).await, Ok(()), "{status}");
        assert_eq!(stub.asked().len(), 3);
    }
    let stub = Stub::always(Answer::status(503, "")).await;
    assert!(matches!(forecast(&stub.providers()).await, Err(Fault::Unavailable(_))));
    assert_eq!(stub.asked().len(), 3);
}

#[tokio::test]
async fn what_will_not_change_is_not_tried_again() {
    for (status, fault) in [
        (500, "unavailable"),
        (400, "refused"),
        (302, "malformed"),
        (200, "malformed"),
    ] {
        let stub = Stub::always(Answer::status(status, "[]")).await;
        assert_eq!(forecast(&stub.providers()).await.unwrap_err().name(), fault, "{status}");
        assert_eq!(stub.asked().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_wait_that_the_deadline_allows_is_waited_and_another_is_passed_on() {
    let stub = Stub::start(|_, before| match before {
        0 => Answer::Json(429, &[("retry-after", "1")], String::new()),
        _ => Answer::ok(FORECAST),
    })
    .await;
    let begun = Instant::now();
    assert_eq!(forecast(&stub.providers()).await, Ok(()));
    assert!(begun.elapsed() >= Duration::from_secs(1));

    let reset = "Wed, 03 Mar 2027 10:00:40 GMT";
    let stub = Stub::always(Answer::Json(
        429,
        &[("ratelimit-reset", "Wed, 03 Mar 2027 10:00:40 GMT")],
        String::new(),
    ))
    .await;
    let retry_after = Duration::from_secs(40);
    assert_eq!(
        forecast(&stub.providers()).await,
        Err(Fault::RateLimited { retry_after }),
        "{reset}"
    );
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn nobody_waits_longer_than_the_deadline() {
    let stub = Stub::always(Answer::Silence).await;
    let providers = stub.providers();
    let begun = Instant::now();
    let answer = providers
        .open_meteo()
        .forecast(LONDON, 2, Deadline::after(Duration::from_millis(200)))
        .await;
    assert_eq!(answer.unwrap_err().fault, Fault::TimedOut);
    assert!(begun.elapsed() < Duration::from_secs(2));
    let late = providers
        .open_meteo()
        .forecast(LONDON, 2, Deadline::after(Duration::ZERO))
        .await;
    assert_eq!(late.unwrap_err().fault, Fault::TimedOut);
    assert_eq!(stub.asked().len(), 1, "nothing is sent when no time is left");
}

#[tokio::test]
async fn too_much_and_too_little_are_refused() {
    let declared = Answer::ok(" ".repeat(5 * 1024 * 1024 + 1));
    for (answer, fault) in [
        (Answer::Endless, "too_large"),
        (declared, "too_large"),
        (Answer::BrokenOff, "unavailable"),
        (Answer::ok(""), "malformed"),
        (Answer::ok("{\"daily\":"), "malformed"),
        (
            Answer::ok(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))),
            "malformed",
        ),
    ] {
        let stub = Stub::always(answer).await;
        assert_eq!(forecast(&stub.providers()).await.unwrap_err().name(), fault);
    }
}

#[tokio::test]
async fn whoever_is_not_there_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(forecast(&providers(&url)).await.unwrap_err().name(), "unavailable");
    assert_eq!(forecast(&providers("")).await.unwrap_err().name(), "not_configured");
}

#[tokio::test]
async fn one_that_keeps_failing_is_left_alone_and_nobody_else() {
    let stub = Stub::start(|asked, _| {
        if asked.header("authorization").contains("other") {
            Answer::ok(r#"{"data":[]}"#)
        } else {
            Answer::status(500, "")
        }
    })
    .await;
    let providers = stub.providers();
    for _ in 0..20 {
        let probed = providers
            .probe(tripsage_domain::service::Service::Duffel, &access(), soon())
            .await;
        assert!(matches!(probed.unwrap_err().fault, Fault::Unavailable(_)));
    }
    let probe = |key: &str, account: Account| {
        let access = tripsage_providers::Access {
            account,
            secret: key.to_owned().into(),
        };
        let providers = &providers;
        async move {
            providers
                .probe(tripsage_domain::service::Service::Duffel, &access, soon())
                .await
        }
    };
    assert!(probe("duffel_test_bad", Account::stage()).await.is_err());
    assert_eq!(stub.asked().len(), 20, "the twenty-first was not sent");
    assert!(
        probe("duffel_test_other", "key-2".to_owned().into()).await.is_ok(),
        "another account is not held to it"
    );
    let status = providers.status();
    let duffel = status
        .iter()
        .find(|status| status.provider == Provider::Duffel)
        .unwrap();
    assert_eq!(
        (duffel.breaker, duffel.state),
        (BreakerState::Open, ProviderState::Down)
    );
    assert!(duffel.last_failure.is_some() && duffel.last_success.is_some());
    assert!(status.iter().any(|status| status.state == ProviderState::Idle));

    providers.reset();
    assert!(probe("duffel_test_bad", Account::stage()).await.is_err());
    assert_eq!(stub.asked().len(), 22, "and after a reset it is");
}

#[tokio::test]
async fn searches_are_counted_for_each_account() {
    let stub = Stub::always(Answer::Json(
        200,
        &[("ratelimit-remaining", "17")],
        include_str!("../../fixtures/duffel/offer_request.json").to_owned(),
    ))
    .await;
    let providers = Arc::new(stub.providers());
    let slice = SliceQuery {
        origin: "LHR".parse().unwrap(),
        destination: "JFK".parse().unwrap(),
        departure_date: "2027-06-01".parse().unwrap(),
    };
    let party = Party::new(vec![Flyer::Adult]).unwrap();
    let search = FlightSearch::new(vec![slice], party, None, None, "2027-03-03".parse().unwrap()).unwrap();
    for _ in 0..30 {
        providers.duffel().search(&access(), &search, soon()).await.unwrap();
    }
    let refused = providers.duffel().search(&access(), &search, soon()).await.unwrap_err();
    let retry_after = Duration::from_secs(2);
    assert_eq!(refused.fault, Fault::RateLimited { retry_after });
    let other = tripsage_providers::Access {
        account: "key-2".to_owned().into(),
        ..access()
    };
    let spawned = Arc::clone(&providers);
    // Also that a call can be spawned at all.
    tokio::spawn(async move { spawned.duffel().search(&other, &search, soon()).await.unwrap() })
        .await
        .unwrap();
    assert_eq!(stub.asked().len(), 31);
    let duffel = providers
        .status()
        .into_iter()
        .find(|status| status.provider == Provider::Duffel)
        .unwrap();
    assert_eq!((duffel.quota_left, duffel.dropped), (Some(17), 31 * 3));
}

/// Where a test's log lines go.
#[derive(Clone, Default)]
struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_attempt_is_one_line_without_key_or_body() {
    let stub = Stub::start(|_, before| match before {
        0 => Answer::status(503, "their words"),
        _ => Answer::status(
            401,
            r#"{"cod":401,"message":"their words about duffel_test_0123456789abcdef"}"#,
        ),
    })
    .await;
    let providers = stub.providers();
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let logging = tracing::subscriber::set_default(subscriber);
    let error = providers
        .openweather()
        .forecast(&access(), LONDON, 1, soon())
        .await
        .unwrap_err();
    drop(logging);
    assert_eq!(error.fault, Fault::KeyRefused);

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["message"] == "provider called")
        .collect();
    let told = |line: &serde_json::Value, name: &str| line[name].clone();
    assert_eq!(ours.len(), 2, "{text}");
    for (line, attempt, status, outcome) in [(&ours[0], 1, 503, "unavailable"), (&ours[1], 2, 401, "key_refused")] {
        assert_eq!(
            (told(line, "provider"), told(line, "operation")),
            ("openweather".into(), "forecast".into())
        );
        assert_eq!(
            (told(line, "account"), told(line, "attempt")),
            ("stage".into(), attempt.into())
        );
        assert_eq!(
            (told(line, "status"), told(line, "outcome")),
            (status.into(), outcome.into())
        );
        assert!(line["duration_ms"].is_u64());
    }
    let ours = text
        .lines()
        .filter(|line| line.contains("tripsage_providers"))
        .collect::<String>();
    assert!(
        !ours.contains("duffel_test_") && !ours.contains("their words"),
        "{ours}"
    );
}
