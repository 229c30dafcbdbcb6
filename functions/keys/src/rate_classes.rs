//! How often the operations of this function may be used.

use std::time::Duration;

use http::Method;
use tripsage_cache::Limit;
use tripsage_http::{By, RateClass};
use tripsage_runtime::Config;

/// Each kind of operation on keys has a limit of its own; reading has the general one.
pub(crate) fn of(config: &Config, method: &Method, path: &str) -> Option<RateClass> {
    let name = match *method {
        Method::POST if path.ends_with("/validate") => "keys_validate",
        Method::POST if path.ends_with("/rotate") => "keys_rotate",
        Method::POST => "keys_create",
        Method::PATCH => "keys_update",
        Method::DELETE => "keys_delete",
        _ => return None,
    };
    Some(RateClass {
        name,
        limit: Limit {
            requests: config.key_operations_per_minute,
            window: Duration::from_secs(60),
        },
        by: By::Caller,
        strict: true,
    })
}
