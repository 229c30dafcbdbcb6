use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{audit::Action, ids::ItineraryId, policy::may_feature};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Path, Reply};
use tripsage_store::itineraries::Featuring;
use utoipa::ToSchema;

use crate::App;

/// Whether the product features an itinerary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FeatureBody {
    /// Which.
    #[schema(format = Uuid)]
    id: String,
    /// Whether.
    is_featured: bool,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    featured_at: Option<Timestamp>,
}

/// Features a published itinerary, or no longer features it. For administrators; shows in lists at once. At most 100
/// itineraries are featured.
#[utoipa::path(post, path = "/api/v1/itineraries/{itinerary_id}/feature", operation_id = "featureItinerary",
    tag = "itineraries", security(("bearer" = [])), params(("itinerary_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "Whether it is featured", body = Envelope<FeatureBody>), Errors))]
pub(crate) async fn feature_itinerary(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ItineraryId>,
) -> Result<Reply<FeatureBody>, ApiError> {
    may_feature(&caller).map_err(|denial| ApiError::denied(denial, "itinerary"))?;
    let record = |is_featured| {
        let action = if is_featured {
            Action::ItineraryFeatured
        } else {
            Action::ItineraryUnfeatured
        };
        context.record(caller.user, action, format!("itinerary/{id}"))
    };
    let featuring = if context.resumed() {
        app.db.find_featuring(id).await?
    } else {
        app.db.toggle_feature(id, context.now, record, context.claim()).await?
    };
    let featured_at = match featuring {
        Featuring::Done(itinerary, featured_at) => {
            app.forget(None, &itinerary).await;
            featured_at
        }
        Featuring::NotFound => return Err(ApiError::not_found("itinerary")),
        Featuring::Full(most) => {
            let message = format!("at most {most} itineraries are featured at a time");
            return Err(ApiError::new(Code::Conflict).message(message));
        }
    };
    let (message, is_featured) = match featured_at {
        Some(_) => ("Itinerary featured", true),
        None => ("Itinerary no longer featured", false),
    };
    Ok(Reply::ok(
        message,
        FeatureBody {
            id: id.to_string(),
            is_featured,
            featured_at,
        },
    ))
}
