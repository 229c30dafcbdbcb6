//! Bookings, and what providers say of them.

mod booking_body;
mod cancel_booking;
mod create_booking;
mod get_booking;
mod list_bookings;
mod list_events;
mod new_booking;
mod passenger_body;
mod pay_booking;
mod receive_webhook;
mod refusals;
mod update_booking;
mod values;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use http::Method;
use tripsage_cache::{Limit, Tag};
use tripsage_domain::{
    booking::Actor,
    ids::{BookingId, UserId},
    principal::Area,
};
use tripsage_http::{Admitted, By, Context, Edge, EdgeOptions, RateClass, describe, operations};
use tripsage_ordering::{Act, Ordering};
use tripsage_providers::{Deadline, Providers};
use tripsage_runtime::{Config, Runtime};
use tripsage_store::{Db, keys::Digest};
use tripsage_vault::Vault;
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
    pub(crate) vault: Vault,
    pub(crate) ordering: Ordering,
    pub(crate) providers: Arc<Providers>,
}

operations!(App: [
    list_bookings::list_bookings,
    create_booking::create_booking,
    get_booking::get_booking,
    update_booking::replace_booking,
    update_booking::patch_booking,
    cancel_booking::cancel_booking,
    pay_booking::pay_booking,
    list_events::list_booking_events,
    receive_webhook::receive_duffel_webhook,
]);

/// Airlines take their time. Below the function's own time-out, so that what came of an order is always written down.
const TIMEOUT: Duration = Duration::from_secs(27);

/// What of that is kept for the answer.
const RESERVE: Duration = Duration::from_secs(1);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let options = EdgeOptions {
        area: Some(Area::Bookings),
        remember_answers: true,
        rate_class,
        tags: &[Tag::Search],
        timeout: TIMEOUT,
        ..EdgeOptions::default()
    };
    let edge = Edge::new(runtime, options);
    let db = edge.db().clone();
    let vault = Vault::new(runtime, &db);
    let providers = Arc::new(Providers::new(runtime));
    let ordering = Ordering::new(runtime, &db, &vault, &providers);
    let app = App {
        edge: edge.clone(),
        db,
        vault,
        ordering,
        providers,
    };
    let routes = routes().layer(middleware::from_fn_with_state(app.clone(), around_providers));
    edge.serve(routes.with_state(app))
}

/// Begins anew with the providers, if an operator has asked for it, and tells other functions what is new about them.
/// Reading asks no provider.
async fn around_providers(State(app): State<App>, admitted: Admitted, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    if app.edge.is_refreshed(&admitted) {
        app.providers.reset();
    }
    let response = next.run(request).await;
    app.edge.note_providers(&app.providers).await;
    response
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}

/// A message of a provider costs a call of KMS, whoever it comes from.
fn rate_class(config: &Config, _: &Method, path: &str) -> Option<RateClass> {
    path.starts_with("/api/v1/webhooks/").then(|| RateClass {
        name: "webhooks",
        limit: Limit {
            requests: config.writes_per_minute.saturating_mul(2),
            window: Duration::from_secs(60),
        },
        by: By::Address,
        strict: false,
    })
}

/// On whose behalf a request acts, and until when.
pub(crate) fn act(context: &Context, actor: Actor) -> Act {
    Act {
        actor,
        source: context.source.clone(),
        deadline: Deadline::after(TIMEOUT.saturating_sub(RESERVE)),
    }
}

/// The id of the booking that a request makes: the same for every attempt, also after the idempotency key was
/// forgotten.
pub(crate) fn booking_id(user: UserId, key: &str) -> BookingId {
    let digest = Digest::of(&[b"booking", user.uuid().as_bytes(), key.as_bytes()]);
    BookingId::from_uuid(digest.to_uuid())
}
