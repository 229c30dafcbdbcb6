use std::time::Duration;

use axum::extract::State;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    booking::{Actor, Booking, Status},
    ids::{BookingId, KeyId, UserId},
    service::Service,
};
use tripsage_http::{ApiError, Code, Context, Envelope, Errors, Query, RawBody, Reply};
use tripsage_ordering::Settled;
use tripsage_providers::{SIGNATURE_HEADER, WebhookError, WebhookEvent, WebhookKind, verify_webhook};
use tripsage_vault::{Purpose, Use, VaultError};
use utoipa::{IntoParams, ToSchema};

use crate::{App, act, refusals::Refused};

/// How old a signature may be.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Bookings among which one is looked for that has no order yet.
const PENDING: usize = 20;

/// When a message should come again of which nothing could be found out.
const AGAIN: Duration = Duration::from_secs(60);

/// Whose account at the provider it is about.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhookQuery {
    /// As in the address that `GET /keys/{id}` shows for a key of the service `duffel_webhook`.
    account: String,
}

/// That a message was received.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Received {
    /// Always `true`.
    received: bool,
    /// Whether it had been received before.
    duplicate: bool,
}

/// Receives what Duffel has to say of an order.
///
/// A message is believed when it carries the signature of the account, at most five minutes old, and only as far as
/// that something happened: what it was is read from Duffel. So a message may come twice, late or in any order.
#[utoipa::path(post, path = "/api/v1/webhooks/duffel", operation_id = "receiveDuffelWebhook", tag = "bookings",
    params(WebhookQuery, ("X-Duffel-Signature" = String, Header, description = "`t=<seconds>,v1=<hexadecimal>`")),
    request_body(content = Object, description = "An event, as Duffel sends it"),
    responses((status = 200, description = "Received", body = Envelope<Received>), Errors))]
pub(crate) async fn receive_duffel_webhook(
    State(app): State<App>,
    context: Context,
    Query(query): Query<WebhookQuery>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Reply<Received>, ApiError> {
    let (user, key) = account(&query.account).ok_or_else(|| ApiError::new(Code::InvalidSignature))?;
    let event = verified(&app, &context, user, key, &headers, &body).await?;
    let duplicate = app.db.knows_webhook(&query.account, &event.id, context.now).await?;
    if !duplicate {
        for booking in concerned(&app, user, &event).await? {
            let act = act(&context, Actor::Provider);
            let settled = if event.kind == WebhookKind::OrderCreationFailed {
                app.ordering.settle_refused(user, booking, &act).await
            } else {
                app.ordering.settle(user, booking, &act).await
            };
            if settled.map_err(Refused)? == Settled::Unseen {
                return Err(ApiError::new(Code::ProviderUnavailable)
                    .message("what it is about cannot be read now; send it again")
                    .retry_after(AGAIN));
            }
        }
        // Afterwards: a message whose handling failed has to come again.
        app.db.remember_webhook(&query.account, &event.id, context.now).await?;
    }
    Ok(Reply::ok(
        "Received",
        Received {
            received: true,
            duplicate,
        },
    ))
}

fn account(text: &str) -> Option<(UserId, KeyId)> {
    let (user, key) = text.split_once('.')?;
    Some((user.parse().ok()?, key.parse().ok()?))
}

/// The event, when it carries the account's signature. Who does not know the account learns nothing of it.
async fn verified(
    app: &App,
    context: &Context,
    user: UserId,
    key: KeyId,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<WebhookEvent, ApiError> {
    let refused = || ApiError::new(Code::InvalidSignature);
    let signature = headers
        .get(SIGNATURE_HEADER)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(refused)?;
    let chosen = app.vault.find(user, key).await?;
    let chosen = chosen
        .filter(|chosen| chosen.service() == Service::DuffelWebhook)
        .ok_or_else(refused)?;
    let used = Use {
        at: context.now,
        source: context.source.clone(),
    };
    let opened = app.vault.open(&chosen, Purpose::Webhook, &used).await;
    let secret = opened.map_err(|error| match error {
        VaultError::Unavailable(_) | VaultError::Store(_) => error.into(),
        // What has become of the key is its owner's affair.
        error => refused().because(error),
    })?;
    let event = verify_webhook(&secret, signature, body, context.now, TOLERANCE).map_err(|error| match error {
        WebhookError::MalformedBody => ApiError::new(Code::MalformedJson).message("the body is not an event of Duffel"),
        error => refused().because(error),
    })?;
    app.vault.mark_accepted(&chosen, &used).await;
    Ok(event)
}

/// The bookings that an event may be about; often one, or none.
async fn concerned(app: &App, user: UserId, event: &WebhookEvent) -> Result<Vec<BookingId>, ApiError> {
    if event.kind == WebhookKind::Ping {
        return Ok(Vec::new());
    }
    for order in [&event.order_id, &event.stay_booking_id].into_iter().flatten() {
        if let Some(booking) = app.db.find_booking_of_order(user, order).await? {
            return Ok(vec![booking]);
        }
    }
    if let Some(booking) = event.booking {
        return Ok(vec![booking]);
    }
    let Some(offer) = &event.offer_id else {
        return Ok(Vec::new());
    };
    let ordered = |booking: &Booking| {
        matches!(booking.status, Status::Pending | Status::NeedsReview)
            && booking.deal.as_ref().is_some_and(|deal| deal.offer == *offer)
    };
    let page = app.db.list_bookings(user, PENDING, None, ordered).await?;
    Ok(page.bookings.iter().map(|booking| booking.id).collect())
}
