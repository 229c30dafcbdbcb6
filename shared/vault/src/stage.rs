use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tripsage_domain::service::Service;
use tripsage_runtime::{ExposeSecret, Runtime, SecretString, Stage};

use crate::VaultError;

/// How long the stage's keys are believed without asking again.
const KEPT: SignedDuration = SignedDuration::from_secs(300);

/// The stage's own keys, by service. They are the operator's, and the same for everybody.
#[derive(Default)]
pub(crate) struct StageKeys {
    known: Mutex<Option<(Timestamp, Arc<Keys>)>>,
}

type Keys = BTreeMap<Service, SecretString>;

impl StageKeys {
    /// The stage's key of a service. When Secrets Manager does not answer, the ones known so far are good.
    pub(crate) async fn find(&self, runtime: &Runtime, service: Service) -> Result<Option<SecretString>, VaultError> {
        let Some(id) = runtime.config().optional("PROVIDER_SECRET") else {
            return Ok(None);
        };
        let now = runtime.now();
        let mut known = self.known.lock().await;
        let fresh = known.as_ref().filter(|(at, _)| now.duration_since(*at) < KEPT);
        let keys = match fresh {
            Some((_, keys)) => Arc::clone(keys),
            None => match (
                runtime.clients().secrets().get(id, Stage::Current).await,
                known.as_ref(),
            ) {
                (Ok(secret), _) => {
                    let keys = Arc::new(secret.map(|secret| parse(&secret.value)).unwrap_or_default());
                    *known = Some((now, Arc::clone(&keys)));
                    keys
                }
                (Err(error), Some((_, keys))) => {
                    tracing::warn!(%error, "the stage's keys are those of before");
                    Arc::clone(keys)
                }
                (Err(error), None) => return Err(VaultError::Unavailable(error.to_string())),
            },
        };
        Ok(keys.get(&service).cloned())
    }
}

/// `{"duffel": "..", "google_places": ".."}`; what is not such an object has no keys in it, and the log says so.
fn parse(secret: &SecretString) -> Keys {
    let Ok(texts) = serde_json::from_str::<BTreeMap<String, String>>(secret.expose_secret()) else {
        tracing::error!("the secret with the stage's keys is not an object of texts");
        return Keys::default();
    };
    let keys = texts.into_iter().filter(|(_, key)| !key.is_empty());
    keys.filter_map(|(name, key)| Some((name.parse().ok()?, SecretString::from(key))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_services_with_a_key_have_one() {
        let parsed = |text: &str| parse(&SecretString::from(text)).into_keys().collect::<Vec<_>>();
        assert_eq!(
            parsed(r#"{"duffel":"x","openweather":"","nobody":"y"}"#),
            [Service::Duffel]
        );
        assert_eq!(parsed("{}"), []);
        assert_eq!(parsed("to be filled in"), []);
    }
}
