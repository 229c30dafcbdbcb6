//! Services of others that users bring their own keys for.

use std::{fmt, str::FromStr};

/// A service that a user may store a key for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Flights and stays: an access token of Duffel.
    Duffel,
    /// What Duffel signs its webhooks with: one for each account of Duffel.
    DuffelWebhook,
    /// Activities: an API key of Google Places (New).
    GooglePlaces,
    /// Weather: an API key of OpenWeather, for One Call.
    OpenWeather,
}

/// No service has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of duffel, duffel_webhook, google_places, openweather")]
pub struct UnknownService;

impl Service {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Duffel, Self::DuffelWebhook, Self::GooglePlaces, Self::OpenWeather];

    /// The name that clients use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Duffel => "duffel",
            Self::DuffelWebhook => "duffel_webhook",
            Self::GooglePlaces => "google_places",
            Self::OpenWeather => "openweather",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Service {
    type Err = UnknownService;

    /// Also understands the names by which older clients know them.
    fn from_str(text: &str) -> Result<Self, UnknownService> {
        match text {
            "duffel" | "flights" => Ok(Self::Duffel),
            "duffel_webhook" => Ok(Self::DuffelWebhook),
            "google_places" | "googlemaps" => Ok(Self::GooglePlaces),
            "openweather" | "weather" => Ok(Self::OpenWeather),
            _ => Err(UnknownService),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_known_by_its_name() {
        for service in Service::ALL {
            assert_eq!(service.name().parse(), Ok(service));
        }
        assert_eq!("googlemaps".parse(), Ok(Service::GooglePlaces));
        assert_eq!("Duffel".parse::<Service>(), Err(UnknownService));
    }
}
