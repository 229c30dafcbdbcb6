use std::time::Instant;

use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Action,
    ids::KeyId,
    key::{Operation, Purpose, Standing, is_over},
    service::Service,
    validation::Checks,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Path, Reply};
use tripsage_store::{Transaction, provider_keys::KeyRow};
use utoipa::ToSchema;

use crate::{
    App, key_body,
    key_text::KeyText,
    probe::{Asked, KEPT, Verdict},
    used,
};

/// A key that is to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ValidateKey {
    /// The service it is for.
    #[schema(example = "duffel")]
    service: String,
    /// The key.
    #[schema(value_type = String, format = Password)]
    key: KeyText,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValidationResponse {
    /// Whether it can be used.
    is_valid: bool,
    /// `valid`, `invalid`, `expired`, `rate_limited`, `service_error` or `format_error`.
    #[schema(example = "valid")]
    status: &'static str,
    /// The service.
    service: &'static str,
    /// For people.
    message: String,
    /// How long the answer took, in milliseconds.
    latency_ms: u64,
    /// When the service was asked.
    #[schema(value_type = String, format = DateTime)]
    validated_at: Timestamp,
    /// Whether that was within the last five minutes, and the service was not asked again.
    cached: bool,
    /// When to ask again, after `rate_limited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
}

impl ValidationResponse {
    fn new(service: Service, status: &'static str, message: impl Into<String>, at: Timestamp) -> Self {
        Self {
            is_valid: status == "valid",
            status,
            service: service.name(),
            message: message.into(),
            latency_ms: 0,
            validated_at: at,
            cached: false,
            retry_after_seconds: None,
        }
    }

    fn of(service: Service, asked: Asked, begun: Instant) -> Self {
        let (status, message) = match asked.verdict {
            Verdict::Valid => ("valid", "the service knows the key"),
            Verdict::Invalid => ("invalid", "the service does not know the key"),
            Verdict::RateLimited(_) => ("rate_limited", "the service limits calls, and did not say"),
            Verdict::Silent => ("service_error", "the service does not answer, and did not say"),
        };
        let mut response = Self::new(service, status, message, asked.at);
        response.latency_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        response.cached = asked.cached;
        if let Verdict::RateLimited(after) = asked.verdict {
            response.retry_after_seconds = Some(after.as_secs());
        }
        response
    }

    fn unasked(service: Service, now: Timestamp) -> Self {
        let message = "it looks like one; there is nobody to ask about the secret of a webhook";
        Self::new(service, "valid", message, now)
    }
}

/// Asks a service whether it knows a key. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/keys/validate", operation_id = "validateKey", tag = "keys",
    security(("bearer" = [])), request_body = ValidateKey,
    responses((status = 200, description = "What the service says", body = Envelope<ValidationResponse>), Errors))]
pub(crate) async fn validate_key(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<ValidateKey>,
) -> Result<Reply<ValidationResponse>, ApiError> {
    let mut checks = Checks::default();
    let service = checks.take("service", key_body::service(&request.service));
    checks.finish()?;
    let service = service.ok_or_else(|| ApiError::internal("no service"))?;
    app.begin(&caller, &context, Operation::Validate).await?;
    let begun = Instant::now();
    let response = match request.key.parse(service) {
        Err(rule) => ValidationResponse::new(service, "format_error", rule.message, context.now),
        Ok(_) if service == Service::DuffelWebhook => ValidationResponse::unasked(service, context.now),
        Ok(secret) => ValidationResponse::of(
            service,
            app.ask(caller.user, service, &secret, context.now).await,
            begun,
        ),
    };
    app.trail(&caller, &context, format!("key/{service}/{}", response.status))
        .await?;
    Ok(Reply::ok("Key validated", response))
}

/// Asks its service whether it still knows a stored key, and remembers what it says.
#[utoipa::path(post, path = "/api/v1/keys/{key_id}/validate", operation_id = "validateStoredKey", tag = "keys",
    security(("bearer" = [])), params(("key_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "What the service says", body = Envelope<ValidationResponse>), Errors))]
pub(crate) async fn validate_stored_key(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<KeyId>,
) -> Result<Reply<ValidationResponse>, ApiError> {
    let row = app.find_key(&caller, id).await?.item;
    let service = row.service()?;
    app.begin(&caller, &context, Operation::Validate).await?;
    let response = if is_over(row.ends_at, context.now) {
        ValidationResponse::new(
            service,
            "expired",
            "the key has ended, as you said it would",
            context.now,
        )
    } else if let Some(at) = accepted_lately(&row, context.now) {
        let mut response = ValidationResponse::new(service, "valid", "the service knows the key", at);
        response.cached = true;
        response
    } else {
        app.revalidate(&caller, &context, id, service).await?
    };
    app.trail(&caller, &context, format!("key/{id}/{service}/{}", response.status))
        .await?;
    Ok(Reply::ok("Key validated", response))
}

/// When its service last accepted the only version of it, if that was lately: then nothing has to be decrypted.
fn accepted_lately(row: &KeyRow, now: Timestamp) -> Option<Timestamp> {
    let is_settled = row.sealed.len() == 1 && row.current()?.standing == Standing::Proven;
    row.last_validated
        .filter(|at| is_settled && now.duration_since(*at) < KEPT)
}

impl App {
    async fn revalidate(
        &self,
        caller: &Caller,
        context: &Context,
        id: KeyId,
        service: Service,
    ) -> Result<ValidationResponse, ApiError> {
        let chosen = self.vault.find(caller.user, id).await?;
        let chosen = chosen.ok_or_else(|| ApiError::not_found("key"))?;
        let begun = Instant::now();
        let secret = self.vault.open(&chosen, Purpose::Validation, &used(context)).await?;
        if service == Service::DuffelWebhook {
            return Ok(ValidationResponse::unasked(service, context.now));
        }
        let asked = self.ask(caller.user, service, &secret, context.now).await;
        match asked.verdict {
            Verdict::Valid => self.vault.mark_validated(&chosen, asked.at).await,
            // What was said before is no reason to stop using a key that may have been accepted since.
            Verdict::Invalid if !asked.cached => self.vault.mark_refused(&chosen, &used(context)).await,
            Verdict::Invalid | Verdict::RateLimited(_) | Verdict::Silent => {}
        }
        self.bump(caller).await;
        Ok(ValidationResponse::of(service, asked, begun))
    }

    async fn trail(&self, caller: &Caller, context: &Context, target: String) -> Result<(), ApiError> {
        let record = context.record(caller.user, Action::KeyValidated, target);
        Ok(self.commit(Transaction::default().audited(&record)?).await?)
    }
}
