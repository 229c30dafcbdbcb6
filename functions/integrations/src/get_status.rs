use std::time::Duration;

use axum::extract::State;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_cache::{CompositeKey, Content, Made, Tag};
use tripsage_domain::{key::Purpose, service::Service, trip::Coordinates};
use tripsage_http::{Admitted, ApiError, Caller, Context, Envelope, Errors, Reply};
use tripsage_providers::{Access, Account, BreakerState, Deadline, ProviderState, ProviderStatus};
use tripsage_store::provider_states::ProviderStateRow;
use tripsage_vault::{Chosen, Use};
use utoipa::ToSchema;

use crate::App;

/// How one provider is doing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Integration {
    /// Its name.
    #[schema(example = "duffel")]
    provider: String,
    /// `up`, `degraded`, `down`, `unknown` (nobody has asked it lately) or `not_configured`.
    #[schema(example = "up")]
    state: String,
    /// `closed`: it is asked. `open`: it is left alone after failures. `half_open`: one call finds out.
    #[schema(example = "closed")]
    breaker: String,
    /// How long its last answer took, in milliseconds.
    latency_ms: Option<u64>,
    /// When it was last seen in this state.
    #[schema(value_type = Option<String>, format = DateTime)]
    seen_at: Option<Timestamp>,
    /// When it last did what it was asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_success_at: Option<Timestamp>,
    /// When it last did not.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_failure_at: Option<Timestamp>,
    /// Calls that it still allows the stage's account at the moment, where it says so.
    quota_left: Option<u64>,
}

/// How all providers are doing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct IntegrationsStatus {
    /// When they were looked at; at most once a minute.
    #[schema(value_type = String, format = DateTime)]
    checked_at: Timestamp,
    /// Whether they could not be looked at again since.
    stale: bool,
    /// Each of them.
    providers: Vec<Integration>,
}

/// The stored form of an [`Integration`] is itself; this is the version of its shape.
const SCHEMA: u32 = 1;

/// How long one provider may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(4);

/// What older sightings say of a provider is not its state any more.
const RECENT: Duration = Duration::from_secs(900);

/// Says how each provider is doing: asked with the stage's own keys, at most once a minute, and as the other functions
/// have seen them.
#[utoipa::path(get, path = "/api/v1/integrations/status", operation_id = "getIntegrationsStatus", tag = "integrations",
    security(("bearer" = [])),
    responses((status = 200, description = "How they are doing", body = Envelope<IntegrationsStatus>), Errors))]
pub(crate) async fn get_integrations_status(
    State(app): State<App>,
    _: Caller,
    context: Context,
    admitted: Admitted,
) -> Result<Reply<IntegrationsStatus>, ApiError> {
    let key = CompositeKey::new(Content::ProviderStates, SCHEMA, &[], &[Tag::Search]);
    let look = async || {
        app.probe_all(&context).await;
        let value = app.look(context.now).await?;
        Ok::<_, ApiError>(Made { value, keep: true })
    };
    let looked = app.edge.get_or_make(&admitted, &key, look).await?;
    Ok(Reply::ok(
        "Integrations",
        IntegrationsStatus {
            checked_at: looked.made_at,
            stale: looked.stale,
            providers: (*looked.value).clone(),
        },
    ))
}

impl App {
    /// Asks each provider that the stage can ask, all at once, and notes what they did. How each call ended is in
    /// their status.
    async fn probe_all(&self, context: &Context) {
        let deadline = Deadline::after(PATIENCE);
        let keyed = join_all(Service::ALL.map(|service| self.probe_as_stage(service, context, deadline)));
        let somewhere = Coordinates::new(0.0, 0.0);
        let weather = async {
            if let Ok(somewhere) = somewhere {
                let _ = self.providers.open_meteo().forecast(somewhere, 1, deadline).await;
            }
        };
        tokio::join!(keyed, weather);
        self.edge.note_providers(&self.providers).await;
    }

    async fn probe_as_stage(&self, service: Service, context: &Context, deadline: Deadline) {
        let used = Use {
            at: context.now,
            source: context.source.clone(),
        };
        if let Ok(secret) = self
            .vault
            .open(&Chosen::Stage(service), Purpose::Validation, &used)
            .await
        {
            let access = Access {
                account: Account::stage(),
                secret,
            };
            let _ = self.providers.probe(service, &access, deadline).await;
        }
    }

    /// What is known of each provider: from this process, or from whoever has seen it last.
    async fn look(&self, now: Timestamp) -> Result<Vec<Integration>, ApiError> {
        let noted = self.edge.db().list_provider_states().await?;
        let seen = self.providers.status().into_iter();
        Ok(seen
            .map(|own| {
                let row = noted.iter().find(|row| row.provider == own.provider.name());
                integration(&own, row, now)
            })
            .collect())
    }
}

fn integration(own: &ProviderStatus, noted: Option<&ProviderStateRow>, now: Timestamp) -> Integration {
    let own_seen = own.last_success.max(own.last_failure);
    let noted_newer = noted.filter(|row| Some(row.seen_at) > own_seen);
    let seen_at = noted_newer.map(|row| row.seen_at).or(own_seen);
    let recent = seen_at.is_some_and(|at| now.duration_since(at).unsigned_abs() < RECENT);
    let state = match (own.state, noted_newer) {
        (ProviderState::NotConfigured, _) => "not_configured",
        (_, Some(row)) if recent => &row.state,
        (state, None) if recent => state_name(state),
        _ => "unknown",
    };
    Integration {
        provider: own.provider.name().to_owned(),
        state: state.to_owned(),
        breaker: match own.breaker {
            BreakerState::Closed => "closed",
            BreakerState::HalfOpen => "half_open",
            BreakerState::Open => "open",
        }
        .to_owned(),
        latency_ms: match noted_newer {
            Some(row) => row.latency_ms,
            None => own.latency.map(milliseconds),
        },
        seen_at,
        last_success_at: own.last_success.max(noted.and_then(|row| row.last_success_at)),
        last_failure_at: own.last_failure.max(noted.and_then(|row| row.last_failure_at)),
        quota_left: own.quota_left,
    }
}

const fn state_name(state: ProviderState) -> &'static str {
    match state {
        ProviderState::Up => "up",
        ProviderState::Degraded => "degraded",
        ProviderState::Down => "down",
        ProviderState::Idle => "unknown",
        ProviderState::NotConfigured => "not_configured",
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
