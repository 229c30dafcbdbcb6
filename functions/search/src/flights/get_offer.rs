use axum::extract::State;
use tripsage_domain::service::Service;
use tripsage_http::{Admitted, ApiError, Caller, Context, Envelope, Errors, Path, Reply};

use super::offer_body::FlightOffer;
use crate::{App, asking::Asking, ids::ProviderId};

/// An offer as it is now, with its price and the extras that can be ordered with it. Asked for anew each time.
#[utoipa::path(get, path = "/api/v1/search/offers/{offer_id}", operation_id = "getOffer", tag = "search",
    security(("bearer" = [])), params(("offer_id" = String, Path)),
    responses((status = 200, description = "The offer", body = Envelope<FlightOffer>), Errors))]
pub(crate) async fn get_offer(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    admitted: Admitted,
    Path(id): Path<ProviderId>,
) -> Result<Reply<FlightOffer>, ApiError> {
    let asking = Asking::new(&app, &admitted, &context);
    let duffel = app.providers.duffel();
    let call = async |access, deadline| duffel.offer(&access, id.as_str(), true, deadline).await;
    let (offer, own_key) = asking.anew(caller.user, Service::Duffel, call).await?;
    Ok(Reply::ok("Offer found", FlightOffer::new(&offer, own_key, context.now)))
}
