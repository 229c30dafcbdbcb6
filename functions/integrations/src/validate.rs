use std::time::{Duration, Instant};

use axum::extract::State;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_cache::Tag;
use tripsage_domain::{
    ids::KeyId,
    key::Purpose,
    service::Service,
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, OptionalJson, Reply};
use tripsage_providers::{Access, Account, Deadline, Fault, ProviderError};
use tripsage_vault::{Chosen, Use, VaultError};
use utoipa::ToSchema;

use crate::{App, refresh::require_admin};

/// Which keys are to be tried.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ValidateIntegrations {
    /// Services: `duffel`, `google_places`, `openweather`. All of them without it.
    #[schema(example = json!(["duffel"]))]
    services: Option<Vec<String>>,
    /// `own`: the caller's keys. `stage`: those of the stage, for administrators.
    #[schema(default = "own", example = "own")]
    scope: Option<String>,
}

/// Services whose keys can be tried: nobody can be asked about the secret of a webhook.
const TRIED: [Service; 3] = [Service::Duffel, Service::GooglePlaces, Service::OpenWeather];

/// How long one service may take.
const PATIENCE: Duration = Duration::from_secs(5);

struct Wanted {
    services: Vec<Service>,
    stage: bool,
}

impl ValidateIntegrations {
    fn checked(self) -> Result<Wanted, Invalid> {
        let mut checks = Checks::default();
        let unknown = || Rule::new("service", "must name one or more of duffel, google_places, openweather");
        let services = match self.services {
            None => Ok(TRIED.to_vec()),
            Some(names) => names
                .iter()
                .map(|name| {
                    name.parse()
                        .ok()
                        .filter(|service| TRIED.contains(service))
                        .ok_or_else(unknown)
                })
                .collect::<Result<Vec<Service>, Rule>>()
                .and_then(|services| {
                    if services.is_empty() {
                        Err(unknown())
                    } else {
                        Ok(services)
                    }
                }),
        };
        let mut services = checks.take("services", services);
        if let Some(services) = &mut services {
            services.sort_unstable();
            services.dedup();
        }
        let scope = self.scope.as_deref().unwrap_or("own");
        checks.ensure(
            matches!(scope, "own" | "stage"),
            "scope",
            "scope",
            "must be own or stage",
        );
        let stage = scope == "stage";
        checks.build(|| {
            Some(Wanted {
                services: services?,
                stage,
            })
        })
    }
}

/// What came of trying one key.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Validated {
    /// The service.
    #[schema(example = "duffel")]
    service: &'static str,
    /// `own`, `stage`, or `none`: there is no key.
    source: &'static str,
    /// The caller's key that was tried.
    #[schema(value_type = Option<String>, format = Uuid)]
    key_id: Option<KeyId>,
    /// Whether the service takes it.
    is_valid: bool,
    /// `valid`, `invalid`, `rate_limited`, `service_error`, `missing`, `needs_reentry`, `locked` or `unavailable`.
    #[schema(example = "valid")]
    status: &'static str,
    /// For people.
    message: &'static str,
    /// How long the service took, in milliseconds.
    latency_ms: Option<u64>,
    /// When it may be asked again, when it limits how often.
    retry_after_seconds: Option<u64>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    validated_at: Timestamp,
}

/// Tries keys: asks each service whether it takes the one that would be used.
#[utoipa::path(post, path = "/api/v1/integrations/validate", operation_id = "validateIntegrations", tag = "integrations",
    security(("bearer" = [])), request_body = ValidateIntegrations,
    responses((status = 200, description = "What came of it, for each service", body = Envelope<Vec<Validated>>), Errors))]
pub(crate) async fn validate_integrations(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    OptionalJson(request): OptionalJson<ValidateIntegrations>,
) -> Result<Reply<Vec<Validated>>, ApiError> {
    let wanted = request.checked()?;
    if wanted.stage {
        require_admin(&caller)?;
    }
    let tried = wanted.services.into_iter().map(async |service| {
        let chosen = if wanted.stage {
            Ok(Some(Chosen::Stage(service)))
        } else {
            app.vault.choose(caller.user, service, false).await
        };
        app.try_key(service, chosen, &context).await
    });
    let results = join_all(tried)
        .await
        .into_iter()
        .collect::<Result<Vec<Validated>, _>>()?;
    if results
        .iter()
        .any(|tried| tried.source == "own" && tried.status == "invalid")
    {
        // Whose key searches take has changed.
        app.edge.bump(&Tag::User(caller.user.to_string())).await;
    }
    app.edge.note_providers(&app.providers).await;
    Ok(Reply::ok("Integrations validated", results))
}

/// What is said about a key: status and text.
type Said = (&'static str, &'static str);

impl App {
    async fn try_key(
        &self,
        service: Service,
        chosen: Result<Option<Chosen>, VaultError>,
        context: &Context,
    ) -> Result<Validated, ApiError> {
        let mut result = Validated {
            service: service.name(),
            source: "none",
            key_id: None,
            is_valid: false,
            status: "missing",
            message: "there is no usable key",
            latency_ms: None,
            retry_after_seconds: None,
            validated_at: context.now,
        };
        let used = Use {
            at: context.now,
            source: context.source.clone(),
        };
        let opened = match chosen {
            Ok(None) => return Ok(result),
            Ok(Some(chosen)) => {
                result.source = if chosen.key_id().is_some() { "own" } else { "stage" };
                result.key_id = chosen.key_id();
                let opened = self.vault.open(&chosen, Purpose::Validation, &used).await;
                opened.map(|secret| (chosen, secret))
            }
            Err(error) => Err(error),
        };
        let (chosen, secret) = match opened {
            Ok(opened) => opened,
            Err(VaultError::Store(error)) => return Err(error.into()),
            Err(error) => {
                (result.status, result.message) = of_vault(&error);
                return Ok(result);
            }
        };
        let access = Access {
            account: Account::from(chosen.account()),
            secret,
        };
        let begun = Instant::now();
        let probed = self.providers.probe(service, &access, Deadline::after(PATIENCE)).await;
        result.latency_ms = u64::try_from(begun.elapsed().as_millis()).ok();
        match &probed {
            Ok(()) => self.vault.mark_accepted(&chosen, &used).await,
            Err(ProviderError {
                fault: Fault::KeyRefused,
                ..
            }) => self.vault.mark_refused(&chosen, &used).await,
            Err(_) => {}
        }
        if let Err(ProviderError {
            fault: Fault::RateLimited { retry_after },
            ..
        }) = &probed
        {
            result.retry_after_seconds = Some(retry_after.as_secs().max(1));
        }
        result.is_valid = probed.is_ok();
        (result.status, result.message) = of_probe(&probed);
        Ok(result)
    }
}

fn of_vault(error: &VaultError) -> Said {
    match error {
        VaultError::Unreadable => ("needs_reentry", "the key cannot be decrypted any more; enter it again"),
        VaultError::Refused => ("invalid", "the service has refused the key; replace it"),
        VaultError::Locked { .. } => ("locked", "suspicious use has locked your keys"),
        VaultError::Exhausted { .. } => ("rate_limited", "the key was used as often as you allow on a day"),
        VaultError::Gone => ("missing", "there is no usable key"),
        VaultError::Unavailable(_) | VaultError::Store(_) => ("unavailable", "keys cannot be opened at the moment"),
    }
}

fn of_probe(probed: &Result<(), ProviderError>) -> Said {
    match probed {
        Ok(()) => ("valid", "the service takes the key"),
        Err(error) => match error.fault {
            Fault::KeyRefused => ("invalid", "the service refuses the key"),
            Fault::RateLimited { .. } => ("rate_limited", "the service limits how often it may be asked"),
            _ => ("service_error", "the service did not say"),
        },
    }
}
