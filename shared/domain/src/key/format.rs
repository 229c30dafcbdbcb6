use crate::{service::Service, validation::Rule};

/// Bytes that a key has at least.
pub const MIN_LENGTH: usize = 8;

/// Bytes that KMS encrypts directly.
pub const MAX_LENGTH: usize = 4096;

/// Checks that a text can be a key of the service, before anybody is asked. The messages never repeat the text.
///
/// # Errors
/// `min_length`, `max_length`, `characters`, or `format` with what keys of the service look like.
pub fn check(service: Service, key: &str) -> Result<(), Rule> {
    if key.len() < MIN_LENGTH {
        return Err(Rule::new(
            "min_length",
            format!("must have at least {MIN_LENGTH} characters"),
        ));
    }
    if key.len() > MAX_LENGTH {
        return Err(Rule::new("max_length", format!("must have at most {MAX_LENGTH} bytes")));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Rule::new("characters", "must have visible ASCII characters only"));
    }
    let (fits, looks) = match service {
        Service::Duffel => (
            ["duffel_test_", "duffel_live_"]
                .iter()
                .any(|prefix| key.strip_prefix(prefix).is_some_and(|rest| is_token(rest, 12..=500))),
            "must begin with `duffel_test_` or `duffel_live_`",
        ),
        Service::DuffelWebhook => ((16..=500).contains(&key.len()), "must have 16 to 500 characters"),
        Service::GooglePlaces => (
            key.strip_prefix("AIza").is_some_and(|rest| is_token(rest, 35..=35)),
            "must begin with `AIza` and have 39 characters",
        ),
        Service::OpenWeather => (
            key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "must have 32 hexadecimal digits",
        ),
    };
    if fits { Ok(()) } else { Err(Rule::new("format", looks)) }
}

fn is_token(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    length.contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_own_format() {
        let google = format!("AIza{}", "x".repeat(35));
        let hex = "0123456789abcdef0123456789ABCDEF";
        let long = format!("duffel_test_{}", "x".repeat(501));
        for (service, key, broken) in [
            (Service::Duffel, "duffel_test_abcdefghijkl", None),
            (Service::Duffel, "duffel_live_AB-_cdefghijkl", None),
            (Service::Duffel, "duffel_test_abcdefghijk", Some("format")),
            (Service::Duffel, "duffel_prod_abcdefghijkl", Some("format")),
            (Service::Duffel, "duffel_test_abcdefghijkl/../x", Some("format")),
            (Service::Duffel, &long, Some("format")),
            (Service::Duffel, "duffel_test_abcdef ghijkl", Some("characters")),
            (
                Service::Duffel,
                "duffel_test_abcdefghijkl\r\nX-A: b",
                Some("characters"),
            ),
            (Service::Duffel, "short", Some("min_length")),
            (Service::GooglePlaces, &google, None),
            (Service::GooglePlaces, hex, Some("format")),
            (Service::OpenWeather, hex, None),
            (Service::OpenWeather, &google, Some("format")),
            (Service::DuffelWebhook, "QKfUULLQh+8SegYmIsF6kA==", None),
            (Service::DuffelWebhook, "123456789012345", Some("format")),
            (Service::DuffelWebhook, &"x".repeat(4097), Some("max_length")),
        ] {
            let result = check(service, key);
            assert_eq!(result.as_ref().err().map(|rule| rule.rule), broken, "{service} {key}");
            if let Err(rule) = result {
                assert!(!rule.message.contains(key));
            }
        }
    }
}
