//! Our own clients, which know nothing of sandboxes: what they ask is answered, and what is answered they can read.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole crate is a test"
)]

mod support;

use std::time::Duration;

use jiff::Timestamp;
use support::{Lab, TOKEN};
use tripsage_domain::flight::{CabinClass, FlightSearch, Flyer, Gender, Party, SliceQuery, Title};
use tripsage_domain::place::PlaceSearch;
use tripsage_domain::stay::{Guests, StaySearch};
use tripsage_domain::trip::Coordinates;
use tripsage_domain::weather::Conditions;
use tripsage_providers::model::{NewOrder, NewStayBooking, Offer, OrderKind, OrderPassenger, RefundTo, StayGuest};
use tripsage_providers::{Access, Account, Deadline, Fault, Providers};
use tripsage_runtime::{Ports, Runtime};
use tripsage_sandboxes::{Effect, Provider};

const BOOKING: &str = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
const LISBON: Coordinates = Coordinates {
    latitude: 38.72,
    longitude: -9.14,
};

/// Stands where the clock of the sandboxes does.
struct Still(Timestamp);

impl tripsage_domain::ports::Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

fn clients(lab: &Lab) -> Providers {
    let addresses = lab.sandboxes.environment();
    let env = |name: &str| match name {
        "STAGE" | "TABLE_IDENTITY" | "TABLE_TRAVEL" | "TABLE_OPERATIONS" | "TABLE_VAULT" | "TABLE_COMMUNITY"
        | "UPSTASH_SECRET" => Some("x".to_owned()),
        "PUBLIC_URL" => Some("https://api.example.com".to_owned()),
        "AWS_REGION" => Some("eu-west-1".to_owned()),
        name => addresses.get(name).cloned(),
    };
    let ports = Ports {
        clock: std::sync::Arc::new(Still(Timestamp::from_millisecond(lab.now()).unwrap())),
        ..Ports::system()
    };
    Providers::new(&Runtime::new("search", &env, ports).unwrap())
}

fn key(secret: &str) -> Access {
    Access {
        account: Account::from("somebody".to_owned()),
        secret: secret.to_owned().into(),
    }
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(10))
}

fn flights(origin: &str, destination: &str) -> FlightSearch {
    let slice = SliceQuery {
        origin: origin.parse().unwrap(),
        destination: destination.parse().unwrap(),
        departure_date: "2027-06-01".parse().unwrap(),
    };
    let party = Party::new(vec![Flyer::Adult]).unwrap();
    let today = "2027-03-03".parse().unwrap();
    FlightSearch::new(vec![slice], party, Some(CabinClass::Economy), Some(1), today).unwrap()
}

fn order(kind: OrderKind, offer: &Offer) -> NewOrder {
    NewOrder {
        kind,
        offer_id: offer.id.clone(),
        passengers: vec![OrderPassenger {
            id: offer.passengers[0].id.clone(),
            title: Title::Ms,
            gender: Gender::Female,
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
            born_on: "1990-12-10".parse().unwrap(),
            email: "ada@example.com".to_owned(),
            phone_number: "+442080160509".to_owned(),
            infant_id: None,
            documents: Vec::new(),
        }],
        services: Vec::new(),
        total: offer.total,
        booking: BOOKING.parse().unwrap(),
    }
}

#[tokio::test]
async fn a_flight_is_found_held_paid_and_cancelled() {
    let lab = Lab::start().await;
    let (clients, access) = (clients(&lab), key(TOKEN));
    let duffel = clients.duffel();
    let found = duffel.search(&access, &flights("JFK", "EWR"), soon()).await.unwrap();
    assert_eq!((found.dropped, found.live_mode), (0, false));
    assert!(found.offers.len() > 10);
    let cheapest = found
        .offers
        .iter()
        .find(|offer| offer.owner.iata.as_deref() == Some("ZZ"))
        .unwrap();
    let listed = duffel.offers(&access, &found.request_id, soon()).await.unwrap();
    assert_eq!(listed.offers.len(), found.offers.len());
    let offer = duffel.offer(&access, &cheapest.id, true, soon()).await.unwrap();
    assert_eq!((offer.total, offer.services.len()), (cheapest.total, 1));

    let held = duffel
        .create_order(&access, &order(OrderKind::Hold, &offer), soon())
        .await
        .unwrap();
    assert!(held.payment.awaiting_payment && held.payment.payment_required_by.is_some());
    let paid = duffel.pay(&access, &held.id, held.total, soon()).await.unwrap();
    assert_eq!(paid.succeeded, Some(true));
    assert_eq!(duffel.payments(&access, &held.id, soon()).await.unwrap(), [paid]);
    let known = duffel.orders_of_offer(&access, &offer.id, soon()).await.unwrap();
    assert_eq!((known.len(), known[0].booking), (1, Some(BOOKING.parse().unwrap())));
    let quote = duffel.quote_cancellation(&access, &held.id, soon()).await.unwrap();
    assert_eq!((quote.refund, &quote.refund_to), (Some(held.total), &RefundTo::Balance));
    let confirmed = duffel.confirm_cancellation(&access, &quote.id, soon()).await.unwrap();
    assert!(confirmed.confirmed_at.is_some());
    assert!(
        duffel
            .order(&access, &held.id, soon())
            .await
            .unwrap()
            .cancelled_at
            .is_some()
    );
    assert!(
        duffel
            .airline_changes(&access, &held.id, soon())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_or_late_is_unknown_and_found_again() {
    let lab = Lab::start().await;
    let (clients, access) = (clients(&lab), key(TOKEN));
    let duffel = clients.duffel();
    let late = Effect::Accept(Some(Duration::from_secs(60)));
    for effect in [Effect::LoseReply, late] {
        let found = duffel.search(&access, &flights("LHR", "JFK"), soon()).await.unwrap();
        let offer = found
            .offers
            .iter()
            .find(|offer| offer.owner.iata.as_deref() == Some("ZZ"))
            .unwrap();
        let fault = tripsage_sandboxes::Fault::new(effect).on("POST", "/air/orders");
        lab.sandboxes.fail(Provider::Duffel, fault);
        let error = duffel
            .create_order(&access, &order(OrderKind::Instant, offer), soon())
            .await
            .unwrap_err();
        assert!(matches!(error.fault, Fault::Unknown { .. }), "{error:?}");
        lab.advance(60_000);
        assert_eq!(
            duffel.orders_of_offer(&access, &offer.id, soon()).await.unwrap().len(),
            1
        );
        lab.sandboxes.reset();
    }
}

#[tokio::test]
async fn a_stay_is_found_booked_and_cancelled() {
    let lab = Lab::start().await;
    let (clients, access) = (clients(&lab), key(TOKEN));
    let duffel = clients.duffel();
    let found = duffel.search_stays(&access, &lisbon(), soon()).await.unwrap();
    assert!(found.listings.len() > 3 && found.dropped == 0);
    let (_, rates) = duffel.stay_rates(&access, &found.listings[0].id, soon()).await.unwrap();
    let rate = rates.iter().find(|rate| !rate.cancellation.is_empty()).unwrap();
    let quote = duffel.quote_stay(&access, &rate.id, soon()).await.unwrap();
    assert_eq!(quote.total, rate.total);
    let new = NewStayBooking {
        quote_id: quote.id,
        guests: vec![StayGuest {
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
        }],
        email: "ada@example.com".to_owned(),
        phone_number: "+442080160509".to_owned(),
        special_requests: None,
        booking: BOOKING.parse().unwrap(),
    };
    let booked = duffel.book_stay(&access, &new, soon()).await.unwrap();
    let again = duffel
        .find_stay_booking(&access, new.booking, soon())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again.id, booked.id);
    duffel.cancel_stay(&access, &booked.id, soon()).await.unwrap();
}

fn lisbon() -> StaySearch {
    StaySearch {
        place: "Lisbon".to_owned(),
        center: Some(LISBON),
        radius_km: 5,
        check_in: "2027-06-01".parse().unwrap(),
        check_out: "2027-06-04".parse().unwrap(),
        rooms: 1,
        guests: Guests::new(2, vec![7]).unwrap(),
    }
}

#[tokio::test]
async fn places_weather_and_airbnb_are_read() {
    let lab = Lab::start().await;
    let clients = clients(&lab);
    let places = key("AIzaSandbox0123456789");
    let search = PlaceSearch::Text {
        query: "museums in Lisbon".to_owned(),
        near: None,
    };
    let found = clients.places().search(&places, &search, None, soon()).await.unwrap();
    assert!(found.places.len() > 3 && found.dropped == 0);
    clients
        .places()
        .details(&places, &found.places[0].id, soon())
        .await
        .unwrap();

    let weather = key("5a4d0123456789abcdef0123456789ab");
    for access in [None, Some(&weather)] {
        let forecast = clients.forecast(access, LISBON, 7, soon()).await.unwrap();
        assert_eq!(forecast.days.len(), 7);
        assert_eq!(forecast.time_zone.as_deref(), Some("Europe/Lisbon"));
        assert!(
            forecast
                .days
                .iter()
                .all(|day| day.conditions != Conditions::Unknown && day.high_c > day.low_c)
        );
    }

    let stays = clients.airbnb().search(&lisbon(), soon()).await.unwrap();
    assert!(stays.listings.len() > 3 && stays.dropped == 0);
    assert!(
        stays.listings.iter().all(|listing| listing.total.is_some()),
        "{stays:?}"
    );
    let listing = clients
        .airbnb()
        .listing(&stays.listings[0].id, None, &lisbon().guests, soon())
        .await
        .unwrap();
    assert!(listing.accommodation.coordinates.is_some());
}

#[tokio::test]
async fn refused_keys_are_told_from_everything_else() {
    let lab = Lab::start().await;
    let clients = clients(&lab);
    use tripsage_domain::service::Service;
    for (service, good, bad) in [
        (Service::Duffel, TOKEN, "duffel_test_refused_0123456789"),
        (Service::GooglePlaces, "AIzaSandbox0123456789", "AIzaInvalid0123456789"),
        (
            Service::OpenWeather,
            "5a4d0123456789abcdef0123456789ab",
            "00000123456789abcdef0123456789ab",
        ),
    ] {
        clients.probe(service, &key(good), soon()).await.unwrap();
        let error = clients.probe(service, &key(bad), soon()).await.unwrap_err();
        assert!(matches!(error.fault, Fault::KeyRefused), "{service:?}: {error:?}");
    }
}
