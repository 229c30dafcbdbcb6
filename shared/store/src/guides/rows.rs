//! Guides and their bookings as they are stored, and the way there and back. The field names are those of the export.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    change::Change,
    guide::{
        Actor, Availability, BookingEvent, BookingStatus, CURRENCY, Calendar, Engagement, Guide, GuideBooking, Level,
        PaymentStatus, Profile, Reviewed, Suspension, Terms, Verification,
    },
    ids::{GuideBookingId, GuideId, ReviewId, UserId},
    money::Money,
};

/// Guides are paid in one currency; what is stored are its minor units.
fn money(minor: i64) -> Money {
    Money {
        minor,
        currency: CURRENCY,
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what guides say they offer, and what moderators have seen"
)]
pub(super) struct GuideRow {
    pub(super) id: GuideId,
    pub(super) user: UserId,
    display_name: String,
    years_of_experience: u32,
    languages: Vec<String>,
    specializations: Vec<String>,
    favorite_destinations: Vec<String>,
    service_locations: Vec<String>,
    hourly_rate_cents: i64,
    availability: Availability,
    max_group_size: u32,
    offers_accommodation: bool,
    offers_meals: bool,
    contact_email: Option<String>,
    phone: Option<String>,
    cancellation_policy: Option<String>,
    safety_protocols: Option<String>,
    level: Option<Level>,
    verified_at: Option<Timestamp>,
    background_check: bool,
    emergency_training: bool,
    first_aid: bool,
    suspension: Option<SuspensionRow>,
    featured: bool,
    pub(super) created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SuspensionRow {
    reason: String,
    at: Timestamp,
    until: Option<Timestamp>,
}

impl From<&Guide> for GuideRow {
    fn from(guide: &Guide) -> Self {
        let profile = guide.profile.clone();
        let seen = |of: fn(&Verification) -> bool| guide.verification.as_ref().is_some_and(of);
        Self {
            id: guide.id,
            user: guide.user,
            display_name: profile.display_name,
            years_of_experience: profile.years_of_experience,
            languages: profile.languages,
            specializations: profile.specializations,
            favorite_destinations: profile.favorite_destinations,
            service_locations: profile.service_locations,
            hourly_rate_cents: profile.hourly_rate.minor,
            availability: profile.availability,
            max_group_size: profile.max_group_size,
            offers_accommodation: profile.offers_accommodation,
            offers_meals: profile.offers_meals,
            contact_email: profile.contact_email,
            phone: profile.phone,
            cancellation_policy: profile.cancellation_policy,
            safety_protocols: profile.safety_protocols,
            level: guide.verification.map(|seen| seen.level),
            verified_at: guide.verification.map(|seen| seen.at),
            background_check: seen(|seen| seen.background_check),
            emergency_training: seen(|seen| seen.emergency_training),
            first_aid: seen(|seen| seen.first_aid),
            suspension: guide.suspension.clone().map(|suspension| SuspensionRow {
                reason: suspension.reason,
                at: suspension.at,
                until: suspension.until,
            }),
            featured: guide.featured,
            created_at: guide.created_at,
            updated_at: guide.updated_at,
        }
    }
}

impl GuideRow {
    pub(super) fn into_guide(self, version: u64) -> Guide {
        let verification = self.level.zip(self.verified_at).map(|(level, at)| Verification {
            level,
            at,
            background_check: self.background_check,
            emergency_training: self.emergency_training,
            first_aid: self.first_aid,
        });
        Guide {
            id: self.id,
            user: self.user,
            profile: Profile {
                display_name: self.display_name,
                years_of_experience: self.years_of_experience,
                languages: self.languages,
                specializations: self.specializations,
                favorite_destinations: self.favorite_destinations,
                service_locations: self.service_locations,
                hourly_rate: money(self.hourly_rate_cents),
                availability: self.availability,
                max_group_size: self.max_group_size,
                offers_accommodation: self.offers_accommodation,
                offers_meals: self.offers_meals,
                contact_email: self.contact_email,
                phone: self.phone,
                cancellation_policy: self.cancellation_policy,
                safety_protocols: self.safety_protocols,
            },
            verification,
            suspension: self.suspension.map(|suspension| Suspension {
                reason: suspension.reason,
                at: suspension.at,
                until: suspension.until,
            }),
            featured: self.featured,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version,
        }
    }
}

/// What a row says that was written before payments were recorded.
const fn unpaid() -> PaymentStatus {
    PaymentStatus::Unpaid
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BookingRow {
    pub(super) id: GuideBookingId,
    guide: GuideId,
    guide_user: Option<UserId>,
    traveler: Option<UserId>,
    destination: String,
    start_date: Date,
    end_date: Date,
    group_size: u32,
    activity_type: Option<String>,
    special_requirements: Option<String>,
    status: BookingStatus,
    #[serde(default = "unpaid")]
    payment: PaymentStatus,
    hourly_rate_cents: i64,
    total_cost_cents: i64,
    notes_from_traveler: Option<String>,
    notes_from_guide: Option<String>,
    cancellation_reason: Option<String>,
    events: Vec<EventRow>,
    review: Option<ReviewedRow>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct EventRow {
    at: Timestamp,
    status: BookingStatus,
    #[serde(default)]
    payment: Option<PaymentStatus>,
    actor: Actor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct ReviewedRow {
    id: ReviewId,
    at: Timestamp,
}

impl From<&GuideBooking> for BookingRow {
    fn from(booking: &GuideBooking) -> Self {
        let terms = booking.terms.clone();
        let event = |event: &BookingEvent| EventRow {
            at: event.at,
            status: event.status,
            payment: event.payment,
            actor: event.actor,
        };
        Self {
            id: booking.id,
            guide: booking.guide,
            guide_user: booking.guide_user,
            traveler: booking.traveler,
            destination: terms.destination,
            start_date: terms.start,
            end_date: terms.end,
            group_size: terms.group_size,
            activity_type: terms.activity_type,
            special_requirements: terms.special_requirements,
            status: booking.status,
            payment: booking.payment,
            hourly_rate_cents: booking.hourly_rate.minor,
            total_cost_cents: booking.total_cost.minor,
            notes_from_traveler: booking.notes_from_traveler.clone(),
            notes_from_guide: booking.notes_from_guide.clone(),
            cancellation_reason: booking.cancellation_reason.clone(),
            events: booking.events.iter().map(event).collect(),
            review: booking.review.map(|review| ReviewedRow {
                id: review.id,
                at: review.at,
            }),
            created_at: booking.created_at,
            updated_at: booking.updated_at,
        }
    }
}

impl BookingRow {
    pub(super) fn into_booking(self, version: u64) -> GuideBooking {
        let event = |event: EventRow| BookingEvent {
            at: event.at,
            status: event.status,
            payment: event.payment,
            actor: event.actor,
        };
        GuideBooking {
            id: self.id,
            guide: self.guide,
            guide_user: self.guide_user,
            traveler: self.traveler,
            terms: Terms {
                destination: self.destination,
                start: self.start_date,
                end: self.end_date,
                group_size: self.group_size,
                activity_type: self.activity_type,
                special_requirements: self.special_requirements,
            },
            status: self.status,
            payment: self.payment,
            hourly_rate: money(self.hourly_rate_cents),
            total_cost: money(self.total_cost_cents),
            notes_from_traveler: self.notes_from_traveler,
            notes_from_guide: self.notes_from_guide,
            cancellation_reason: self.cancellation_reason,
            events: self.events.into_iter().map(event).collect(),
            review: self.review.map(|review| Reviewed {
                id: review.id,
                at: review.at,
            }),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CalendarRow {
    engagements: Vec<EngagementRow>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct EngagementRow {
    booking: GuideBookingId,
    start: Date,
    end: Date,
}

impl From<&Calendar> for CalendarRow {
    fn from(calendar: &Calendar) -> Self {
        let row = |engagement: &Engagement| EngagementRow {
            booking: engagement.booking,
            start: engagement.start,
            end: engagement.end,
        };
        Self {
            engagements: calendar.engagements.iter().map(row).collect(),
        }
    }
}

impl From<CalendarRow> for Calendar {
    fn from(row: CalendarRow) -> Self {
        let engagement = |row: EngagementRow| Engagement {
            booking: row.booking,
            start: row.start,
            end: row.end,
        };
        Self {
            engagements: row.engagements.into_iter().map(engagement).collect(),
        }
    }
}

impl BookingRow {
    /// Who is told what of it: a side is told what the other one did, and of a review the guide.
    pub(crate) fn news(&self, before: Option<&Self>) -> Vec<(UserId, Change)> {
        let (booking, guide, status) = (self.id, self.guide, self.status);
        let mut news = Vec::new();
        if before.is_none_or(|before| before.status != status) {
            let doer = self.events.last().map_or(Actor::System, |event| event.actor);
            let sides = [(Actor::Guide, self.guide_user), (Actor::Traveler, self.traveler)];
            let others = sides.into_iter().filter(|(side, _)| *side != doer);
            let change = Change::Engaged { booking, guide, status };
            news.extend(others.filter_map(|(_, user)| Some((user?, change))));
        }
        if self.review.is_some() && before.is_none_or(|before| before.review.is_none()) {
            news.extend(self.guide_user.map(|user| (user, Change::Reviewed { booking, guide })));
        }
        news
    }
}
