//! The safety of women: guides, their bookings and reviews, reading matter, and what somebody keeps for an emergency.

mod bookings;
mod guides;
mod listing;
mod moderation;
mod payments;
mod personal_data;
mod resources;
mod reviews;
mod settings;
mod suspensions;

use jiff::{SignedDuration, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use tripsage_tests::{Api, User};

pub(crate) const ROOT: &str = "/api/v1/women-safety";

/// A day from today.
pub(crate) fn in_days(api: &Api, days: i64) -> Date {
    let today = api.now().to_zoned(TimeZone::UTC).date();
    today.saturating_add(days.days())
}

pub(crate) fn profile(name: &str) -> Value {
    json!({
        "display_name": name,
        "years_of_experience": 7,
        "languages_spoken": ["English", "Hindi"],
        "specializations": ["Solo travel", "Food"],
        "favorite_destinations": ["Udaipur"],
        "service_locations": ["Jaipur", "New Delhi"],
        "hourly_rate_usd": "25.00",
        "max_group_size": 4,
        "contact_email": format!("{}@guides.example.com", name.to_lowercase()),
        "phone_for_bookings": "+91 98765 43210",
    })
}

/// Somebody who has applied as a guide, and the id of the guide.
pub(crate) async fn applied(api: &Api, name: &str) -> (User, String) {
    let user = api.user(name).await;
    let id = user
        .post(&format!("{ROOT}/guides"), profile(name))
        .await
        .expect(201)
        .text_of("id");
    (user, id)
}

/// A moderator.
pub(crate) async fn moderator(api: &Api) -> User {
    api.user_with_role("moderator", "moderator").await
}

/// A guide whom a moderator has verified.
pub(crate) async fn verified(api: &Api, moderator: &User, name: &str) -> (User, String) {
    let (user, id) = applied(api, name).await;
    let body = json!({ "verification_level": "silver", "background_check_completed": true });
    moderator
        .post(&format!("{ROOT}/guides/{id}/verify"), body)
        .await
        .expect(200);
    (user, id)
}

/// Books a guide for some days from today; gives the id of the booking.
pub(crate) async fn booked(api: &Api, traveler: &User, guide: &str, from: i64, to: i64) -> String {
    let body = json!({
        "destination": "Jaipur", "start_date": in_days(api, from), "end_date": in_days(api, to),
        "group_size": 2, "activity_type": "Food tour", "special_requirements": "CanaryOfTheTraveler", "notes": "Hello!",
    });
    traveler
        .post(&format!("{ROOT}/guides/{guide}/book"), body)
        .await
        .expect(201)
        .text_of("id")
}

/// Takes a step of a booking.
pub(crate) async fn step(user: &User, booking: &str, step: &str) -> tripsage_tests::Answer {
    user.post(&format!("{ROOT}/bookings/{booking}/{step}"), json!({})).await
}

/// A booking that was carried out, some days ago by now.
pub(crate) async fn guided(api: &Api, guide: (&User, &str), traveler: &User) -> String {
    let booking = booked(api, traveler, guide.1, 1, 2).await;
    step(guide.0, &booking, "confirm").await.expect(200);
    api.advance(SignedDuration::from_hours(3 * 24));
    step(guide.0, &booking, "complete").await.expect(200);
    booking
}
