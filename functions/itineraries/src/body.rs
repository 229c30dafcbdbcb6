//! Itineraries as answers show them.

use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    ids::UserId,
    itinerary::{Itinerary, Part, RouteSummary},
};
use tripsage_http::{ApiError, PointFields};
use tripsage_store::{
    Db,
    itineraries::{Card, StandingRow, Whole},
    users::UserRow,
};
use utoipa::ToSchema;

use crate::{
    fields::ItineraryFields,
    parts::{BusinessBody, DayPlanBody, GemBody, SafetyAlertBody},
    standing_body::{Explanations, StandingBody},
};

/// Whose an itinerary is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Creator {
    /// Their id.
    #[schema(format = Uuid)]
    id: String,
    /// The name by which others find them.
    username: String,
    /// The name that others see.
    display_name: Option<String>,
}

/// What there is to know of a route.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RouteSummaryBody {
    /// How many points it has.
    points: usize,
    /// How many places on the way it has.
    waypoints: usize,
    /// How long it is.
    distance_km: f64,
    /// How far up it goes; only when every point says how high it is.
    elevation_gain_m: Option<f64>,
    /// How far down.
    elevation_loss_m: Option<f64>,
    /// Where it begins.
    start: PointFields,
    /// Where it ends.
    end: PointFields,
}

impl RouteSummaryBody {
    pub(crate) fn new(route: &RouteSummary) -> Self {
        Self {
            points: route.points,
            waypoints: route.waypoints,
            distance_km: route.distance_km,
            elevation_gain_m: route.elevation_gain_m,
            elevation_loss_m: route.elevation_loss_m,
            start: PointFields::from(route.start),
            end: PointFields::from(route.end),
        }
    }
}

/// An itinerary without its parts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ItineraryBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// Who wrote it.
    #[schema(format = Uuid)]
    user_id: String,
    /// Who that is; not while they have deleted their account.
    creator: Option<Creator>,
    #[serde(flatten)]
    fields: ItineraryFields,
    /// Whether there is a route.
    has_gps: bool,
    /// What there is to know of the route.
    route: Option<RouteSummaryBody>,
    /// How many days are planned.
    day_plans_count: usize,
    /// How many businesses it recommends.
    embedded_businesses_count: usize,
    /// How many hidden gems it has.
    hidden_gems_count: usize,
    /// How many safety alerts it has.
    safety_alerts_count: usize,
    #[serde(flatten)]
    standing: StandingBody,
    /// Grows by one with every change; the `ETag`.
    version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When it was first published.
    #[schema(value_type = Option<String>, format = DateTime)]
    published_at: Option<Timestamp>,
    /// When it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    deleted_at: Option<Timestamp>,
}

impl ItineraryBody {
    pub(crate) fn new(itinerary: &Itinerary, standing: &StandingRow, people: &[UserRow]) -> Self {
        let mut fields = ItineraryFields::new(&itinerary.content);
        let sources = itinerary.remix.as_ref().map(|remix| remix.sources.as_slice());
        let sources = sources.unwrap_or_default();
        fields.duration_days = itinerary.content.duration_days();
        fields.is_published = Some(itinerary.is_public());
        fields.status = Some(itinerary.state().name().to_owned());
        fields.is_remixed = Some(!sources.is_empty());
        fields.remixed_from_ids = Some(sources.iter().map(ToString::to_string).collect());
        let creator = people
            .iter()
            .find(|user| user.id == itinerary.owner && user.is_active());
        Self {
            id: itinerary.id.to_string(),
            user_id: itinerary.owner.to_string(),
            creator: creator.map(|user| Creator {
                id: user.id.to_string(),
                username: user.username.clone(),
                display_name: user.display_name.clone(),
            }),
            fields,
            has_gps: itinerary.has_gps(),
            route: itinerary.route.as_ref().map(RouteSummaryBody::new),
            day_plans_count: itinerary.parts.days,
            embedded_businesses_count: itinerary.parts.businesses,
            hidden_gems_count: itinerary.parts.gems,
            safety_alerts_count: itinerary.parts.alerts,
            standing: StandingBody::new(standing),
            version: itinerary.version,
            created_at: itinerary.created_at,
            updated_at: itinerary.updated_at,
            published_at: itinerary.published_at,
            deleted_at: itinerary.deleted.map(|deleted| deleted.at),
        }
    }
}

/// An itinerary with its parts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ItineraryDetail {
    #[serde(flatten)]
    itinerary: ItineraryBody,
    /// The caller's own vote: `up`, `down`, or none.
    #[schema(example = "up")]
    user_vote: Option<&'static str>,
    /// Why its proof score is what it is.
    score_explanations: Explanations,
    /// What its author had in mind when they made it from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    remix_prompt: Option<String>,
    /// Its days, in order.
    day_plans: Vec<DayPlanBody>,
    /// The businesses that it recommends.
    embedded_businesses: Vec<BusinessBody>,
    /// Places worth finding.
    hidden_gem_list: Vec<GemBody>,
    /// What to beware of.
    safety_alerts: Vec<SafetyAlertBody>,
}

impl ItineraryDetail {
    pub(crate) fn new(whole: &Whole, people: &[UserRow]) -> Self {
        let mut detail = Self {
            itinerary: ItineraryBody::new(&whole.itinerary, &whole.standing, people),
            // Nobody votes on their own; whoever reads that of another is told their vote by the handler.
            user_vote: None,
            score_explanations: Explanations::new(&whole.standing),
            remix_prompt: whole.itinerary.remix.as_ref().and_then(|remix| remix.prompt.clone()),
            day_plans: Vec::new(),
            embedded_businesses: Vec::new(),
            hidden_gem_list: Vec::new(),
            safety_alerts: Vec::new(),
        };
        for part in &whole.parts {
            match part {
                Part::Day(day) => detail.day_plans.push(DayPlanBody::new(day)),
                Part::Business(business) => detail.embedded_businesses.push(BusinessBody::new(business)),
                Part::HiddenGem(gem) => detail.hidden_gem_list.push(GemBody::new(gem)),
                Part::SafetyAlert(alert) => detail.safety_alerts.push(SafetyAlertBody::new(alert)),
            }
        }
        detail
    }
}

/// Itineraries as lists show them, with who wrote them.
pub(crate) async fn bodies(db: &Db, cards: &[Card]) -> Result<Vec<ItineraryBody>, ApiError> {
    let mut owners: Vec<UserId> = cards.iter().map(|card| card.itinerary.owner).collect();
    owners.sort();
    owners.dedup();
    let people = db.find_users(&owners).await?;
    let body = |card: &Card| ItineraryBody::new(&card.itinerary, &card.standing, &people);
    Ok(cards.iter().map(body).collect())
}
