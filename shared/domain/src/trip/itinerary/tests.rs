use jiff::Timestamp;

use super::*;
use crate::{
    money::Money,
    trip::{Destination, Details, LocalTime, Plan, Preferences, Status, TripType, Zone},
};

fn content(from: &str, to: &str) -> Content {
    Content {
        title: "Trip".to_owned(),
        description: None,
        start_date: from.parse().unwrap(),
        end_date: to.parse().unwrap(),
        destinations: vec![Destination::named("Kyoto").unwrap()],
        status: Status::Planning,
        trip_type: TripType::Leisure,
        travelers: 1,
        tags: Vec::new(),
        preferences: Preferences::default(),
    }
}

fn flight() -> Details {
    Details::Flight {
        carrier: None,
        flight_number: None,
        origin: None,
        destination: None,
        origin_terminal: None,
        destination_terminal: None,
        cabin: None,
        seats: Vec::new(),
    }
}

fn stay() -> Details {
    Details::Accommodation {
        name: None,
        address: None,
        room_type: None,
        check_in_time: None,
        check_out_time: None,
    }
}

fn day(text: &str) -> Option<When> {
    (!text.is_empty()).then(|| When::Day(text.parse().unwrap()))
}

fn at(local: &str, zone: &str) -> Option<When> {
    let time = LocalTime::new(local.parse().unwrap(), Zone::parse(zone).unwrap(), false);
    Some(When::Time(time.unwrap()))
}

fn item(id: u128, details: Details, start: Option<When>, end: Option<When>) -> Item {
    Item {
        id: ItemId::from_uuid(uuid::Uuid::from_u128(id)),
        plan: Plan {
            title: id.to_string(),
            description: None,
            details,
            location: None,
            start,
            end,
            cost: None,
            status: ItemStatus::Planned,
            booking_reference: None,
            url: None,
            notes: None,
            flexible: false,
        },
        position: 1,
        version: 1,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn every_item_is_on_the_days_that_it_touches() {
    let items = [
        item(1, stay(), day("2027-04-01"), day("2027-04-04")),
        item(2, Details::Note, day("2027-04-02"), None),
        item(
            3,
            flight(),
            at("2027-04-03T20:00", "Asia/Tokyo"),
            at("2027-04-03T08:00", "Pacific/Honolulu"),
        ),
        // Lands on the day before it leaves.
        item(
            4,
            flight(),
            at("2027-04-04T00:30", "Asia/Tokyo"),
            at("2027-04-03T12:30", "Pacific/Honolulu"),
        ),
        item(5, Details::Note, day("2027-05-01"), None),
        item(6, Details::Note, None, None),
        // Around the whole trip.
        item(7, stay(), day("2027-03-01"), day("2027-05-01")),
    ];
    let plan = itinerary(&content("2027-04-01", "2027-04-04"), &items);
    let shown: Vec<(String, Vec<String>, usize)> = plan
        .days
        .iter()
        .map(|day| {
            let parts = day
                .items
                .iter()
                .map(|(part, item)| format!("{} {}", item.plan.title, part.name()));
            (day.date.to_string(), parts.collect(), day.ongoing.len())
        })
        .collect();
    let expected = [
        ("2027-04-01", vec!["1 start"], 1),
        ("2027-04-02", vec!["2 whole"], 2),
        ("2027-04-03", vec!["3 whole", "4 end"], 2),
        ("2027-04-04", vec!["1 end", "4 start"], 1),
    ];
    for (day, expected) in shown.iter().zip(expected) {
        assert_eq!(
            (day.0.as_str(), day.1.clone(), day.2),
            (
                expected.0,
                expected.1.iter().map(|s| (*s).to_owned()).collect(),
                expected.2
            )
        );
    }
    let titles = |items: &[&Item]| items.iter().map(|item| item.plan.title.clone()).collect::<Vec<_>>();
    assert_eq!(
        (titles(&plan.outside), titles(&plan.undated)),
        (vec!["5".to_owned()], vec!["6".to_owned()])
    );
}

#[test]
fn currencies_are_never_added() {
    let cost = |id, details, minor, code: &str, status| {
        let mut item = item(id, details, None, None);
        item.plan.cost = Some(Money::new(minor, Currency::parse(code).unwrap()).unwrap());
        item.plan.status = status;
        item
    };
    let all = costs(&[
        cost(1, flight(), 10_000, "EUR", ItemStatus::Booked),
        cost(2, stay(), 50_00, "EUR", ItemStatus::Planned),
        cost(3, flight(), 7_00, "EUR", ItemStatus::Idea),
        cost(4, stay(), 99_00, "EUR", ItemStatus::Cancelled),
        cost(5, stay(), 30_000, "JPY", ItemStatus::Booked),
    ]);
    let total = |index: usize| {
        (
            all[index].currency.code(),
            all[index].total.planned,
            all[index].total.booked,
        )
    };
    assert_eq!(
        (all.len(), total(0), total(1)),
        (2, ("EUR", 15_700, 10_000), ("JPY", 30_000, 30_000))
    );
    assert_eq!(
        all[0].categories["transportation"],
        Cost {
            planned: 10_700,
            booked: 10_000
        }
    );
    assert_eq!(
        all[0].categories["accommodation"],
        Cost {
            planned: 50_00,
            booked: 0
        }
    );
}

#[test]
fn completion_is_the_mean_of_what_applies() {
    let trip = content("2027-04-01", "2027-04-05");
    let mut nights = item(1, stay(), day("2027-04-01"), day("2027-04-03"));
    assert_eq!(completion(&trip, &[]), 0, "no day, no night");
    // 3 of 5 days, 2 of 4 nights, 0 of 1 booked.
    assert_eq!(completion(&trip, &[nights.clone()]), (60 + 50) / 3);
    nights.plan.status = ItemStatus::Booked;
    assert_eq!(completion(&trip, &[nights.clone()]), (60 + 50 + 100) / 3);
    nights.plan.status = ItemStatus::Cancelled;
    assert_eq!(completion(&trip, &[nights]), 0);
    let one_day = content("2027-04-01", "2027-04-01");
    assert_eq!(
        completion(&one_day, &[item(1, Details::Note, day("2027-04-01"), None)]),
        100
    );
}
