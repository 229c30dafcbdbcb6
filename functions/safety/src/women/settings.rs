//! What somebody keeps for an emergency.

use std::time::Duration;

use axum::extract::State;
use tripsage_domain::{audit::Action, safety_settings::Sealed};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, IfMatch, Json, Reply};
use tripsage_store::{
    Loaded, Transaction,
    safety_settings::{SafetySettingsRow, SealedRow},
};
use tripsage_vault::{SettingsVault, VaultError};

use super::{
    Tries,
    settings_body::{SettingsFields, SettingsResponse, from_secret, to_secret},
};
use crate::App;

/// When to ask again while KMS does not answer.
const RETRY: Duration = Duration::from_secs(2);

/// The caller's safety settings; what is sealed is not shown.
#[utoipa::path(get, path = "/api/v1/women-safety/settings", operation_id = "getSafetySettings", tag = "safety",
    security(("bearer" = [])),
    responses((status = 200, description = "The settings", body = Envelope<SettingsResponse>), Errors))]
pub(crate) async fn get_safety_settings(
    State(app): State<App>,
    caller: Caller,
) -> Result<Reply<SettingsResponse>, ApiError> {
    let found = app.db.find_safety_settings(caller.user).await?;
    Ok(Reply::ok("Settings found", SettingsResponse::from(&found.item)).etag(found.version))
}

/// Changes the safety settings that are given and keeps the others; `null` removes one.
#[utoipa::path(put, path = "/api/v1/women-safety/settings", operation_id = "replaceSafetySettings", tag = "safety",
    security(("bearer" = [])), request_body = SettingsFields,
    responses((status = 200, description = "The settings", body = Envelope<SettingsResponse>), Errors))]
pub(crate) async fn replace_safety_settings(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    if_match: IfMatch,
    Json(request): Json<SettingsFields>,
) -> Result<Reply<SettingsResponse>, ApiError> {
    // What is wrong with the request is said before anything is opened.
    request.onto(&Sealed::default())?;
    let record = context.record(caller.user, Action::SafetySettingsUpdated, "safety-settings");
    let mut tries = Tries::new(&context);
    let after = loop {
        let before = app.db.find_safety_settings(caller.user).await?;
        if_match.check(before.version)?;
        let after = SafetySettingsRow {
            updated_at: Some(context.now),
            ..app.changed(&caller, &before.item, &request).await?
        };
        let transaction = Transaction::replacing_safety_settings(caller.user, &before, &after)?;
        if tries.commit(&app.db, transaction.audited(&record)?).await? {
            break Loaded {
                item: after,
                version: before.version + 1,
            };
        }
    };
    Ok(Reply::ok("Settings updated", SettingsResponse::from(&after.item)).etag(after.version))
}

impl App {
    async fn changed(
        &self,
        caller: &Caller,
        before: &SafetySettingsRow,
        request: &SettingsFields,
    ) -> Result<SafetySettingsRow, ApiError> {
        let (women_only, location) = request.switches(before);
        let mut after = SafetySettingsRow {
            women_only_group_preference: women_only,
            location_sharing_enabled: location,
            ..before.clone()
        };
        if request.touches_sealed() {
            let known = match &before.sealed {
                Some(sealed) if !request.replaces_sealed() => self.opened(caller, sealed).await?,
                _ => Sealed::default(),
            };
            let new = request.onto(&known)?;
            after.redacted = (&new.redacted()).into();
            after.sealed = if new.is_empty() {
                None
            } else {
                let secret = to_secret(&new)?;
                let vault = SettingsVault::new(&self.runtime);
                Some(vault.seal(caller.user, &secret).await.map_err(troubled)?)
            };
        }
        Ok(after)
    }

    /// What the caller has sealed.
    pub(super) async fn opened(&self, caller: &Caller, sealed: &SealedRow) -> Result<Sealed, ApiError> {
        let vault = SettingsVault::new(&self.runtime);
        let secret = vault.open(caller.user, sealed).await.map_err(troubled)?;
        from_secret(&secret)
    }
}

fn troubled(error: VaultError) -> ApiError {
    match error {
        VaultError::Unreadable => {
            tracing::error!(
                alarm = "safety_settings_unreadable",
                "safety settings cannot be decrypted"
            );
            ApiError::new(Code::Conflict)
                .message("what was sealed cannot be opened any more; give all of it again, or remove it with null")
        }
        error => ApiError::new(Code::DependencyUnavailable)
            .message("what you keep for an emergency cannot be sealed or opened at the moment")
            .retry_after(RETRY)
            .because(error),
    }
}
