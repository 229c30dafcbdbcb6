//! Airbnb, through an MCP server that reads its public pages.

use std::sync::Arc;

use jiff::civil::Date;
use tripsage_domain::stay::{Guests, StaySearch};

use crate::{
    Deadline, Fault, Provider, Result,
    model::{StayListing, Stays},
    policy::Outbound,
};

/// A client of the MCP server.
pub struct Airbnb {
    pub(crate) outbound: Arc<Outbound>,
}

impl Airbnb {
    /// Searches stays by the name of the place.
    pub async fn search(&self, search: &StaySearch, deadline: Deadline) -> Result<Stays> {
        let _ = (&self.outbound, search, deadline);
        Err(Fault::NotConfigured.of(Provider::Airbnb))
    }

    /// Reads one listing.
    pub async fn listing(
        &self,
        id: &str,
        dates: Option<(Date, Date)>,
        guests: &Guests,
        deadline: Deadline,
    ) -> Result<StayListing> {
        let _ = (&self.outbound, id, dates, guests, deadline);
        Err(Fault::NotConfigured.of(Provider::Airbnb))
    }
}
