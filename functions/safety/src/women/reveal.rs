use axum::extract::State;
use tripsage_domain::{audit::Action, safety_settings::Sealed};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Reply};
use tripsage_store::Transaction;

use super::settings_body::RevealedSettings;
use crate::App;

/// The caller's safety settings in full. Only with a sign-in, not with a personal access token; it stands in the caller's
/// activity, and the answer is never kept for a repeated request.
#[utoipa::path(post, path = "/api/v1/women-safety/settings/reveal", operation_id = "revealSafetySettings", tag = "safety",
    security(("bearer" = [])),
    responses((status = 200, description = "The settings in full", body = Envelope<RevealedSettings>), Errors))]
pub(crate) async fn reveal_safety_settings(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<RevealedSettings>, ApiError> {
    if caller.session().is_none() {
        return Err(ApiError::new(Code::InsufficientScope)
            .message("only a sign-in can read safety settings in full; a personal access token cannot"));
    }
    let settings = app.db.find_safety_settings(caller.user).await?.item;
    let sealed = match &settings.sealed {
        Some(sealed) => app.opened(&caller, sealed).await?,
        None => Sealed::default(),
    };
    // It is recorded before it is handed out.
    let record = context.record(caller.user, Action::SafetySettingsRevealed, "safety-settings");
    let transaction = Transaction::default().audited_use(&record)?;
    app.db.commit(transaction.fenced(context.claim())).await?;
    Ok(Reply::ok("Settings revealed", RevealedSettings::new(&settings, sealed)).secret())
}
