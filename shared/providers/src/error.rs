use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// Somebody outside who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Flights and stays.
    Duffel,
    /// Places.
    GooglePlaces,
    /// Weather without a key.
    OpenMeteo,
    /// Weather with a key.
    #[serde(rename = "openweather")]
    OpenWeather,
    /// Stays, through an MCP server.
    Airbnb,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Duffel,
        Self::GooglePlaces,
        Self::OpenMeteo,
        Self::OpenWeather,
        Self::Airbnb,
    ];

    /// The name that clients and logs use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duffel => "duffel",
            Self::GooglePlaces => "google_places",
            Self::OpenMeteo => "open_meteo",
            Self::OpenWeather => "openweather",
            Self::Airbnb => "airbnb",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A provider did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{provider}: {fault}")]
pub struct ProviderError {
    /// Who.
    pub provider: Provider,
    /// What went wrong.
    pub fault: Fault,
}

/// What went wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The stage has no address of this provider.
    #[error("is not configured")]
    NotConfigured,
    /// The provider does not take the key, or not for this.
    #[error("refuses the key")]
    KeyRefused,
    /// Too many calls, by its count or by ours.
    #[error("limits calls for {} s", retry_after.as_secs())]
    RateLimited {
        /// When to come again.
        retry_after: Duration,
    },
    /// No answer within the time there was. What was asked for had no lasting effect.
    #[error("did not answer in time")]
    TimedOut,
    /// It cannot be reached, has an error of its own, or is left alone after failing too often.
    #[error("is unavailable: {0}")]
    Unavailable(&'static str),
    /// It answered with something that is not what it documents.
    #[error("answered with something that cannot be read: {0}")]
    Malformed(&'static str),
    /// It answered with more than is read.
    #[error("answered with too much")]
    TooLarge,
    /// It understood the request and says no.
    #[error("refuses: {refusal:?} ({message_for_us})")]
    Refused {
        /// Why, out of a closed list.
        refusal: Refusal,
        /// The provider's own words, for logs only: never for a client.
        message_for_us: String,
    },
    /// Whether the order, the payment or the cancellation took place is not known. Ask before trying again.
    #[error("may or may not have done it")]
    Unknown {
        /// What the provider said, if it said anything; no proof that nothing took place.
        hint: Option<Refusal>,
        /// Whether it said that it took the order in, and would tell later what became of it.
        accepted: bool,
    },
}

impl Fault {
    pub(crate) fn of(self, provider: Provider) -> ProviderError {
        ProviderError { provider, fault: self }
    }

    /// A stable name for logs, metrics and the status of a search.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::KeyRefused => "key_refused",
            Self::RateLimited { .. } => "rate_limited",
            Self::TimedOut => "timed_out",
            Self::Unavailable(_) => "unavailable",
            Self::Malformed(_) => "malformed",
            Self::TooLarge => "too_large",
            Self::Refused { .. } => "refused",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// Why a provider says no: what our own texts and decisions are made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There is no such thing, or not for this key.
    NotFound,
    /// The offer can no longer be had.
    OfferGone,
    /// The offer's time is over.
    OfferExpired,
    /// The offer, or another of the same search, has been ordered already.
    AlreadyBooked,
    /// The price is not what was paid.
    PriceChanged,
    /// The balance with the provider does not suffice.
    InsufficientBalance,
    /// The same passengers hold the same flights already.
    DuplicateBooking,
    /// Two passengers have one name.
    DuplicatePassengerName,
    /// It has been cancelled already.
    AlreadyCancelled,
    /// It cannot be changed.
    NotChangeable,
    /// An extra is no longer to be had.
    ServiceGone,
    /// A loyalty number is wrong.
    InvalidLoyaltyCard,
    /// A held order takes no extras.
    HoldTakesNoServices,
    /// The change was replaced by a newer one.
    StaleChange,
    /// The airline has an error of its own.
    AirlineError,
    /// The account may not use this part of the provider.
    FeatureUnavailable,
    /// What was sent is not valid by the provider's rules.
    Invalid,
    /// Something that this version does not know.
    Other,
}

/// What a call answers.
pub(crate) type Result<T> = std::result::Result<T, ProviderError>;
