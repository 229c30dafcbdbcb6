//! Ratings as clients write them, and as answers show them.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::ItineraryId,
    rating::{FEEDBACK, RatingType, Verdict, experienced, photos, score},
    validation::{Checks, Invalid, Rule},
    votes::{Tally, Vote},
};
use tripsage_store::ratings::RatingCard;
use utoipa::ToSchema;

/// What a traveller says of how safe an itinerary is. Scores are 1 (worst) to 5 (best).
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RatingFields {
    /// What is rated. Needed where the path does not say it; it cannot be changed.
    #[schema(format = Uuid)]
    itinerary_id: Option<String>,
    /// How safe it is altogether. Required.
    #[schema(minimum = 1, maximum = 5)]
    overall_safety_score: Option<i64>,
    /// What the rating looks at most: `overall` (unless given), `accommodation`, `route`, `community` or `women_safety`.
    rating_type: Option<String>,
    /// In words.
    #[schema(max_length = 5000)]
    detailed_feedback: Option<String>,
    /// How safe it is to stay there.
    #[schema(minimum = 1, maximum = 5)]
    accommodation_safety: Option<i64>,
    /// How safe the route is.
    #[schema(minimum = 1, maximum = 5)]
    route_safety: Option<i64>,
    /// How safe it is among people there.
    #[schema(minimum = 1, maximum = 5)]
    community_safety: Option<i64>,
    /// How safe it is for women.
    #[schema(minimum = 1, maximum = 5)]
    women_safety_score: Option<i64>,
    /// When the traveller was there; not in the future.
    #[schema(value_type = Option<String>, format = Date)]
    experience_date: Option<String>,
    /// IPFS content identifiers of photos.
    #[schema(max_items = 10)]
    photo_ipfs_hashes: Option<Vec<String>>,
    /// Whether the traveller says that they have filed a safety alert too.
    safety_alert_filed: Option<bool>,
}

impl RatingFields {
    /// The fields of what is said already.
    pub(super) fn new(verdict: &Verdict) -> Self {
        let number = |score: Option<u8>| score.map(i64::from);
        Self {
            itinerary_id: None,
            overall_safety_score: Some(verdict.overall.into()),
            rating_type: Some(verdict.rating_type.name().to_owned()),
            detailed_feedback: verdict.feedback.clone(),
            accommodation_safety: number(verdict.accommodation),
            route_safety: number(verdict.route),
            community_safety: number(verdict.community),
            women_safety_score: number(verdict.women),
            experience_date: verdict.experienced_on.map(|day| day.to_string()),
            photo_ipfs_hashes: Some(verdict.photos.clone()),
            safety_alert_filed: Some(verdict.alert_filed),
        }
    }

    /// What is rated and what is said, everything checked. `of` is the itinerary, where that is known without them.
    pub(super) fn parse(self, of: Option<ItineraryId>, now: Timestamp) -> Result<(ItineraryId, Verdict), Invalid> {
        let mut checks = Checks::default();
        let named = checks.optional("itinerary_id", self.itinerary_id, |text| {
            let id = text.parse::<ItineraryId>();
            id.map_err(|_| Rule::new("id", "must be the id of an itinerary"))
        });
        let same = named.is_none() || of.is_none() || named == of;
        checks.ensure(same, "itinerary_id", "immutable", "must be the itinerary that is rated");
        let itinerary = of.or(named);
        checks.ensure(itinerary.is_some(), "itinerary_id", "required", "is required");
        let overall = checks.required("overall_safety_score", self.overall_safety_score, score);
        let rating_type = checks.optional("rating_type", self.rating_type, |text| {
            text.parse::<RatingType>().map_err(Rule::from)
        });
        let feedback = self.detailed_feedback.filter(|text| !text.trim().is_empty());
        let feedback = checks.optional("detailed_feedback", feedback, |text| FEEDBACK.parse(&text));
        let accommodation = checks.optional("accommodation_safety", self.accommodation_safety, score);
        let route = checks.optional("route_safety", self.route_safety, score);
        let community = checks.optional("community_safety", self.community_safety, score);
        let women = checks.optional("women_safety_score", self.women_safety_score, score);
        let experienced_on = checks.optional("experience_date", self.experience_date, |text| {
            let date = date(&text)?;
            experienced(date, now)
        });
        let photos = checks.optional("photo_ipfs_hashes", self.photo_ipfs_hashes, |list| photos(&list));
        let alert_filed = self.safety_alert_filed.unwrap_or_default();
        checks.build(|| {
            let verdict = Verdict {
                overall: overall?,
                rating_type: rating_type.unwrap_or(RatingType::Overall),
                feedback,
                accommodation,
                route,
                community,
                women,
                experienced_on,
                photos: photos.unwrap_or_default(),
                alert_filed,
            };
            Some((itinerary?, verdict))
        })
    }
}

fn date(text: &str) -> Result<Date, Rule> {
    let wrong = || Rule::new("date", "must be a date such as 2026-04-01");
    let date = text.parse().map_err(|_| wrong())?;
    if text.len() == 10 { Ok(date) } else { Err(wrong()) }
}

/// A safety rating.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RatingBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it is of.
    #[schema(format = Uuid)]
    itinerary_id: String,
    /// Whose it is.
    #[schema(format = Uuid)]
    traveler_id: String,
    /// How safe it is altogether, 1 to 5.
    overall_safety_score: u8,
    /// What it looks at most.
    rating_type: &'static str,
    /// In words.
    detailed_feedback: Option<String>,
    /// How safe it is to stay there, 1 to 5.
    accommodation_safety: Option<u8>,
    /// How safe the route is, 1 to 5.
    route_safety: Option<u8>,
    /// How safe it is among people there, 1 to 5.
    community_safety: Option<u8>,
    /// How safe it is for women, 1 to 5.
    women_safety_score: Option<u8>,
    /// When the traveller was there.
    #[schema(value_type = Option<String>, format = Date)]
    experience_date: Option<Date>,
    /// IPFS content identifiers of photos.
    photo_ipfs_hashes: Vec<String>,
    /// Whether the traveller says that they have filed a safety alert too.
    safety_alert_filed: bool,
    /// Whether the traveller's e-mail address was confirmed when they last said this.
    verified_traveler: bool,
    /// Votes that call it helpful.
    helpful_votes: i64,
    /// Votes that call it unhelpful.
    unhelpful_votes: i64,
    /// The same as `helpful_votes`.
    helpful_count: i64,
    /// The same as `unhelpful_votes`.
    unhelpful_count: i64,
    /// What the caller calls it: `helpful` or `unhelpful`.
    user_vote: Option<&'static str>,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    rating_date: Timestamp,
    /// The same as `rating_date`.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// How a vote on what somebody says is called.
pub(super) const fn vote_name(vote: Vote) -> &'static str {
    match vote {
        Vote::Up => "helpful",
        Vote::Down => "unhelpful",
    }
}

/// Votes to be shown: helpful and unhelpful ones. The vote of whoever looks is among them, also before it is counted.
pub(super) fn shown(votes: Tally, user_vote: Option<Vote>) -> (i64, i64) {
    let own = |vote| i64::from(user_vote == Some(vote));
    (votes.up.max(own(Vote::Up)), votes.down.max(own(Vote::Down)))
}

impl RatingBody {
    pub(super) fn new(card: &RatingCard, user_vote: Option<Vote>) -> Self {
        let (rating, verdict) = (&card.rating, &card.rating.verdict);
        let (helpful, unhelpful) = shown(card.standing.item.votes(), user_vote);
        Self {
            id: rating.id.to_string(),
            itinerary_id: rating.itinerary.to_string(),
            traveler_id: rating.by.to_string(),
            overall_safety_score: verdict.overall,
            rating_type: verdict.rating_type.name(),
            detailed_feedback: verdict.feedback.clone(),
            accommodation_safety: verdict.accommodation,
            route_safety: verdict.route,
            community_safety: verdict.community,
            women_safety_score: verdict.women,
            experience_date: verdict.experienced_on,
            photo_ipfs_hashes: verdict.photos.clone(),
            safety_alert_filed: verdict.alert_filed,
            verified_traveler: rating.verified,
            helpful_votes: helpful,
            unhelpful_votes: unhelpful,
            helpful_count: helpful,
            unhelpful_count: unhelpful,
            user_vote: user_vote.map(vote_name),
            rating_date: rating.created_at,
            created_at: rating.created_at,
            updated_at: rating.updated_at,
        }
    }
}
