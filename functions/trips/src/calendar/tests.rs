use tripsage_domain::{
    ids::{ItemId, TripId, UserId},
    trip::{Cabin, Content, Destination, Location, Plan, Preferences, TripType, Zone},
};

use super::*;

fn trip(title: &str) -> Trip {
    let content = Content {
        title: title.to_owned(),
        description: Some("One;two,three\\four\r\nfive".to_owned()),
        start_date: "2027-04-01".parse().unwrap(),
        end_date: "2027-04-14".parse().unwrap(),
        destinations: vec![
            Destination::named("Kyoto").unwrap(),
            Destination::named("Tokyo").unwrap(),
        ],
        status: Status::Booked,
        trip_type: TripType::Leisure,
        travelers: 2,
        tags: Vec::new(),
        preferences: Preferences::default(),
    };
    let now = "2026-11-20T12:00:00Z".parse().unwrap();
    Trip::new(id(TripId::from_uuid), id(UserId::from_uuid), content, now)
}

fn id<T>(wrap: fn(uuid::Uuid) -> T) -> T {
    wrap("3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10".parse().unwrap())
}

fn item(details: Details, start: Option<When>, end: Option<When>) -> Item {
    Item {
        id: id(ItemId::from_uuid),
        plan: Plan {
            title: "To Japan".to_owned(),
            description: None,
            details,
            location: None,
            start,
            end,
            cost: None,
            status: ItemStatus::Booked,
            booking_reference: Some("X1Y2Z3".to_owned()),
            url: Some("https://example.org/a,b;c".to_owned()),
            notes: None,
            flexible: false,
        },
        position: 1,
        version: 3,
        created_at: "2026-11-20T12:00:00Z".parse().unwrap(),
        updated_at: "2026-11-21T13:14:15.9Z".parse().unwrap(),
    }
}

fn at(local: &str, zone: &str) -> Option<When> {
    let time = LocalTime::new(local.parse().unwrap(), Zone::parse(zone).unwrap(), false);
    Some(When::Time(time.unwrap()))
}

fn flight() -> Item {
    let details = Details::Flight {
        carrier: Some("Swiss".to_owned()),
        flight_number: Some("LX160".to_owned()),
        origin: Some("ZRH".to_owned()),
        destination: Some("NRT".to_owned()),
        origin_terminal: None,
        destination_terminal: None,
        cabin: Some(Cabin::Economy),
        seats: Vec::new(),
    };
    item(
        details,
        at("2027-04-01T13:00", "Europe/Zurich"),
        at("2027-04-02T08:55", "Asia/Tokyo"),
    )
}

/// Content lines, put together again where they were folded.
fn lines(document: &str) -> Vec<String> {
    document
        .replace("\r\n ", "")
        .split_terminator("\r\n")
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_flight_is_two_exact_instants_with_its_local_times_in_words() {
    let document = calendar(&trip("Japan"), &[flight()]);
    let lines = lines(&document);
    for line in [
        "UID:3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10@tripsage",
        "DTSTART:20270401T110000Z",
        "DTEND:20270401T235500Z",
        "DTSTAMP:20261121T131415Z",
        "SEQUENCE:2",
        "STATUS:CONFIRMED",
        "CATEGORIES:FLIGHT",
        "LOCATION:ZRH",
        "URL:https://example.org/a,b;c",
        "DESCRIPTION:Begins: 2027-04-01 13:00 (Europe/Zurich)\\nEnds: 2027-04-02 08:55 (Asia/Tokyo)\\n\
         Flight: Swiss LX160\\nZRH – NRT\\nBooking reference: X1Y2Z3",
        "DTSTART;VALUE=DATE:20270401",
        "DTEND;VALUE=DATE:20270415",
        "DESCRIPTION:One\\;two\\,three\\\\four\\nfive",
        "LOCATION:Kyoto\\, Tokyo",
        "TRANSP:TRANSPARENT",
    ] {
        assert!(lines.iter().any(|other| other == line), "{line} in\n{document}");
    }
    assert_eq!(document, calendar(&trip("Japan"), &[flight()]));
}

#[test]
fn whole_days_end_on_the_next_and_undated_items_are_left_out() {
    let stay = Details::Note;
    let day = |text: &str| Some(When::Day(text.parse().unwrap()));
    let document = calendar(
        &trip("x"),
        &[
            item(stay.clone(), day("2027-04-30"), None),
            item(stay.clone(), None, None),
        ],
    );
    assert!(document.contains("DTSTART;VALUE=DATE:20270430\r\n") && document.contains("DTEND;VALUE=DATE:20270501\r\n"));
    assert_eq!(document.matches("BEGIN:VEVENT").count(), 2);
}

#[test]
fn an_instant_has_no_end_and_cancelled_is_said() {
    let mut one = item(
        Details::Note,
        at("2027-04-01T13:00", "UTC"),
        at("2027-04-01T13:00", "UTC"),
    );
    one.plan.status = ItemStatus::Cancelled;
    let document = calendar(&trip("x"), &[one]);
    assert_eq!(document.matches("DTEND").count(), 1, "that of the trip");
    assert!(document.contains("STATUS:CANCELLED\r\n"));
}

#[test]
fn no_text_breaks_out_of_its_line() {
    let mut one = flight();
    let nasty = "a\r\nEND:VEVENT\rBEGIN:VEVENT\nX:1\\,;:\"é👩‍👩‍👧".repeat(9);
    one.plan.title = nasty.clone();
    one.plan.notes = Some(nasty.clone());
    one.plan.location = Some(Location {
        name: Some(nasty.clone()),
        ..Location::default()
    });
    let document = calendar(&trip(&nasty), &[one]);
    for line in document.split_terminator("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.contains(['\r', '\n']), "{line}");
    }
    assert!(document.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(
        lines(&document).iter().filter(|line| *line == "BEGIN:VEVENT").count(),
        2
    );
    let read: Calendar = document.parse().unwrap();
    assert_eq!(read.events().count(), 2);
    let summary = read
        .events()
        .nth(1)
        .and_then(|event| event.get_summary().map(str::to_owned));
    assert_eq!(summary.unwrap(), plain(&nasty));
}
