//! The functions that the product consists of.

use axum::Router;
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

/// Every function of the product.
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
