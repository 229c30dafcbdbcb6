//! What clients are told when a provider does not do what it is asked, and what functions tell each other of it.

use std::time::Duration;

use jiff::Timestamp;
use tripsage_providers::{Fault, Provider, ProviderError, ProviderState, ProviderStatus, Providers, Refusal};
use tripsage_store::provider_states::ProviderStateRow;

use crate::{ApiError, Code, Edge};

/// When to ask again for what a provider could not do now.
const RETRY: Duration = Duration::from_secs(10);

/// How long an answer waits until other functions are told about providers.
const NOTING: Duration = Duration::from_millis(250);

/// A provider's own words never get into an answer: they are only logged.
impl From<ProviderError> for ApiError {
    fn from(error: ProviderError) -> Self {
        let provider = display_name(error.provider);
        let told = match &error.fault {
            Fault::NotConfigured => {
                Self::new(Code::ProviderUnavailable).message(format!("{provider} is not set up here"))
            }
            Fault::KeyRefused => Self::new(Code::KeyRefused).message(format!("{provider} refuses the key")),
            Fault::RateLimited { retry_after } => Self::new(Code::RateLimited)
                .message(format!("{provider} limits how often it may be asked"))
                .retry_after(*retry_after),
            Fault::TimedOut => unavailable(format!("{provider} did not answer in time")),
            Fault::Unavailable(_) => unavailable(format!("{provider} is not available")),
            Fault::Malformed(_) | Fault::TooLarge => {
                unavailable(format!("{provider} answered with something that cannot be used"))
            }
            Fault::Unknown { .. } => unavailable(format!("{provider} did not say whether it was done")),
            Fault::Refused { refusal, .. } => refused(*refusal, provider),
        };
        told.fact("provider", error.provider.name()).because(error)
    }
}

fn unavailable(message: String) -> ApiError {
    ApiError::new(Code::ProviderUnavailable)
        .message(message)
        .retry_after(RETRY)
}

fn refused(refusal: Refusal, provider: &str) -> ApiError {
    match refusal {
        Refusal::NotFound => ApiError::new(Code::NotFound).message(format!("{provider} does not know it")),
        Refusal::OfferGone | Refusal::OfferExpired | Refusal::AlreadyBooked => ApiError::new(Code::OfferGone),
        Refusal::PriceChanged => ApiError::new(Code::PriceChanged),
        other => ApiError::new(Code::ProviderRefused)
            .message(format!("{provider} refuses: {}", meaning(other)))
            .fact("reason", serde_json::to_value(other).unwrap_or_default()),
    }
}

fn meaning(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound => "it does not exist",
        Refusal::OfferGone => "the offer can no longer be had",
        Refusal::OfferExpired => "the offer is too old",
        Refusal::AlreadyBooked => "the offer was booked already",
        Refusal::PriceChanged => "the price has changed",
        Refusal::InsufficientBalance => "the balance of your account there does not suffice",
        Refusal::DuplicateBooking => "these passengers have booked these flights already",
        Refusal::DuplicatePassengerName => "two passengers have the same name",
        Refusal::AlreadyCancelled => "it was cancelled already",
        Refusal::NotChangeable => "it cannot be changed",
        Refusal::ServiceGone => "an extra can no longer be had",
        Refusal::InvalidLoyaltyCard => "a loyalty card is not valid",
        Refusal::HoldTakesNoServices => "an order that is paid later takes no extras",
        Refusal::StaleChange => "the airline has changed it again meanwhile",
        Refusal::AirlineError => "the airline could not do it",
        Refusal::FeatureUnavailable => "your account there may not do this",
        Refusal::Invalid => "something in it is not valid",
        Refusal::Other => "it gives no reason that is known here",
    }
}

const fn display_name(provider: Provider) -> &'static str {
    match provider {
        Provider::Duffel => "Duffel",
        Provider::GooglePlaces => "Google Places",
        Provider::OpenMeteo => "Open-Meteo",
        Provider::OpenWeather => "OpenWeather",
        Provider::Airbnb => "Airbnb",
    }
}

impl Edge {
    /// Notes, for all functions, how the providers are doing, if there is anything new. Never fails a request, nor holds
    /// it up for long.
    pub async fn note_providers(&self, providers: &Providers) {
        let noted = async {
            for status in providers.news() {
                if let Some(row) = row_of(&status)
                    && let Err(error) = self.db().note_provider_state(&row).await
                {
                    tracing::warn!(%error, "how a provider is doing is not noted");
                }
            }
        };
        if tokio::time::timeout(NOTING, noted).await.is_err() {
            tracing::warn!("how the providers are doing is not noted in time");
        }
    }
}

fn row_of(status: &ProviderStatus) -> Option<ProviderStateRow> {
    let state = match status.state {
        ProviderState::Up => "up",
        ProviderState::Degraded => "degraded",
        ProviderState::Down => "down",
        ProviderState::NotConfigured | ProviderState::Idle => return None,
    };
    let seen_at: Timestamp = status.last_success.max(status.last_failure)?;
    Some(ProviderStateRow {
        provider: status.provider.name().to_owned(),
        state: state.to_owned(),
        seen_at,
        last_success_at: status.last_success,
        last_failure_at: status.last_failure,
        latency_ms: status
            .latency
            .map(|latency| u64::try_from(latency.as_millis()).unwrap_or(u64::MAX)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_own_words_are_not_told() {
        let error = ProviderError {
            provider: Provider::Duffel,
            fault: Fault::Refused {
                refusal: Refusal::Other,
                message_for_us: "<script>their words</script>".to_owned(),
            },
        };
        let text = serde_json::to_string(&ApiError::from(error).body("r")).unwrap();
        assert!(text.contains("PROVIDER_REFUSED"), "{text}");
        assert!(!text.contains("their words"), "{text}");
    }
}
