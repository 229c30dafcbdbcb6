use jiff::Timestamp;
use serde::Serialize;
use tripsage_store::itineraries::StandingRow;
use utoipa::ToSchema;

/// How an itinerary stands among others.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct StandingBody {
    /// Whether the product features it.
    is_featured: bool,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    featured_at: Option<Timestamp>,
}

impl StandingBody {
    pub(crate) fn new(standing: &StandingRow) -> Self {
        Self {
            is_featured: standing.featured_at.is_some(),
            featured_at: standing.featured_at,
        }
    }
}
