use axum::extract::State;
use tripsage_cache::Content;
use tripsage_domain::service::Service;
use tripsage_http::{Admitted, ApiError, Caller, Context, Envelope, Errors, Path, Reply};
use tripsage_providers::{Fault, Provider, ProviderError, Refusal, model::PlaceDetails};

use super::activity_body::ActivityBody;
use crate::{
    App,
    asking::{Asking, Question},
    ids::ProviderId,
    trouble::Trouble,
};

/// A thing to do with its opening hours and contacts.
#[utoipa::path(get, path = "/api/v1/search/activities/{activity_id}", operation_id = "getActivity", tag = "search",
    security(("bearer" = [])), params(("activity_id" = String, Path)),
    responses((status = 200, description = "The activity", body = Envelope<ActivityBody>), Errors))]
pub(crate) async fn get_activity(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    admitted: Admitted,
    Path(id): Path<ProviderId>,
) -> Result<Reply<ActivityBody>, ApiError> {
    let asking = Asking::new(&app, &admitted, &context);
    let question = Question {
        provider: Provider::GooglePlaces,
        content: Content::Places,
        parts: vec!["details".to_owned(), id.as_str().to_owned()],
    };
    let places = app.providers.places();
    let call = async |access, deadline| places.details(&access, id.as_str(), deadline).await;
    let asked = asking
        .keyed::<PlaceDetails, _>(caller.user, Service::GooglePlaces, question, call)
        .await;
    let found = asked.answer.map_err(|trouble| match trouble {
        // What cannot be an id of a place is refused by Google as not valid.
        Trouble::Provider(
            ProviderError {
                fault:
                    Fault::Refused {
                        refusal: Refusal::Invalid,
                        ..
                    },
                ..
            },
            _,
        ) => ApiError::not_found("activity"),
        other => other.into(),
    })?;
    Ok(Reply::ok("Activity found", ActivityBody::detailed(&found.value)))
}
