//! How often the operations of this function may be used.

use std::time::Duration;

use http::Method;
use tripsage_cache::Limit;
use tripsage_http::{By, RateClass};
use tripsage_runtime::Config;

/// The class of an operation. Whatever guesses at secrets, makes accounts or causes mails is counted by address, across
/// all processes even without Redis.
pub(crate) fn of(config: &Config, _: &Method, path: &str) -> Option<RateClass> {
    let by_address = |name, requests, minutes: u64| {
        Some(RateClass {
            name,
            limit: Limit {
                requests,
                window: Duration::from_secs(minutes * 60),
            },
            by: By::Address,
            strict: true,
        })
    };
    match path.strip_prefix("/api/v1/auth/").unwrap_or_default() {
        "login" | "token" | "otp/verify" | "password/reset" | "verify-email" | "github/login" | "github/callback"
        | "google/login" | "google/callback" => by_address("login", config.logins_per_5_minutes, 5),
        "register" => by_address("register", config.registrations_per_10_minutes, 10),
        "password/forgot" | "otp/request" | "verify-email/resend" => {
            by_address("mail", config.mails_per_10_minutes, 10)
        }
        _ => Some(RateClass {
            name: "auth",
            limit: Limit {
                requests: config.auth_per_minute,
                window: Duration::from_secs(60),
            },
            by: By::Caller,
            strict: false,
        }),
    }
}
