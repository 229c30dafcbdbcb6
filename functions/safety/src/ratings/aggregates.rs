//! What the ratings of an itinerary add up to.

use serde::Serialize;
use tripsage_domain::mean::Mean;
use tripsage_store::itineraries::Counts;
use utoipa::ToSchema;

/// How many ratings gave each score.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Distribution {
    #[serde(rename = "1")]
    one: i64,
    #[serde(rename = "2")]
    two: i64,
    #[serde(rename = "3")]
    three: i64,
    #[serde(rename = "4")]
    four: i64,
    #[serde(rename = "5")]
    five: i64,
}

/// A mean of scores from 1 to 5.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct MeanBody {
    /// How many scores.
    count: u64,
    /// Their mean; absent where there are none.
    mean: Option<f64>,
}

/// What the ratings of an itinerary add up to, a moment after the last of them.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Aggregates {
    /// How many ratings there are.
    count: u64,
    /// The mean of their overall scores; absent where there are none.
    mean: Option<f64>,
    /// The mean drawn towards 3.5, as if five more travellers had said that: few ratings say less than many.
    shrunk_mean: f64,
    /// How much of the shrunk mean is what travellers said: 0 of nothing, near 1 of much.
    confidence: f64,
    /// How many gave each score.
    distribution: Distribution,
    /// Ratings of verified travellers.
    verified: MeanBody,
    /// How safe it is to stay there.
    accommodation_safety: MeanBody,
    /// How safe the route is.
    route_safety: MeanBody,
    /// How safe it is among people there.
    community_safety: MeanBody,
    /// How safe it is for women.
    women_safety: MeanBody,
}

#[expect(clippy::cast_precision_loss, reason = "thousandths of at most 5")]
fn units(thousandths: u64) -> f64 {
    thousandths as f64 / 1000.0
}

impl From<Mean> for MeanBody {
    fn from(mean: Mean) -> Self {
        Self {
            count: mean.count,
            mean: mean.thousandths().map(units),
        }
    }
}

impl From<&Counts> for Aggregates {
    fn from(counts: &Counts) -> Self {
        let rated = counts.rated();
        let [one, two, three, four, five] = counts.ratings.map(|count| count.max(0));
        Self {
            count: rated.count,
            mean: rated.thousandths().map(units),
            shrunk_mean: units(rated.shrunk()),
            confidence: units(rated.confidence()),
            distribution: Distribution {
                one,
                two,
                three,
                four,
                five,
            },
            verified: counts.rated_by_verified().into(),
            accommodation_safety: Mean::from(counts.accommodation).into(),
            route_safety: Mean::from(counts.route).into(),
            community_safety: Mean::from(counts.community).into(),
            women_safety: Mean::from(counts.women).into(),
        }
    }
}
