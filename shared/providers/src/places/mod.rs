//! Google Places (New).

use std::sync::Arc;

use tripsage_domain::place::PlaceSearch;

use crate::{
    Access, Deadline, Fault, Provider, Result,
    model::{PlaceDetails, Places},
    policy::Outbound,
};

/// A client of Google Places.
pub struct GooglePlaces {
    pub(crate) outbound: Arc<Outbound>,
}

impl GooglePlaces {
    /// Searches places; `page` is what an earlier answer called the next one.
    pub async fn search(
        &self,
        access: &Access,
        search: &PlaceSearch,
        page: Option<&str>,
        deadline: Deadline,
    ) -> Result<Places> {
        let _ = (&self.outbound, access, search, page, deadline);
        Err(Fault::NotConfigured.of(Provider::GooglePlaces))
    }

    /// Reads one place.
    pub async fn details(&self, access: &Access, id: &str, deadline: Deadline) -> Result<PlaceDetails> {
        let _ = (&self.outbound, access, id, deadline);
        Err(Fault::NotConfigured.of(Provider::GooglePlaces))
    }
}
