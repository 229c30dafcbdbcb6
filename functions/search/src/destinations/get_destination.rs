use tripsage_http::{ApiError, Context, Envelope, Errors, Path, Reply};
use tripsage_reference::City;

use super::DestinationBody;

/// The destination with this id.
pub(crate) fn destination(id: &str) -> Result<&'static City, ApiError> {
    tripsage_reference::city(id).ok_or_else(|| ApiError::not_found("destination"))
}

/// Facts of a destination.
#[utoipa::path(get, path = "/api/v1/destinations/{destination_id}", operation_id = "getDestination", tag = "search",
    params(("destination_id" = String, Path, example = "kyoto-jp")),
    responses((status = 200, description = "The destination", body = Envelope<DestinationBody>), Errors))]
pub(crate) async fn get_destination(
    context: Context,
    Path(id): Path<String>,
) -> Result<Reply<DestinationBody>, ApiError> {
    Ok(Reply::ok(
        "Destination found",
        DestinationBody::new(destination(&id)?, context.now),
    ))
}
