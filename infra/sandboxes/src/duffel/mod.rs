//! Duffel's API, version 2, in test mode.

mod airline_changes;
mod cancellation;
mod carrier;
mod courier;
mod desk;
mod flight;
mod limits;
mod money;
mod offer;
mod offers;
mod order;
mod orders;
mod passengers;
mod places;
mod refusal;
mod route;
mod search;
mod service;
mod stays;
mod webhooks;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::Value;
use tripsage_emulators::StartError;
use tripsage_emulators::clock::Clock;

use crate::chance;
use crate::exchange::{Answer, Asked, StandIn};
use crate::shelf::Shelf;
use desk::{Book, Desk, Reply};
use limits::Limits;

pub use courier::Delivering;
use refusal::Refusal;

/// Tokens begin so, and have at least this many characters; those that begin with the third are refused.
const TOKEN: &str = "duffel_test_";
const TOKEN_LENGTH: usize = 24;
const REFUSED: &str = "duffel_test_refused";

/// Accounts whose token begins so have not been given stays.
const WITHOUT_STAYS: &str = "duffel_test_nostays";

/// The stand-in, and what tests may see of it behind the protocol.
pub struct Duffel {
    shelf: Shelf<Book>,
    clock: Clock,
    limits: Limits,
    requests: AtomicU64,
    delivering: Mutex<Delivering>,
    /// Held by whoever delivers.
    turn: tokio::sync::Mutex<()>,
    /// Made with the first delivery.
    http: OnceLock<Option<reqwest::Client>>,
}

impl std::fmt::Debug for Duffel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Duffel").finish_non_exhaustive()
    }
}

impl Duffel {
    pub(crate) fn open(file: Option<PathBuf>, clock: Clock) -> Result<Arc<Self>, StartError> {
        Ok(Arc::new(Self {
            shelf: Shelf::open(file)?,
            clock,
            limits: Limits::default(),
            requests: AtomicU64::new(0),
            delivering: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            http: OnceLock::new(),
        }))
    }

    /// The orders that were made with a token, oldest first, as the API shows them: also those that it does not show yet.
    pub fn orders(&self, token: &str) -> Vec<Value> {
        let account = chance::account(token);
        let orders = self.shelf.with(|book| {
            let orders = book.account(&account).orders.iter();
            (orders.map(order::Order::json).collect(), false)
        });
        // Nothing is written here, so that nothing can fail.
        orders.unwrap_or_default()
    }

    /// The stays that were booked with a token, oldest first, as the API shows them.
    pub fn stays(&self, token: &str) -> Vec<Value> {
        let account = chance::account(token);
        let bookings = self.shelf.with(|book| (book.account(&account).stays.shown(), false));
        bookings.unwrap_or_default()
    }

    fn respond(&self, asked: &Asked, now: i64) -> Result<Reply, Refusal> {
        let account = authenticate(asked)?;
        check_headers(asked)?;
        self.limits.take(asked, &account, now)?;
        let worked = self.shelf.with(|book| {
            let mut desk = Desk {
                asked,
                account,
                now,
                book,
                changed: false,
            };
            let result = route(&mut desk);
            let changed = desk.changed || (result.is_ok() && asked.method != hyper::Method::GET);
            (result, changed)
        });
        worked.unwrap_or_else(|error| {
            tracing::error!(%error, "the sandbox of Duffel cannot write its data");
            Err(Refusal::internal())
        })
    }
}

impl StandIn for Duffel {
    fn answer(&self, asked: &Asked) -> Answer {
        let now = (self.clock)();
        let serial = self.requests.fetch_add(1, Ordering::Relaxed);
        let request_id = format!("FS{}", chance::letters(&format!("{now}/{serial}"), 18));
        let answer = match self.respond(asked, now) {
            Ok(reply) => reply.answer(),
            Err(refusal) => refusal.answer(&request_id),
        };
        let answer = answer.with("x-request-id", request_id);
        self.limits.headers(answer, asked, &self.credential(asked), now)
    }

    fn finish<'a>(&'a self, asked: &'a Asked, answer: Answer) -> BoxFuture<'a, Answer> {
        let is_ping = asked.path.ends_with("/actions/ping") && answer.status == 204;
        async move {
            if is_ping {
                let account = chance::account(&self.credential(asked));
                self.deliver_ping(&account, answer).await
            } else {
                answer
            }
        }
        .boxed()
    }

    fn credential(&self, asked: &Asked) -> String {
        let header = asked.header("authorization").unwrap_or_default();
        header.strip_prefix("Bearer ").unwrap_or_default().to_owned()
    }
}

fn authenticate(asked: &Asked) -> Result<String, Refusal> {
    let Some(header) = asked.header("authorization") else {
        return Err(Refusal::authentication(
            "missing_authorization_header",
            "The 'Authorization' header needs to be set and contain a valid API token.",
        ));
    };
    let Some(token) = header.strip_prefix("Bearer ").filter(|token| !token.is_empty()) else {
        return Err(Refusal::authentication(
            "invalid_authorization_header",
            "The 'Authorization' header must be 'Bearer' and an API token.",
        ));
    };
    if !token.starts_with(TOKEN) || token.len() < TOKEN_LENGTH || token.starts_with(REFUSED) {
        return Err(Refusal::authentication(
            "access_token_not_found",
            "The access token that you provided is not known.",
        ));
    }
    Ok(chance::account(token))
}

fn check_headers(asked: &Asked) -> Result<(), Refusal> {
    let bad = |status, code, message| Err(Refusal::request(status, code, message));
    match asked.header("duffel-version") {
        None => {
            return bad(
                400,
                "missing_version_header",
                "The 'Duffel-Version' header needs to be set.",
            );
        }
        Some("v2") => {}
        Some("beta" | "v1") => {
            return bad(
                400,
                "unsupported_version",
                "This version of the API is no longer supported.",
            );
        }
        Some(_) => {
            return bad(
                400,
                "invalid_version_header",
                "The 'Duffel-Version' header is not a version.",
            );
        }
    }
    let accept = asked.header("accept").unwrap_or("*/*");
    if !accept.contains("application/json") && !accept.contains("*/*") {
        return bad(
            406,
            "unsupported_format",
            "The 'Accept' header must allow application/json.",
        );
    }
    if asked.body.is_empty() {
        return Ok(());
    }
    match asked.header("content-type") {
        None => bad(
            400,
            "missing_content_type_header",
            "The 'Content-Type' header needs to be set.",
        ),
        Some(kind) if kind.starts_with("application/json") => Ok(()),
        Some(_) => bad(
            400,
            "invalid_content_type_header",
            "The 'Content-Type' must be application/json.",
        ),
    }
}

fn route(desk: &mut Desk<'_>) -> Result<Reply, Refusal> {
    let asked = desk.asked;
    let segments = asked.segments();
    match (asked.method.as_str(), segments.as_slice()) {
        ("POST", ["air", "offer_requests"]) => search::create(desk),
        ("GET", ["air", "offer_requests"]) => search::list(desk),
        ("GET", ["air", "offer_requests", id]) => search::get(desk, id),
        ("GET", ["air", "offers"]) => offers::list(desk),
        ("GET", ["air", "offers", id]) => offers::get(desk, id),
        ("POST", ["air", "offers", id, "actions", "price"]) => offers::price(desk, id),
        ("PATCH", ["air", "offers", id, "passengers", passenger]) => offers::patch_passenger(desk, id, passenger),
        ("GET", ["air", "seat_maps"]) => offers::seat_maps(desk),
        ("POST", ["air", "orders"]) => orders::create(desk),
        ("GET", ["air", "orders"]) => orders::list(desk),
        ("GET", ["air", "orders", id]) => orders::get(desk, id),
        ("PATCH", ["air", "orders", id]) => orders::patch(desk, id),
        ("GET", ["air", "orders", id, "available_services"]) => orders::available_services(desk, id),
        ("POST", ["air", "orders", id, "services"]) => orders::add_services(desk, id),
        ("POST", ["air", "payments"]) => orders::pay(desk),
        ("GET", ["air", "payments"]) => orders::list_payments(desk),
        ("GET", ["air", "payments", id]) => orders::get_payment(desk, id),
        ("POST", ["air", "order_cancellations"]) => cancellation::create(desk),
        ("GET", ["air", "order_cancellations"]) => cancellation::list(desk),
        ("GET", ["air", "order_cancellations", id]) => cancellation::get(desk, id),
        ("POST", ["air", "order_cancellations", id, "actions", "confirm"]) => cancellation::confirm(desk, id),
        ("GET", ["air", "airline_initiated_changes"]) => airline_changes::list(desk),
        ("PATCH", ["air", "airline_initiated_changes", id]) => airline_changes::patch(desk, id),
        ("POST", ["air", "airline_initiated_changes", id, "actions", "accept"]) => airline_changes::accept(desk, id),
        ("POST", ["air", "webhooks"]) => webhooks::create(desk),
        ("GET", ["air", "webhooks"]) => webhooks::list(desk),
        ("GET", ["air", "webhooks", "events"]) => webhooks::events(desk),
        ("GET", ["air", "webhooks", "events", id]) => webhooks::event(desk, id),
        ("POST", ["air", "webhooks", "events", id, "actions", "redeliver"]) => webhooks::redeliver(desk, id),
        ("GET", ["air", "webhooks", "deliveries"]) => webhooks::deliveries(desk),
        ("PATCH", ["air", "webhooks", id]) => webhooks::patch(desk, id),
        ("DELETE", ["air", "webhooks", id]) => webhooks::delete(desk, id),
        ("POST", ["air", "webhooks", id, "actions", "ping"]) => webhooks::ping(desk, id),
        (method, ["stays", path @ ..]) => {
            if desk
                .asked
                .header("authorization")
                .is_some_and(|header| header.contains(WITHOUT_STAYS))
            {
                return Err(stays_are_off());
            }
            stays::route(desk, method, path)
        }
        ("GET", ["air", "airlines"]) => places::airlines(desk),
        ("GET", ["air", "airlines", id]) => places::airline(id),
        ("GET", ["air", "airports"]) => places::airports(desk),
        ("GET", ["air", "airports", id]) => places::airport(id),
        ("GET", ["places", "suggestions"]) => places::suggestions(desk),
        _ => Err(Refusal::not_found()),
    }
}

fn stays_are_off() -> Refusal {
    Refusal::request(
        403,
        "unavailable_feature",
        "Stays are not enabled for your organisation.",
    )
}
