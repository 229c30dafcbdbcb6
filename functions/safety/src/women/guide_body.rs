//! A guide as clients write and read them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    guide::{Aspect, Availability, CURRENCY, Guide, MAX_ENTRIES, MAX_GROUP, Profile, Rated, State},
    money::Money,
    safety_settings::phone,
    text::TextRule,
    user::Email,
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{Amount, present};
use tripsage_store::guides::{GuideStanding, StandingGuide};
use utoipa::ToSchema;

use super::fields::{LINE, TEXT, between, kept, list, needed, removable, word};

/// What an hour costs at most, in cents.
const MAX_RATE: i64 = 100_000;

/// What a guide says of themselves. What is not given stays as it is; `null` removes it.
#[derive(Debug, Default, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GuideFields {
    /// Under what name they guide; needed to apply.
    #[schema(min_length = 1, max_length = 100, example = "Asha")]
    display_name: Option<String>,
    /// For how many years they have been doing it.
    #[schema(maximum = 80)]
    years_of_experience: Option<u32>,
    /// What they speak.
    #[schema(max_items = 8)]
    languages_spoken: Option<Vec<String>>,
    /// What they are good at.
    #[schema(max_items = 8)]
    specializations: Option<Vec<String>>,
    /// Where they like to go.
    #[schema(max_items = 8)]
    favorite_destinations: Option<Vec<String>>,
    /// Where they guide; needed to apply.
    #[schema(min_items = 1, max_items = 8)]
    service_locations: Option<Vec<String>>,
    /// What an hour costs in US dollars, up to 1000; needed to apply.
    #[schema(value_type = Option<String>, example = "25.00")]
    hourly_rate_usd: Option<Amount>,
    /// `available`, `busy` or `unavailable`.
    availability_status: Option<String>,
    /// How many people they guide at once, at most.
    #[schema(minimum = 1, maximum = 50)]
    max_group_size: Option<u32>,
    /// Whether one can stay with them.
    offers_accommodation: Option<bool>,
    /// Whether one can eat with them.
    offers_meals: Option<bool>,
    /// Where they are written to; for those whose booking they have confirmed.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    contact_email: Option<Option<String>>,
    /// Where they are called; for the same.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    phone_for_bookings: Option<Option<String>>,
    /// What they say of cancellations.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    cancellation_policy: Option<Option<String>>,
    /// What they do so that nothing happens.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    safety_protocols: Option<Option<String>>,
}

impl GuideFields {
    /// The profile with these changes; all of it when there is none yet.
    pub(super) fn onto(self, known: Option<&Profile>) -> Result<Profile, Invalid> {
        let mut checks = Checks::default();
        let c = &mut checks;
        let of = |field: fn(&Profile) -> &Vec<String>| known.map(field);
        let many = |values: Vec<String>| list(&values, MAX_ENTRIES);
        let text = |text: String| TEXT.parse(&text);
        let display_name = needed(
            c,
            "display_name",
            self.display_name,
            known.map(|p| &p.display_name),
            |name| LINE.parse(&name),
        );
        let years = kept(
            c,
            "years_of_experience",
            self.years_of_experience,
            known.map(|p| &p.years_of_experience),
            0,
            |years| between(years, 0, 80),
        );
        let languages = kept(
            c,
            "languages_spoken",
            self.languages_spoken,
            of(|p| &p.languages),
            Vec::new(),
            many,
        );
        let specializations = kept(
            c,
            "specializations",
            self.specializations,
            of(|p| &p.specializations),
            Vec::new(),
            many,
        );
        let favorites = kept(
            c,
            "favorite_destinations",
            self.favorite_destinations,
            of(|p| &p.favorite_destinations),
            Vec::new(),
            many,
        );
        let locations = needed(
            c,
            "service_locations",
            self.service_locations,
            of(|p| &p.service_locations),
            |values| match many(values)? {
                none if none.is_empty() => Err(Rule::new("min_items", "must have at least one entry")),
                some => Ok(some),
            },
        );
        let rate = needed(
            c,
            "hourly_rate_usd",
            self.hourly_rate_usd,
            known.map(|p| &p.hourly_rate),
            |amount| hourly_rate(&amount),
        );
        let availability = kept(
            c,
            "availability_status",
            self.availability_status,
            known.map(|p| &p.availability),
            Availability::Available,
            |name| word(&name),
        );
        let group = kept(
            c,
            "max_group_size",
            self.max_group_size,
            known.map(|p| &p.max_group_size),
            4,
            |size| between(size, 1, MAX_GROUP),
        );
        let email = removable(
            c,
            "contact_email",
            self.contact_email,
            known.and_then(|p| p.contact_email.as_ref()),
            |text| Email::parse(&text).map(|email| email.as_str().to_owned()),
        );
        let number = removable(
            c,
            "phone_for_bookings",
            self.phone_for_bookings,
            known.and_then(|p| p.phone.as_ref()),
            |text| phone(&text),
        );
        let policy = removable(
            c,
            "cancellation_policy",
            self.cancellation_policy,
            known.and_then(|p| p.cancellation_policy.as_ref()),
            text,
        );
        let protocols = removable(
            c,
            "safety_protocols",
            self.safety_protocols,
            known.and_then(|p| p.safety_protocols.as_ref()),
            text,
        );
        checks.build(|| {
            Some(Profile {
                display_name: display_name?,
                years_of_experience: years?,
                languages: languages?,
                specializations: specializations?,
                favorite_destinations: favorites?,
                service_locations: locations?,
                hourly_rate: rate?,
                availability: availability?,
                max_group_size: group?,
                offers_accommodation: self
                    .offers_accommodation
                    .unwrap_or(known.is_some_and(|p| p.offers_accommodation)),
                offers_meals: self.offers_meals.unwrap_or(known.is_some_and(|p| p.offers_meals)),
                contact_email: email,
                phone: number,
                cancellation_policy: policy,
                safety_protocols: protocols,
            })
        })
    }
}

fn hourly_rate(amount: &Amount) -> Result<Money, Rule> {
    let rate = amount.parse(CURRENCY)?;
    if (1..=MAX_RATE).contains(&rate.minor) {
        Ok(rate)
    } else {
        Err(Rule::new("range", "must be between 0.01 and 1000 US dollars"))
    }
}

/// Who is looking at a guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Viewer {
    /// Anybody.
    Public,
    /// Somebody whose booking the guide has confirmed: they also see how to reach the guide.
    Booked,
    /// The guide, or a moderator: they also see why the guide is suspended.
    Insider,
}

/// How a guide was rated for one thing that reviews score apart.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
struct SubRating {
    /// The mean, to hundredths; `null` when no review scores it.
    average: Option<f64>,
    /// How many reviews score it.
    count: u64,
}

/// How a guide was rated for what reviews score apart.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the fields of a review")]
struct SubRatings {
    /// How safe it was.
    safety_rating: SubRating,
    /// How much they knew.
    knowledge_rating: SubRating,
    /// How well they said it.
    communication_rating: SubRating,
    /// How professional they were.
    professionalism_rating: SubRating,
    /// Whether it was worth the money.
    value_for_money_rating: SubRating,
}

impl From<&Rated> for SubRatings {
    fn from(rated: &Rated) -> Self {
        let of = |aspect| {
            let ratings = rated.of(aspect);
            SubRating {
                average: ratings.mean().map(hundredths),
                count: ratings.total(),
            }
        };
        Self {
            safety_rating: of(Aspect::Safety),
            knowledge_rating: of(Aspect::Knowledge),
            communication_rating: of(Aspect::Communication),
            professionalism_rating: of(Aspect::Professionalism),
            value_for_money_rating: of(Aspect::ValueForMoney),
        }
    }
}

/// A guide.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct GuideResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// The user who guides.
    #[schema(format = Uuid)]
    traveler_id: String,
    /// Under what name they guide.
    display_name: String,
    /// `pending`, `verified` or `suspended`.
    #[schema(value_type = String, example = "verified")]
    status: State,
    /// Whether a moderator has verified them.
    is_verified: bool,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    verification_date: Option<Timestamp>,
    /// `bronze`, `silver`, `gold` or `platinum`.
    verification_level: Option<String>,
    /// Whether their background was checked.
    background_check_completed: bool,
    /// Whether they are trained for emergencies.
    emergency_response_training: bool,
    /// Whether they are certified in first aid.
    first_aid_certified: bool,
    /// Whether they are not suspended.
    is_active: bool,
    /// Whether moderators recommend them.
    is_featured: bool,
    /// For how many years they have been doing it.
    years_of_experience: u32,
    /// What they speak.
    languages_spoken: Vec<String>,
    /// What they are good at.
    specializations: Vec<String>,
    /// Where they like to go.
    favorite_destinations: Vec<String>,
    /// Where they guide.
    service_locations: Vec<String>,
    /// What an hour costs, in US dollars.
    #[schema(example = "25.00")]
    hourly_rate_usd: String,
    /// `available`, `busy` or `unavailable`.
    #[schema(value_type = String, example = "available")]
    availability_status: Availability,
    /// How many people they guide at once, at most.
    max_group_size: u32,
    /// Whether one can stay with them.
    offers_accommodation: bool,
    /// Whether one can eat with them.
    offers_meals: bool,
    /// What they say of cancellations.
    cancellation_policy: Option<String>,
    /// What they do so that nothing happens.
    safety_protocols: Option<String>,
    /// The mean of all ratings, to hundredths; `null` without ratings.
    average_rating: Option<f64>,
    /// How many reviews there are.
    total_reviews: u64,
    /// How often there was each number of stars, from one to five.
    rating_distribution: [u64; 5],
    /// What reviews score apart.
    sub_ratings: SubRatings,
    /// The mean, drawn towards 3.5 the fewer ratings there are; `null` without ratings.
    shrunk_rating: Option<f64>,
    /// How much of the shrunk mean is what was rated, from 0 to 1.
    rating_confidence: f64,
    /// People who were guided in completed bookings.
    women_travelers_guided: u64,
    /// Completed bookings.
    successful_trips_count: u64,
    /// Where they are written to; only for whose booking they have confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact_email: Option<String>,
    /// Where they are called; only for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone_for_bookings: Option<String>,
    /// Why they are suspended; only for the guide and for moderators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    suspension_reason: Option<String>,
    /// Until when; only for the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    suspension_until: Option<Timestamp>,
    /// When they applied.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When they changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "hundredths of stars and of certainty are small"
)]
fn hundredths(number: u64) -> f64 {
    number as f64 / 100.0
}

impl GuideResponse {
    pub(super) fn new(found: &StandingGuide, viewer: Viewer, now: Timestamp) -> Self {
        Self::of(&found.guide, &found.standing.item, viewer, now)
    }

    fn of(guide: &Guide, standing: &GuideStanding, viewer: Viewer, now: Timestamp) -> Self {
        let (profile, ratings, state) = (guide.profile.clone(), standing.ratings(), guide.state(now));
        let seen = guide.verification;
        let reachable = viewer != Viewer::Public;
        let suspension = guide.suspension.as_ref();
        let suspension = suspension.filter(|_| viewer == Viewer::Insider && state == State::Suspended);
        Self {
            id: guide.id.to_string(),
            traveler_id: guide.user.to_string(),
            display_name: profile.display_name,
            status: state,
            is_verified: seen.is_some(),
            verification_date: seen.map(|seen| seen.at),
            verification_level: seen.map(|seen| seen.level.name().to_owned()),
            background_check_completed: seen.is_some_and(|seen| seen.background_check),
            emergency_response_training: seen.is_some_and(|seen| seen.emergency_training),
            first_aid_certified: seen.is_some_and(|seen| seen.first_aid),
            is_active: state != State::Suspended,
            is_featured: guide.featured,
            years_of_experience: profile.years_of_experience,
            languages_spoken: profile.languages,
            specializations: profile.specializations,
            favorite_destinations: profile.favorite_destinations,
            service_locations: profile.service_locations,
            hourly_rate_usd: profile.hourly_rate.decimal(),
            availability_status: profile.availability,
            max_group_size: profile.max_group_size,
            offers_accommodation: profile.offers_accommodation,
            offers_meals: profile.offers_meals,
            cancellation_policy: profile.cancellation_policy,
            safety_protocols: profile.safety_protocols,
            average_rating: ratings.mean().map(hundredths),
            total_reviews: ratings.total(),
            rating_distribution: ratings.counts,
            sub_ratings: SubRatings::from(&standing.rated()),
            shrunk_rating: ratings.shrunk_mean().map(hundredths),
            rating_confidence: hundredths(ratings.confidence()),
            women_travelers_guided: standing.travelers,
            successful_trips_count: standing.trips,
            contact_email: profile.contact_email.filter(|_| reachable),
            phone_for_bookings: profile.phone.filter(|_| reachable),
            suspension_reason: suspension.map(|suspension| suspension.reason.clone()),
            suspension_until: suspension.and_then(|suspension| suspension.until),
            created_at: guide.created_at,
            updated_at: guide.updated_at,
        }
    }
}

/// A text of one line.
pub(super) const TITLE: TextRule = TextRule::line(1, 200);
