//! The functions that the product consists of.

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use serde_json::Value;
use tripsage_runtime::Runtime;
use utoipa::openapi::OpenApi;

/// A function that can run in this process.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The name of its binary, by which the template knows it.
    pub binary: &'static str,
    /// Makes its router.
    pub router: fn(&Runtime) -> Router,
    /// Describes its operations.
    pub openapi: fn() -> OpenApi,
}

/// A function that takes an event and answers with a report, or fails.
pub(crate) type StreamHandler =
    Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Result<Value, String>> + Send>> + Send + Sync>;

/// A function that streams feed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamFunction {
    /// The name of its binary, by which the template knows it.
    pub(crate) binary: &'static str,
    /// Makes it.
    pub(crate) handler: fn(&Runtime) -> StreamHandler,
}

/// Every function of the product that streams feed.
pub(crate) const STREAM_FUNCTIONS: &[StreamFunction] = &[StreamFunction {
    binary: "projector",
    handler: |runtime| {
        let projector = projector::Projector::new(runtime);
        Arc::new(move |event| {
            let projector = projector.clone();
            Box::pin(async move {
                let batch = serde_json::from_value(event).map_err(|error| error.to_string())?;
                let outcome = projector::handle(&projector, batch)
                    .await
                    .map_err(|error| error.to_string())?;
                serde_json::to_value(outcome).map_err(|error| error.to_string())
            })
        })
    },
}];

/// Every function of the product that answers requests.
pub const FUNCTIONS: &[Function] = &[
    Function {
        binary: "auth",
        router: auth::router,
        openapi: auth::openapi,
    },
    Function {
        binary: "bookings",
        router: bookings::router,
        openapi: bookings::openapi,
    },
    Function {
        binary: "integrations",
        router: integrations::router,
        openapi: integrations::openapi,
    },
    Function {
        binary: "groups",
        router: groups::router,
        openapi: groups::openapi,
    },
    Function {
        binary: "intel",
        router: intel::router,
        openapi: intel::openapi,
    },
    Function {
        binary: "itineraries",
        router: itineraries::router,
        openapi: itineraries::openapi,
    },
    Function {
        binary: "safety",
        router: safety::router,
        openapi: safety::openapi,
    },
    Function {
        binary: "keys",
        router: keys::router,
        openapi: keys::openapi,
    },
    Function {
        binary: "search",
        router: search::router,
        openapi: search::openapi,
    },
    Function {
        binary: "platform",
        router: platform::router,
        openapi: platform::openapi,
    },
    Function {
        binary: "trips",
        router: trips::router,
        openapi: trips::openapi,
    },
    Function {
        binary: "users",
        router: users::router,
        openapi: users::openapi,
    },
];
