//! Flights, stays, places and weather of others, over HTTP: with time-outs, few retries, and no trust.
//!
//! - [`Providers`] has a client for each of them, behind one policy of calls (`policy`).
//! - [`model`] is what they answer, in our own words: serialisable, because that is also how it is cached. The domain
//!   holds what may be asked ([`tripsage_domain::flight`] and its neighbours). What goes over the wire stays private to
//!   each client.
//! - [`ProviderError`] is everything that can go wrong, with one meaning each.
//!
//! This crate never decides whose key is used, never stores anything, and never shows a text of a provider as our own.

mod access;
mod airbnb;
mod duffel;
mod error;
pub mod model;
mod news;
mod places;
mod policy;
mod raw;
mod status;
mod weather;

use std::sync::Arc;

use tripsage_domain::{service::Service, trip::Coordinates};
use tripsage_runtime::Runtime;

pub(crate) use crate::error::Result;
pub use crate::{
    access::{Access, Account, Deadline},
    airbnb::Airbnb,
    duffel::{Duffel, SIGNATURE_HEADER, WebhookError, WebhookEvent, WebhookKind, sign_webhook, verify_webhook},
    error::{Fault, Provider, ProviderError, Refusal},
    places::GooglePlaces,
    status::{BreakerState, ProviderState, ProviderStatus},
    weather::{OpenMeteo, OpenWeather},
};
use crate::{model::Forecast, policy::Outbound};

/// Clients of all providers. One for each process: it holds connections, breakers and quotas.
pub struct Providers {
    outbound: Arc<Outbound>,
    news: news::News,
    duffel: Duffel,
    places: GooglePlaces,
    open_meteo: OpenMeteo,
    openweather: OpenWeather,
    airbnb: Airbnb,
}

impl Providers {
    /// Clients of the providers that the function's configuration has addresses of. Nothing is called yet.
    pub fn new(runtime: &Runtime) -> Self {
        let outbound = Arc::new(Outbound::new(runtime));
        Self {
            duffel: Duffel {
                outbound: Arc::clone(&outbound),
            },
            places: GooglePlaces {
                outbound: Arc::clone(&outbound),
            },
            open_meteo: OpenMeteo {
                outbound: Arc::clone(&outbound),
            },
            openweather: OpenWeather {
                outbound: Arc::clone(&outbound),
            },
            airbnb: Airbnb {
                outbound: Arc::clone(&outbound),
            },
            news: news::News::default(),
            outbound,
        }
    }

    /// Flights and stays.
    pub fn duffel(&self) -> &Duffel {
        &self.duffel
    }

    /// Places.
    pub fn places(&self) -> &GooglePlaces {
        &self.places
    }

    /// Weather without a key.
    pub fn open_meteo(&self) -> &OpenMeteo {
        &self.open_meteo
    }

    /// Weather with a key.
    pub fn openweather(&self) -> &OpenWeather {
        &self.openweather
    }

    /// Stays of Airbnb.
    pub fn airbnb(&self) -> &Airbnb {
        &self.airbnb
    }

    /// Weather of the days to come: from OpenWeather with a key for it, else from Open-Meteo.
    ///
    /// # Errors
    /// As any call.
    pub async fn forecast(
        &self,
        key: Option<&Access>,
        at: Coordinates,
        days: u8,
        deadline: Deadline,
    ) -> Result<Forecast> {
        match key {
            Some(access) => self.openweather.forecast(access, at, days, deadline).await,
            None => self.open_meteo.forecast(at, days, deadline).await,
        }
    }

    /// Finds out with the cheapest call there is whether the provider takes a key. A webhook secret is never sent
    /// anywhere, so there is nobody to ask.
    ///
    /// # Errors
    /// [`Fault::KeyRefused`] when it does not; anything else says nothing about the key.
    pub async fn probe(&self, service: Service, access: &Access, deadline: Deadline) -> Result<()> {
        match service {
            Service::Duffel => self.duffel.probe(access, deadline).await,
            Service::GooglePlaces => self.places.probe(access, deadline).await,
            Service::OpenWeather => self.openweather.probe(access, deadline).await,
            Service::DuffelWebhook => Ok(()),
        }
    }

    /// How each provider does, as this process has seen it.
    pub fn status(&self) -> Vec<ProviderStatus> {
        let configured = |provider| match provider {
            Provider::Duffel => self.duffel.is_configured(),
            Provider::GooglePlaces => self.places.is_configured(),
            Provider::OpenMeteo => self.open_meteo.is_configured(),
            Provider::OpenWeather => self.openweather.is_configured(),
            Provider::Airbnb => self.airbnb.is_configured(),
        };
        let status = |provider| self.outbound.status(provider, configured(provider));
        Provider::ALL.into_iter().map(status).collect()
    }

    /// How those providers are doing of whom there is something to say that was not said within a minute.
    pub fn news(&self) -> Vec<ProviderStatus> {
        self.news.of(self.status())
    }

    /// Forgets failures and used quotas: the next call of each goes out.
    pub fn reset(&self) {
        self.outbound.reset();
    }
}
