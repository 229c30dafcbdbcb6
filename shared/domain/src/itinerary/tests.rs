use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::*;
use crate::{
    ids::SessionId,
    principal::{Credential, Role},
    trip::Coordinates,
};

fn user(byte: u8) -> UserId {
    UserId::from_uuid(Uuid::from_bytes([byte; 16]))
}

fn caller(byte: u8, role: Role) -> Principal {
    Principal {
        user: user(byte),
        role,
        verified: true,
        credential: Credential::Session(SessionId::from_uuid(Uuid::nil())),
    }
}

fn content(destination: &str, tags: &[&str]) -> Content {
    Content {
        title: "Three days out".to_owned(),
        tagline: None,
        description: "d".to_owned(),
        destination: destination.to_owned(),
        regions: Vec::new(),
        start_date: None,
        end_date: None,
        days: None,
        difficulty: None,
        budget: None,
        budget_range: None,
        travel_style: None,
        activity_tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        companions: Vec::new(),
        route_map_url: None,
        demo_url: None,
        starting_point: None,
        ending_point: None,
        best_season: None,
        women_safe_certified: false,
        narratives: Narratives::default(),
        screenshots: Vec::new(),
        categories: Vec::new(),
    }
}

fn itinerary(destination: &str, tags: &[&str]) -> Itinerary {
    let id = ItineraryId::from_uuid(Uuid::from_bytes([7; 16]));
    Itinerary::new(id, user(1), content(destination, tags), Timestamp::UNIX_EPOCH)
}

fn day(day_number: u16, title: &str) -> DayPlan {
    DayPlan {
        day_number,
        date: Some("2027-04-01".parse().unwrap()),
        title: title.to_owned(),
        description: None,
        distance_km: None,
        elevation_gain_m: None,
        elevation_loss_m: None,
        start_point: None,
        end_point: None,
        estimated_duration_hours: None,
        activities: Vec::new(),
    }
}

#[test]
fn the_end_is_not_before_the_start_and_the_duration_fits_the_dates() {
    let dated = |start: &str, end: &str, days: Option<u16>| {
        let content = Content {
            start_date: Some(start.parse().unwrap()),
            end_date: Some(end.parse().unwrap()),
            days,
            ..content("x", &[])
        };
        content.checked()
    };
    assert_eq!(
        dated("2027-04-01", "2027-04-03", None).unwrap().duration_days(),
        Some(3)
    );
    assert!(dated("2027-04-01", "2027-04-03", Some(3)).is_ok());
    for (start, end, days, field) in [
        ("2027-04-02", "2027-04-01", None, "end_date"),
        ("2027-04-01", "2028-04-02", None, "end_date"),
        ("2027-04-01", "2027-04-03", Some(4), "duration_days"),
    ] {
        assert_eq!(dated(start, end, days).unwrap_err().violations()[0].field, field);
    }
}

#[test]
fn tags_are_slugs() {
    assert_eq!(tag(" Street Food ").unwrap(), "street-food");
    assert_eq!(tag("寺院").unwrap(), "寺院");
    for bad in ["", "a#b", "a/b", "a,b", &"x".repeat(41)] {
        assert!(tag(bad).is_err(), "{bad}");
    }
    let many: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
    assert_eq!(activity_tags(&many).unwrap_err().rule, "max_items");
}

#[test]
fn what_is_deleted_comes_back_as_it_was_for_a_while() {
    let (owner, moderator) = (caller(1, Role::User), caller(2, Role::Moderator));
    let now = Timestamp::UNIX_EPOCH;
    let published = itinerary("x", &[])
        .edited(&owner, content("x", &[]), true, now)
        .unwrap();
    assert_eq!((published.state(), published.version), (State::Published, 2));
    let gone = published.deleted(&owner, now).unwrap();
    let restored = gone.restored(&owner, now + RESTORE_WINDOW).unwrap();
    assert_eq!((restored.state(), restored.published_at), (State::Published, Some(now)));
    let late = now + RESTORE_WINDOW + SignedDuration::from_secs(1);
    assert_eq!(gone.restored(&owner, late), Err(Denial::Hidden.into()));
    assert_eq!(restored.restored(&owner, now), Err(ItineraryError::NotDeleted));
    let removed = published.deleted(&moderator, now).unwrap();
    assert_eq!(removed.restored(&owner, now), Err(Denial::Forbidden.into()));
    assert!(removed.restored(&moderator, now).is_ok());
}

#[test]
fn parts_are_counted_up_to_their_limit() {
    let owner = caller(1, Role::User);
    let mut one = itinerary("x", &[]);
    for _ in 0..60 {
        one = one.with_parts(&owner, PartKind::Day, 1, one.created_at).unwrap();
    }
    let full = one.with_parts(&owner, PartKind::Day, 1, one.created_at);
    assert_eq!(full, Err(ItineraryError::Full("days", 60)));
    assert!(one.with_parts(&owner, PartKind::Day, 0, one.created_at).is_ok());
}

#[test]
fn a_remix_has_the_days_of_its_sources_in_order() {
    let tokyo = (itinerary("Tokyo", &["food", "art"]), vec![day(2, "b"), day(1, "a")]);
    let kyoto = (itinerary("Kyoto", &["art"]), vec![day(1, "c")]);
    let (content, days) = remixed(&[tokyo, kyoto], "something quiet").unwrap();
    let titles: Vec<(u16, &str)> = days.iter().map(|day| (day.day_number, day.title.as_str())).collect();
    assert_eq!(titles, [(1, "a"), (2, "b"), (3, "c")]);
    assert_eq!(content.destination, "Tokyo and Kyoto");
    assert_eq!(content.activity_tags, ["art", "food"]);
    assert_eq!(content.days, Some(3));
    assert!(days.iter().all(|day| day.date.is_none()));
    assert!(remixed(&[], "something quiet").is_none());
}

#[test]
fn a_route_is_as_long_as_its_stretches() {
    let point = |latitude, longitude, elevation_m| Point {
        at: Coordinates { latitude, longitude },
        elevation_m,
    };
    let one_degree = vec![point(0.0, 0.0, Some(10.0)), point(0.0, 1.0, Some(30.0))];
    let back_down = vec![point(10.0, 0.0, Some(30.0)), point(10.0, 0.0, Some(5.0))];
    let route = Route::new("route_gpx", vec![one_degree, back_down], Vec::new()).unwrap();
    let summary = route.summary().unwrap();
    assert_eq!(summary.distance_km, 111.195);
    assert_eq!(
        (summary.elevation_gain_m, summary.elevation_loss_m),
        (Some(20.0), Some(25.0))
    );
    let one = Waypoint {
        point: point(1.0, 1.0, None),
        name: None,
        description: None,
    };
    assert!(Route::new("route_waypoints", Vec::new(), vec![one.clone()]).is_err());
    let two = Route::new("route_waypoints", Vec::new(), vec![one.clone(), one.clone()]).unwrap();
    assert_eq!(two.summary().unwrap().elevation_gain_m, None);
    assert!(Route::new("route_waypoints", Vec::new(), vec![one; 201]).is_err());
    let long = vec![point(0.0, 0.0, None); 10_001];
    assert!(Route::new("route_gpx", vec![long], Vec::new()).is_err());
}
