use super::*;

fn leg(carrier: &str, departs: &str, arrives: &str) -> Leg {
    Leg {
        carrier: carrier.to_owned(),
        number: "1".to_owned(),
        origin: "LHR".to_owned(),
        destination: "JFK".to_owned(),
        departs: departs.parse().unwrap(),
        arrives: arrives.parse().unwrap(),
    }
}

fn offer(minor: i64, minutes: u32, legs: Vec<Leg>, emissions: Option<u32>) -> FlightFacts {
    FlightFacts {
        price: Money::new(minor, Currency::USD).unwrap(),
        minutes: Some(minutes),
        stops: vec![legs.len() - 1],
        slices: vec![legs],
        fare: "economy".to_owned(),
        emissions_kg: emissions,
    }
}

/// Direct at a decent time; the same, dearer; by night and cheap; with a change.
fn offers() -> Vec<FlightFacts> {
    let day = vec![leg("AA", "2027-06-01T10:00", "2027-06-01T13:00")];
    let night = vec![leg("BB", "2027-06-01T03:00", "2027-06-01T05:00")];
    let change = vec![
        leg("CC", "2027-06-01T08:00", "2027-06-01T09:00"),
        leg("AA", "2027-06-01T11:00", "2027-06-01T18:00"),
    ];
    vec![
        offer(30_000, 480, day.clone(), Some(300)),
        offer(32_000, 480, day, Some(300)),
        offer(20_000, 500, night, Some(400)),
        offer(19_000, 900, change, None),
    ]
}

fn order(by: FlightOrder, criteria: &FlightCriteria) -> Vec<usize> {
    let ranked = rank_flights(&offers(), criteria, by, by.natural());
    ranked.into_iter().map(|merits| merits.index).collect()
}

#[test]
fn the_same_flights_stand_once_at_the_lower_price() {
    let none = FlightCriteria::default();
    assert_eq!(order(FlightOrder::Price, &none), [3, 2, 0]);
    assert_eq!(order(FlightOrder::Duration, &none), [0, 2, 3]);
    assert_eq!(order(FlightOrder::Departure, &none), [2, 3, 0]);
    assert_eq!(order(FlightOrder::Arrival, &none), [2, 0, 3]);
    assert_eq!(order(FlightOrder::Emissions, &none), [0, 2, 3], "not known comes last");
    assert_eq!(order(FlightOrder::Stops, &none), [2, 0, 3], "among equals the cheaper");
}

#[test]
fn filters_leave_out_and_do_not_move_scores() {
    let direct = FlightCriteria {
        max_stops: Some(0),
        ..FlightCriteria::default()
    };
    let cheap = FlightCriteria {
        max_price: Some(Money::new(20_000, Currency::USD).unwrap()),
        ..FlightCriteria::default()
    };
    let euros = FlightCriteria {
        max_price: Some(Money::new(1, Currency::parse("EUR").unwrap()).unwrap()),
        ..FlightCriteria::default()
    };
    let without = FlightCriteria {
        excluded: ["AA".to_owned()].into(),
        ..FlightCriteria::default()
    };
    assert_eq!(order(FlightOrder::Price, &direct), [2, 0]);
    assert_eq!(order(FlightOrder::Price, &cheap), [3, 2]);
    assert_eq!(
        order(FlightOrder::Price, &euros),
        [3, 2, 0],
        "nothing is said about dollars"
    );
    assert_eq!(
        order(FlightOrder::Price, &without),
        [2],
        "a connecting flight counts too"
    );
    let score = |criteria: &FlightCriteria| {
        let ranked = rank_flights(&offers(), criteria, FlightOrder::Score, Direction::Descending);
        ranked.into_iter().find(|merits| merits.index == 2).unwrap().score
    };
    assert_eq!(score(&direct), score(&FlightCriteria::default()));
}

#[test]
fn scores_show_their_parts_and_do_not_depend_on_the_order_of_the_list() {
    let all = offers();
    let ranked = rank_flights(
        &all,
        &FlightCriteria::default(),
        FlightOrder::Score,
        Direction::Descending,
    );
    let best = &ranked[0];
    assert_eq!(best.index, 2, "{ranked:?}");
    // 0.4 without a change, 0.4 * 480/500, nothing for three in the morning.
    assert_eq!(
        (best.score.part("price"), best.score.part("convenience")),
        (Some(0.95), Some(0.784))
    );
    assert_eq!(best.score.part("emissions"), Some(0.75));
    assert_eq!(best.score.total, 0.862);
    let unknown = ranked.iter().find(|merits| merits.index == 3).unwrap();
    let weights: f64 = unknown.score.parts.iter().map(|part| part.weight).sum();
    assert!(unknown.score.part("emissions").is_none() && (weights - 1.0).abs() < 0.01);
    let mut reversed = all.clone();
    reversed.reverse();
    let again = rank_flights(
        &reversed,
        &FlightCriteria::default(),
        FlightOrder::Score,
        Direction::Descending,
    );
    let prices = |list: &[FlightFacts], ranked: &[FlightMerits]| -> Vec<i64> {
        ranked.iter().map(|merits| list[merits.index].price.minor).collect()
    };
    assert_eq!(prices(&all, &ranked), prices(&reversed, &again));
}

#[test]
fn preferred_airlines_gain() {
    let preferring = FlightCriteria {
        preferred: ["AA".to_owned()].into(),
        ..FlightCriteria::default()
    };
    let score = |criteria: &FlightCriteria, index: usize| {
        let ranked = rank_flights(&offers(), criteria, FlightOrder::Score, Direction::Descending);
        ranked
            .into_iter()
            .find(|merits| merits.index == index)
            .unwrap()
            .score
            .total
    };
    let none = FlightCriteria::default();
    assert!(score(&preferring, 0) >= score(&none, 0));
    assert_eq!(
        score(&preferring, 3),
        score(&none, 3),
        "only when all flights are theirs"
    );
}

#[test]
fn other_names_of_an_order_may_say_the_direction() {
    use Direction::{Ascending, Descending};
    for (name, order, direction) in [
        ("price", FlightOrder::Price, None),
        ("price_asc", FlightOrder::Price, Some(Ascending)),
        ("price_desc", FlightOrder::Price, Some(Descending)),
        ("relevance", FlightOrder::Score, None),
        ("departure_time", FlightOrder::Departure, None),
        ("arrival_time", FlightOrder::Arrival, None),
    ] {
        assert_eq!(FlightOrder::parse(name), Ok((order, direction)), "{name}");
    }
    let refused = FlightOrder::parse("newest").unwrap_err().message;
    for name in ["score", "emissions", "price_desc", "arrival_time"] {
        assert!(refused.contains(name), "{refused}");
    }
}
