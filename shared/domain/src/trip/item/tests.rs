use super::*;
use crate::trip::{LocalTime, Zone};

fn item(id: u128, position: u64, start: Option<When>) -> Item {
    let plan = Plan {
        title: id.to_string(),
        description: None,
        details: Details::Note,
        location: None,
        start,
        end: None,
        cost: None,
        status: ItemStatus::Planned,
        booking_reference: None,
        url: None,
        notes: None,
        flexible: false,
    };
    Item {
        id: ItemId::from_uuid(uuid::Uuid::from_u128(id)),
        plan,
        position,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn items_are_shown_by_day_then_time_then_position() {
    let day = |text: &str| Some(When::Day(text.parse().unwrap()));
    let at = |local: &str, zone: &str| {
        let zone = Zone::parse(zone).unwrap();
        Some(When::Time(LocalTime::new(local.parse().unwrap(), zone, false).unwrap()))
    };
    let mut items = [
        item(1, 1, None),
        item(2, 9, at("2027-04-01T09:00", "Europe/Zurich")),
        item(3, 8, at("2027-04-01T09:30", "Europe/Athens")),
        item(4, 4, day("2027-04-02")),
        item(5, 5, day("2027-04-01")),
        item(6, 3, day("2027-04-01")),
    ];
    items.sort_by(Item::in_order);
    let order: Vec<_> = items.iter().map(|item| item.plan.title.as_str()).collect();
    assert_eq!(order, ["6", "5", "3", "2", "4", "1"]);
}

#[test]
fn an_unchanged_item_keeps_its_version() {
    let now = Timestamp::from_second(5).unwrap();
    let one = item(1, 3, None);
    assert_eq!(one.edited(one.plan.clone(), now), one);
    assert_eq!(one.moved(3, now), one);
    let moved = one.moved(4, now);
    assert_eq!((moved.version, moved.position, moved.updated_at), (2, 4, now));
}

#[test]
fn pages_are_on_the_web() {
    assert!(web_address("https://example.org/a?b=c#d").is_ok());
    for text in [
        "http://example.org",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://user@example.org",
        "https://a b",
        "https://a/\"x",
        "https://a\r\nX:1",
    ] {
        assert!(web_address(text).is_err(), "{text}");
    }
}
