use std::time::Duration;

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_cache::Tag;
use tripsage_domain::{audit::Action, principal::Role};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Reply};
use tripsage_store::Transaction;
use utoipa::ToSchema;

use crate::App;

/// When to try again while Redis does not answer.
const RETRY: Duration = Duration::from_secs(5);

/// What was refreshed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refreshed {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    refreshed_at: Timestamp,
}

/// Begins anew with all providers: whatever they have told is forgotten, breakers are closed, connections are opened
/// again. Other functions do so at their next request. For administrators.
#[utoipa::path(post, path = "/api/v1/integrations/refresh", operation_id = "refreshIntegrations", tag = "integrations",
    security(("bearer" = [])),
    responses((status = 200, description = "It is done", body = Envelope<Refreshed>), Errors))]
pub(crate) async fn refresh_integrations(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<Refreshed>, ApiError> {
    require_admin(&caller)?;
    let record = context.record(caller.user, Action::ProvidersRefreshed, "providers");
    app.edge.db().commit(Transaction::default().audited(&record)?).await?;
    app.providers.reset();
    // The others notice that the tag has changed.
    if !app.edge.bump(&Tag::Search).await {
        let message = "the other functions could not be told; this one has begun anew";
        return Err(ApiError::new(Code::DependencyUnavailable)
            .message(message)
            .retry_after(RETRY));
    }
    Ok(Reply::ok(
        "Integrations refreshed",
        Refreshed {
            refreshed_at: context.now,
        },
    ))
}

/// What concerns everybody is for administrators, signed in themselves.
pub(crate) fn require_admin(caller: &Caller) -> Result<(), ApiError> {
    if caller.role == Role::Admin && caller.session().is_some() {
        Ok(())
    } else {
        Err(ApiError::new(Code::Forbidden))
    }
}
