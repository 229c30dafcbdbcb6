//! Operations whose rate is bounded otherwise than reading and writing in general.

use std::time::Duration;

use http::Method;
use tripsage_cache::Limit;
use tripsage_http::{By, RateClass};
use tripsage_runtime::Config;

/// Addresses from which feeds are fetched may stand for many people: the servers of one calendar service.
const FEED_READERS: u32 = 10;

pub(crate) fn rate_class(config: &Config, method: &Method, path: &str) -> Option<RateClass> {
    let class = |name, requests: u32, by, strict| {
        let window = Duration::from_secs(60);
        Some(RateClass {
            name,
            limit: Limit {
                requests: requests.max(1),
                window,
            },
            by,
            strict,
        })
    };
    if path.starts_with("/api/v1/shared/") {
        // A link may have a passphrase, which somebody who has the link might guess.
        class("shared", config.reads_per_minute / 3, By::Address, true)
    } else if path.starts_with("/api/v1/feeds/") {
        let requests = config.reads_per_minute.saturating_mul(FEED_READERS);
        class("feeds", requests, By::Address, false)
    } else if *method == Method::POST && path.starts_with("/api/v1/trips/") && path.ends_with("/share") {
        // Sharing mails strangers.
        class("share", config.writes_per_minute / 3, By::Caller, false)
    } else {
        None
    }
}
