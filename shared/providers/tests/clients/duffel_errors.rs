use std::time::Duration;

use serde_json::json;
use tripsage_domain::service::Service;
use tripsage_providers::{Deadline, Fault, Refusal, model::OrderKind};

use crate::{
    duffel::{ORDER, new_order, search},
    stub::{Answer, Stub, access, soon},
};

fn error(kind: &str, code: &serde_json::Value) -> String {
    json!({
        "errors": [{ "type": kind, "title": "A title", "message": "Amelia Earhart", "code": code, "documentation_url": "https://example.com" }],
        "meta": { "status": 400, "request_id": "FZW0H3HdJwKk5HMAAKxB" },
    })
    .to_string()
}

#[tokio::test]
async fn every_documented_type_of_error_has_a_meaning() {
    for (status, kind, code, expected) in [
        (
            401,
            "authentication_error",
            json!("access_token_not_found"),
            Err("key_refused"),
        ),
        (
            401,
            "authentication_error",
            json!("expired_access_token"),
            Err("key_refused"),
        ),
        (
            403,
            "authentication_error",
            json!("insufficient_permissions"),
            Ok(Refusal::FeatureUnavailable),
        ),
        (
            403,
            "invalid_request_error",
            json!("unavailable_feature"),
            Ok(Refusal::FeatureUnavailable),
        ),
        (404, "invalid_request_error", json!("not_found"), Ok(Refusal::NotFound)),
        (
            400,
            "invalid_request_error",
            json!("malformed_data_param"),
            Ok(Refusal::Invalid),
        ),
        (400, "invalid_request_error", json!(400), Ok(Refusal::Invalid)),
        (
            422,
            "validation_error",
            json!("validation_required"),
            Ok(Refusal::Invalid),
        ),
        (
            422,
            "airline_error",
            json!("offer_no_longer_available"),
            Ok(Refusal::OfferGone),
        ),
        (422, "airline_error", json!("offer_expired"), Ok(Refusal::OfferExpired)),
        (
            422,
            "airline_error",
            json!("duplicate_booking"),
            Ok(Refusal::DuplicateBooking),
        ),
        (
            422,
            "airline_error",
            json!("airline_internal"),
            Ok(Refusal::AirlineError),
        ),
        (
            422,
            "invalid_state_error",
            json!("offer_request_already_booked"),
            Ok(Refusal::AlreadyBooked),
        ),
        (
            422,
            "invalid_state_error",
            json!("insufficient_balance"),
            Ok(Refusal::InsufficientBalance),
        ),
        (
            422,
            "invalid_state_error",
            json!("already_cancelled"),
            Ok(Refusal::AlreadyCancelled),
        ),
        (
            422,
            "invalid_state_error",
            json!("order_not_changeable"),
            Ok(Refusal::NotChangeable),
        ),
        (
            422,
            "invalid_state_error",
            json!("payment_amount_does_not_match_order_amount"),
            Ok(Refusal::PriceChanged),
        ),
        (
            422,
            "invalid_state_error",
            json!("a_code_of_next_year"),
            Ok(Refusal::Other),
        ),
        (422, "invalid_state_error", json!(null), Ok(Refusal::Other)),
        (500, "api_error", json!("internal_server_error"), Err("unavailable")),
        (504, "api_error", json!("gateway_timeout_error"), Err("unavailable")),
        (
            429,
            "rate_limit_error",
            json!("rate_limit_exceeded"),
            Err("rate_limited"),
        ),
    ] {
        let stub = Stub::always(Answer::status(status, error(kind, &code))).await;
        let fault = stub
            .providers()
            .duffel()
            .offer(&access(), "off_1", false, soon())
            .await
            .unwrap_err()
            .fault;
        let found = match &fault {
            Fault::Refused {
                refusal,
                message_for_us,
            } => {
                assert!(!message_for_us.contains("Amelia"), "{message_for_us}");
                Ok(*refusal)
            }
            other => Err(other.name()),
        };
        assert_eq!(found, expected, "{status} {code}");
    }
}

fn lost(hint: Option<Refusal>) -> Fault {
    let accepted = false;
    Fault::Unknown { hint, accepted }
}

#[tokio::test]
async fn an_order_is_never_sent_twice_and_its_outcome_never_guessed() {
    let airline = error("airline_error", &json!("airline_unknown"));
    for (answer, expected) in [
        (
            Answer::status(202, "{}"),
            Fault::Unknown {
                hint: None,
                accepted: true,
            },
        ),
        (Answer::status(502, "<html>Bad Gateway</html>"), lost(None)),
        (Answer::status(502, airline), lost(Some(Refusal::AirlineError))),
        (Answer::status(503, ""), lost(None)),
        (Answer::status(201, "{\"data\":{}}"), lost(None)),
        (Answer::status(302, ""), lost(None)),
        (Answer::BrokenOff, lost(None)),
        (Answer::Endless, lost(None)),
        (Answer::Silence, lost(None)),
        (
            Answer::Json(429, &[("retry-after", "1")], String::new()),
            Fault::RateLimited {
                retry_after: Duration::from_secs(1),
            },
        ),
        (Answer::status(401, ""), Fault::KeyRefused),
    ] {
        let stub = Stub::always(answer).await;
        let deadline = Deadline::after(Duration::from_millis(1_500));
        let result = stub
            .providers()
            .duffel()
            .create_order(&access(), &new_order(OrderKind::Instant), deadline)
            .await;
        assert_eq!(result.unwrap_err().fault, expected);
        assert_eq!(stub.asked().len(), 1);
    }
}

#[tokio::test]
async fn an_order_that_was_never_sent_has_a_known_outcome() {
    let nowhere = crate::stub::providers("http://127.0.0.1:9");
    let result = nowhere
        .duffel()
        .create_order(&access(), &new_order(OrderKind::Hold), soon())
        .await;
    assert!(matches!(result.unwrap_err().fault, Fault::Unavailable(_)));
    let stub = Stub::always(Answer::ok(ORDER)).await;
    let late = Deadline::after(Duration::ZERO);
    let result = stub
        .providers()
        .duffel()
        .create_order(&access(), &new_order(OrderKind::Hold), late)
        .await;
    assert_eq!(result.unwrap_err().fault, Fault::TimedOut);
    assert!(stub.asked().is_empty());
}

#[tokio::test]
async fn a_quote_is_not_asked_twice_and_harms_nobody() {
    let stub = Stub::always(Answer::status(503, "")).await;
    let result = stub
        .providers()
        .duffel()
        .quote_cancellation(&access(), "ord_1", soon())
        .await;
    assert!(matches!(result.unwrap_err().fault, Fault::Unavailable(_)));
    assert_eq!(stub.asked().len(), 1);
}

#[tokio::test]
async fn a_malformed_envelope_is_not_an_empty_list() {
    for body in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"data":[]}"#,
        r#"{"data":{"id":"orq_1","offers":{}}}"#,
        "<html>",
    ] {
        let stub = Stub::always(Answer::ok(body)).await;
        let found = stub.providers().duffel().search(&access(), &search(), soon()).await;
        assert!(matches!(found.unwrap_err().fault, Fault::Malformed(_)), "{body}");
    }
    let one_is_broken = r#"{"data":[{"id":"ord_1"},{"reference":"?"}]}"#;
    let stub = Stub::always(Answer::ok(one_is_broken)).await;
    let orders = stub
        .providers()
        .duffel()
        .orders_of_offer(&access(), "off_1", soon())
        .await;
    assert!(
        matches!(orders.unwrap_err().fault, Fault::Malformed(_)),
        "to overlook one would be to order twice"
    );
}

#[tokio::test]
async fn a_probe_tells_whether_the_key_is_taken() {
    for (status, expected) in [
        (200, None),
        (401, Some("key_refused")),
        (403, Some("key_refused")),
        (500, Some("unavailable")),
    ] {
        let stub = Stub::always(Answer::status(status, r#"{"data":[]}"#)).await;
        let probed = stub.providers().probe(Service::Duffel, &access(), soon()).await;
        assert_eq!(probed.err().map(|error| error.fault.name()), expected);
        assert_eq!(stub.asked()[0].line, "GET /air/airlines?limit=1");
    }
    let nobody = crate::stub::providers("http://127.0.0.1:9");
    assert!(nobody.probe(Service::DuffelWebhook, &access(), soon()).await.is_ok());
}
