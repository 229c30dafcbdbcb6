use std::{fmt::Write as _, time::Duration};

use aws_lc_rs::hmac;
use jiff::Timestamp;
use serde::Deserialize;
use tripsage_domain::ids::BookingId;
use tripsage_runtime::{ExposeSecret, SecretString};

use super::wire::Metadata;

/// Name of the header with the signature.
pub const SIGNATURE_HEADER: &str = "x-duffel-signature";

/// A longer signature header is none of Duffel's.
const MAX_HEADER: usize = 1_024;

/// Something that happened, as Duffel reports it: at least once, in any order, perhaps days later. What it says is a
/// reason to read the order again, never the new state itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookEvent {
    /// Duffel's id of the event.
    pub id: String,
    /// The same for every delivery of one event.
    pub idempotency_key: String,
    /// What happened.
    pub kind: WebhookKind,
    /// Which order it is about.
    pub order_id: Option<String>,
    /// Which offer was to be ordered.
    pub offer_id: Option<String>,
    /// Which booked stay it is about.
    pub stay_booking_id: Option<String>,
    /// Our booking, when the object carries one of ours.
    pub booking: Option<BookingId>,
    /// Whether it is real.
    pub live_mode: bool,
    /// When it happened.
    pub created_at: Timestamp,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookKind {
    /// An order exists now.
    OrderCreated,
    /// An order that had been accepted came to nothing.
    OrderCreationFailed,
    /// Something about an order is different.
    OrderUpdated,
    /// The airline changed flights.
    AirlineChangeDetected,
    /// A payment exists now.
    PaymentCreated,
    /// A cancellation was quoted.
    CancellationCreated,
    /// A cancellation took place.
    CancellationConfirmed,
    /// A stay is booked.
    StayBookingCreated,
    /// A booked stay was cancelled.
    StayBookingCancelled,
    /// Somebody tries the address.
    Ping,
    /// Something that this version does not know.
    Other,
}

impl WebhookKind {
    fn of(text: &str) -> Self {
        match text {
            "order.created" => Self::OrderCreated,
            "order.creation_failed" => Self::OrderCreationFailed,
            "order.updated" => Self::OrderUpdated,
            "order.airline_initiated_change_detected" => Self::AirlineChangeDetected,
            "payment.created" | "air.payment.succeeded" => Self::PaymentCreated,
            "order_cancellation.created" => Self::CancellationCreated,
            "order_cancellation.confirmed" => Self::CancellationConfirmed,
            "stays.booking.created" => Self::StayBookingCreated,
            "stays.booking.cancelled" => Self::StayBookingCancelled,
            "ping.triggered" => Self::Ping,
            _ => Self::Other,
        }
    }
}

/// A delivery is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The header is missing a part or is not `t=..,v1=..`.
    #[error("the signature is malformed")]
    MalformedSignature,
    /// Whoever sent it does not know the secret, or something was changed on the way.
    #[error("the signature is wrong")]
    WrongSignature,
    /// It was signed too long ago, or in the future: a delivery that somebody kept and sends again.
    #[error("the signature is too old")]
    TooOld,
    /// It is signed, and not an event.
    #[error("the body is not an event")]
    MalformedBody,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Data,
    #[serde(default)]
    live_mode: bool,
    idempotency_key: Option<String>,
    created_at: Timestamp,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default)]
    object: Object,
}

#[derive(Default, Deserialize)]
struct Object {
    id: Option<String>,
    order_id: Option<String>,
    offer_id: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

/// Checks a delivery of Duffel and reads it. `header` is `t=<seconds>,v1=<hex HMAC-SHA256 of "t.body">`.
///
/// # Errors
/// [`WebhookError`]; the signature is checked before anything of the body is looked at.
pub fn verify_webhook(
    secret: &SecretString,
    header: &str,
    body: &[u8],
    now: Timestamp,
    tolerance: Duration,
) -> Result<WebhookEvent, WebhookError> {
    let (signed_at, signatures) = parse(header).ok_or(WebhookError::MalformedSignature)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let mut message = format!("{signed_at}.").into_bytes();
    message.extend_from_slice(body);
    // `verify` takes the same time wherever the difference is.
    if !signatures
        .iter()
        .any(|signature| hmac::verify(&key, &message, signature).is_ok())
    {
        return Err(WebhookError::WrongSignature);
    }
    let age = now.as_second().abs_diff(signed_at);
    if age > tolerance.as_secs() {
        return Err(WebhookError::TooOld);
    }
    let event: Event = serde_json::from_slice(body).map_err(|_| WebhookError::MalformedBody)?;
    Ok(read(event))
}

/// The header that Duffel would send with this body: for stand-ins and tests.
pub fn sign_webhook(secret: &SecretString, body: &[u8], at: Timestamp) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let mut message = format!("{}.", at.as_second()).into_bytes();
    message.extend_from_slice(body);
    let mut header = format!("t={},v1=", at.as_second());
    for byte in hmac::sign(&key, &message).as_ref() {
        let _ = write!(header, "{byte:02x}");
    }
    header
}

fn read(event: Event) -> WebhookEvent {
    let kind = WebhookKind::of(&event.kind);
    let object = event.data.object;
    let starting = |id: &Option<String>, prefix: &str| id.clone().filter(|id| id.starts_with(prefix));
    WebhookEvent {
        idempotency_key: event.idempotency_key.unwrap_or_else(|| event.id.clone()),
        order_id: object.order_id.clone().or_else(|| starting(&object.id, "ord_")),
        offer_id: object.offer_id.clone().or_else(|| starting(&object.id, "off_")),
        stay_booking_id: starting(&object.id, "bok_"),
        booking: object.metadata.booking(),
        id: event.id,
        kind,
        live_mode: event.live_mode,
        created_at: event.created_at,
    }
}

/// The time and every `v1`: there are two while a secret is being replaced.
fn parse(header: &str) -> Option<(i64, Vec<[u8; 32]>)> {
    if header.len() > MAX_HEADER {
        return None;
    }
    let mut signed_at = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=')? {
            ("t", seconds) if signed_at.is_none() && seconds.bytes().all(|b| b.is_ascii_digit()) => {
                signed_at = Some(seconds.parse().ok()?);
            }
            ("t", _) => return None,
            ("v1", hex) => signatures.push(unhex(hex)?),
            _ => {}
        }
    }
    (!signatures.is_empty()).then_some((signed_at?, signatures))
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digits = str::from_utf8(pair).ok().filter(|pair| !pair.starts_with('+'))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"wev_1","type":"order.created","data":{"object":{"id":"ord_1","metadata":{"booking_id":"3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10"}}},
        "live_mode":false,"idempotency_key":"ord_1","created_at":"2027-03-03T09:59:58.123456Z","api_version":"v2"}"#;

    const TOLERANCE: Duration = Duration::from_secs(300);

    fn now() -> Timestamp {
        "2027-03-03T10:00:00Z".parse().unwrap()
    }

    fn check(header: &str, body: &[u8]) -> Result<WebhookEvent, WebhookError> {
        verify_webhook(&"whsec".to_owned().into(), header, body, now(), TOLERANCE)
    }

    #[test]
    fn a_signed_event_is_read() {
        let header = sign_webhook(&"whsec".to_owned().into(), BODY, now());
        let event = check(&header, BODY).unwrap();
        assert_eq!(
            (event.kind, event.order_id.as_deref()),
            (WebhookKind::OrderCreated, Some("ord_1"))
        );
        assert!(event.booking.is_some() && !event.live_mode && event.offer_id.is_none());
        assert_eq!(
            check(&format!("{header},v1={}", "0".repeat(64)), BODY).unwrap(),
            event,
            "a second signature"
        );
    }

    /// A vector made with `printf '%s' '1804068000.{}' | openssl dgst -sha256 -hmac whsec`.
    #[test]
    fn the_signature_is_the_documented_one() {
        let at = Timestamp::from_second(1_804_068_000).unwrap();
        let expected = "t=1804068000,v1=010c8ce87a8242d8775cc58246775b2300d305f17fd0e20cd5903aab477a203e";
        assert_eq!(sign_webhook(&"whsec".to_owned().into(), b"{}", at), expected);
    }

    #[test]
    fn whatever_is_changed_is_noticed() {
        let header = sign_webhook(&"whsec".to_owned().into(), BODY, now());
        let mut body = BODY.to_vec();
        body[20] ^= 1;
        assert_eq!(check(&header, &body), Err(WebhookError::WrongSignature));
        let other = sign_webhook(&"other".to_owned().into(), BODY, now());
        assert_eq!(check(&other, BODY), Err(WebhookError::WrongSignature));
        let later = header.replacen("t=18", "t=19", 1);
        assert_eq!(check(&later, BODY), Err(WebhookError::WrongSignature));
        for bad in [
            "",
            "v1=",
            "t=1",
            "t=x,v1=00",
            "t=1,t=2,v1=00",
            &header[..header.len() - 1],
            "t=1,v1=++",
            &"t=1,".repeat(999),
        ] {
            assert_eq!(check(bad, BODY), Err(WebhookError::MalformedSignature), "{bad}");
        }
    }

    #[test]
    fn what_was_kept_too_long_is_refused() {
        for (seconds, expected) in [
            (-301, Some(WebhookError::TooOld)),
            (-300, None),
            (300, None),
            (301, Some(WebhookError::TooOld)),
        ] {
            let at = Timestamp::from_second(now().as_second() + seconds).unwrap();
            let header = sign_webhook(&"whsec".to_owned().into(), BODY, at);
            assert_eq!(check(&header, BODY).err(), expected, "{seconds}");
        }
    }

    #[test]
    fn what_is_signed_and_no_event_is_refused() {
        for body in [&b"[]"[..], b"{}", b"", b"{\"id\":1}"] {
            let header = sign_webhook(&"whsec".to_owned().into(), body, now());
            assert_eq!(check(&header, body), Err(WebhookError::MalformedBody));
        }
    }
}
