//! Weather, from whoever the key is for: Open-Meteo needs none, OpenWeather takes a user's.

use std::sync::Arc;

use tripsage_domain::trip::Coordinates;

use crate::{Access, Deadline, Fault, Provider, Result, model::Forecast, policy::Outbound};

/// A client of Open-Meteo.
pub struct OpenMeteo {
    pub(crate) outbound: Arc<Outbound>,
}

impl OpenMeteo {
    /// Weather of `days` days (1 to 16) from today on.
    pub async fn forecast(&self, at: Coordinates, days: u8, deadline: Deadline) -> Result<Forecast> {
        let _ = (&self.outbound, at, days, deadline);
        Err(Fault::NotConfigured.of(Provider::OpenMeteo))
    }
}

/// A client of OpenWeather's One Call 3.0.
pub struct OpenWeather {
    pub(crate) outbound: Arc<Outbound>,
}

impl OpenWeather {
    /// Weather of `days` days (1 to 8) from today on.
    pub async fn forecast(&self, access: &Access, at: Coordinates, days: u8, deadline: Deadline) -> Result<Forecast> {
        let _ = (&self.outbound, access, at, days, deadline);
        Err(Fault::NotConfigured.of(Provider::OpenWeather))
    }
}
