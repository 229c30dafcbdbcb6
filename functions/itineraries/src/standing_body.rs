use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tripsage_domain::proof::Component;
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
    /// Votes for it.
    upvotes: i64,
    /// Votes against it.
    downvotes: i64,
    /// The difference.
    #[serde(rename = "voteCount")]
    vote_count: i64,
    /// Travellers and sessions that have seen it.
    view_count: i64,
    /// Comments on it.
    comment_count: i64,
    /// How often it was passed on.
    share_count: i64,
    /// Itineraries that were made from it.
    remix_count: i64,
    /// Travel intel about it.
    travel_intel_count: i64,
    /// Votes that call a rating of it helpful.
    helpful_votes: i64,
    /// How safe it is, from 1 to 5: what verified travellers say, or what all say while no verified one has.
    #[schema(minimum = 1, maximum = 5)]
    safety_score: Option<f64>,
    /// How many safety ratings there are.
    safety_ratings_count: u64,
    /// Their mean.
    safety_ratings_avg: Option<f64>,
    /// Their mean, drawn towards what is usual the fewer there are; what lists are sorted by.
    safety_ratings_shrunk_mean: f64,
    /// How much of that is what was rated: 0 without ratings, near 1 with many.
    safety_ratings_confidence: f64,
    /// How far the itinerary can be trusted, from 0 to 100: the five components together.
    proof_score: f64,
    /// What its author has shown of themselves, from 0 to 20.
    identity_score: f64,
    /// What its author has contributed, from 0 to 20.
    travel_history_score: f64,
    /// What others make of it, from 0 to 20.
    community_score: f64,
    /// How safe others say it is, from 0 to 20.
    safety_score_component: f64,
    /// What it is made of, from 0 to 20.
    quality_score: f64,
}

impl StandingBody {
    pub(crate) fn new(standing: &StandingRow) -> Self {
        let counts = &standing.counts;
        let (rated, proof) = (standing.rated(), standing.proof());
        let (upvotes, downvotes) = (counts.upvotes.max(0), counts.downvotes.max(0));
        Self {
            is_featured: standing.featured_at.is_some(),
            featured_at: standing.featured_at,
            upvotes,
            downvotes,
            vote_count: upvotes - downvotes,
            view_count: counts.views.max(0),
            comment_count: counts.comments.max(0),
            share_count: counts.shares.max(0),
            remix_count: counts.remixes.max(0),
            travel_intel_count: counts.intel.iter().sum::<i64>().max(0),
            helpful_votes: counts.helpful.max(0),
            safety_score: standing.safety_score().map(hundredths),
            safety_ratings_count: rated.count,
            safety_ratings_avg: rated.thousandths().map(hundredths),
            safety_ratings_shrunk_mean: hundredths(rated.shrunk()),
            safety_ratings_confidence: hundredths(rated.confidence()),
            proof_score: tenths(proof.score()),
            identity_score: tenths(proof.identity.score()),
            travel_history_score: tenths(proof.travel_history.score()),
            community_score: tenths(proof.community.score()),
            safety_score_component: tenths(proof.safety.score()),
            quality_score: tenths(proof.quality.score()),
        }
    }
}

/// A whole number of tenths as a number.
pub(crate) fn tenths(tenths: u64) -> f64 {
    f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0
}

/// A whole number of thousandths as a number with two places.
fn hundredths(thousandths: u64) -> f64 {
    f64::from(u32::try_from(thousandths.div_euclid(10) + u64::from(thousandths % 10 >= 5)).unwrap_or(u32::MAX)) / 100.0
}

/// A reason for points.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct PartBody {
    /// Points.
    score: f64,
    /// Points that there are.
    max: f64,
    /// What was counted; 0 or 1 for what is so or not.
    value: i64,
}

/// Why a component of a proof score is what it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExplanationBody {
    /// Points.
    score: f64,
    /// Points that there are.
    max: f64,
    /// The one in per cent of the other.
    percentage: f64,
    /// How good that is, and what would bring most.
    summary: String,
    /// The points of each reason, by its name.
    #[schema(value_type = std::collections::BTreeMap<String, PartBody>)]
    details: Map<String, Value>,
}

impl ExplanationBody {
    fn new(component: &Component) -> Self {
        let details = component.parts.iter().map(|part| {
            let body = PartBody {
                score: tenths(part.score),
                max: tenths(part.max),
                value: part.value,
            };
            (part.name.to_owned(), json!(body))
        });
        Self {
            score: tenths(component.score()),
            max: tenths(tripsage_domain::proof::MOST),
            percentage: tenths(component.share()),
            summary: component.summary(),
            details: details.collect(),
        }
    }
}

/// Why a proof score is what it is, component by component.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Explanations {
    identity: ExplanationBody,
    travel_history: ExplanationBody,
    community: ExplanationBody,
    safety: ExplanationBody,
    quality: ExplanationBody,
}

impl Explanations {
    pub(crate) fn new(standing: &StandingRow) -> Self {
        let proof = standing.proof();
        Self {
            identity: ExplanationBody::new(&proof.identity),
            travel_history: ExplanationBody::new(&proof.travel_history),
            community: ExplanationBody::new(&proof.community),
            safety: ExplanationBody::new(&proof.safety),
            quality: ExplanationBody::new(&proof.quality),
        }
    }
}
