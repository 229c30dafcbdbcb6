//! The clients against the sandboxes: two readings of the same documentation.

use std::sync::Arc;

use jiff::civil::Date;
use tripsage_domain::{
    flight::{FlightSearch, Flyer, Gender, Party, SliceQuery, Title},
    place::PlaceSearch,
    service::Service,
    stay::{Guests, StaySearch},
    trip::Coordinates,
};
use tripsage_providers::{
    Access, Account, Fault, Providers, Refusal,
    model::{
        FlightOffers, NewOrder, NewStayBooking, Offer, OrderKind, OrderPassenger, OrderedService, ServiceKind,
        StayBookingStatus, StayGuest,
    },
};
use tripsage_sandboxes::{SandboxOptions, Sandboxes};

use crate::{
    duffel::BOOKING,
    stub::{now, providers_with, soon},
};

const LONDON: Coordinates = Coordinates {
    latitude: 51.5074,
    longitude: -0.1278,
};

struct Lab {
    _sandboxes: Sandboxes,
    providers: Providers,
}

impl Lab {
    async fn start() -> Self {
        let options = SandboxOptions {
            clock: Some(Arc::new(|| now().as_millisecond())),
            ..SandboxOptions::default()
        };
        let sandboxes = Sandboxes::start(options).await.unwrap();
        let environment = sandboxes.environment();
        let variables: Vec<_> = environment
            .iter()
            .map(|(name, url)| (name.as_str(), url.as_str()))
            .collect();
        let providers = providers_with(&variables);
        Self {
            _sandboxes: sandboxes,
            providers,
        }
    }

    async fn search(&self, from: &str, to: &str) -> Result<FlightOffers, Fault> {
        let slice = SliceQuery {
            origin: from.parse().unwrap(),
            destination: to.parse().unwrap(),
            departure_date: day("2027-06-01"),
        };
        let party = Party::new(vec![Flyer::Adult]).unwrap();
        let search = FlightSearch::new(vec![slice], party, None, None, day("2027-03-03")).unwrap();
        let found = self.providers.duffel().search(&key(), &search, soon()).await;
        let found = found.map_err(|error| error.fault)?;
        assert_eq!((found.dropped, found.live_mode), (0, false));
        Ok(found)
    }

    async fn cheapest(&self, from: &str, to: &str) -> Offer {
        let found = self.search(from, to).await.unwrap();
        found.offers.into_iter().min_by_key(|offer| offer.total.minor).unwrap()
    }

    async fn order(&self, offer: &Offer, kind: OrderKind) -> Result<tripsage_providers::model::Order, Fault> {
        let order = new_order(offer, kind);
        self.providers
            .duffel()
            .create_order(&key(), &order, soon())
            .await
            .map_err(|error| error.fault)
    }
}

fn key() -> Access {
    Access {
        account: Account::stage(),
        secret: "duffel_test_alice_0123456789".to_owned().into(),
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn new_order(offer: &Offer, kind: OrderKind) -> NewOrder {
    let passenger = OrderPassenger {
        id: offer.passengers[0].id.clone(),
        title: Title::Ms,
        gender: Gender::Female,
        given_name: "Ada".to_owned(),
        family_name: "Lovelace".to_owned(),
        born_on: day("1990-12-10"),
        email: "ada@example.com".to_owned(),
        phone_number: "+442080160509".to_owned(),
        infant_id: None,
        documents: Vec::new(),
    };
    NewOrder {
        kind,
        offer_id: offer.id.clone(),
        passengers: vec![passenger],
        services: Vec::new(),
        total: offer.total,
        booking: BOOKING.parse().unwrap(),
    }
}

fn refusal(fault: &Fault) -> Option<Refusal> {
    match fault {
        Fault::Refused { refusal, .. } => Some(*refusal),
        _ => None,
    }
}

#[tokio::test]
async fn an_offer_is_ordered_found_again_and_cancelled() {
    let lab = Lab::start().await;
    let duffel = lab.providers.duffel();
    let offer = lab.cheapest("LHR", "JFK").await;
    let priced = duffel.price(&key(), &offer.id, &[], soon()).await.unwrap();
    assert_eq!((priced.total, priced.offer.payment.instant), (offer.total, true));
    assert_eq!(
        offer.slices[0].segments[0].origin.time_zone.as_deref(),
        Some("Europe/London")
    );

    let order = lab.order(&offer, OrderKind::Instant).await.unwrap();
    assert_eq!(
        (order.total, order.booking),
        (offer.total, Some(BOOKING.parse().unwrap()))
    );
    assert!(order.payment.paid_at.is_some() && !order.documents.is_empty());
    let found = duffel.orders_of_offer(&key(), &offer.id, soon()).await.unwrap();
    assert_eq!(
        (found.len(), &found[0].id, found[0].booking),
        (1, &order.id, order.booking)
    );
    let again = lab.order(&offer, OrderKind::Instant).await.unwrap_err();
    assert!(refusal(&again).is_some(), "{again:?}");

    let quote = duffel.quote_cancellation(&key(), &order.id, soon()).await.unwrap();
    assert!(quote.refund.is_some() && quote.confirmed_at.is_none());
    let confirmed = duffel.confirm_cancellation(&key(), &quote.id, soon()).await.unwrap();
    assert!(confirmed.confirmed_at.is_some());
    assert_eq!(
        duffel
            .cancellation(&key(), &quote.id, soon())
            .await
            .unwrap()
            .confirmed_at,
        confirmed.confirmed_at
    );
    assert!(
        duffel
            .order(&key(), &order.id, soon())
            .await
            .unwrap()
            .cancelled_at
            .is_some()
    );
    let twice = duffel.quote_cancellation(&key(), &order.id, soon()).await.unwrap_err();
    assert_eq!(refusal(&twice.fault), Some(Refusal::AlreadyCancelled));
}

#[tokio::test]
async fn extras_are_priced_as_they_are_charged() {
    let lab = Lab::start().await;
    let duffel = lab.providers.duffel();
    let offer = lab.cheapest("LHR", "JFK").await;
    let offer = duffel.offer(&key(), &offer.id, true, soon()).await.unwrap();
    let bag = offer
        .services
        .iter()
        .find(|service| service.kind == ServiceKind::Baggage)
        .unwrap();
    let services = vec![OrderedService {
        id: bag.id.clone(),
        quantity: 1,
    }];
    let priced = duffel.price(&key(), &offer.id, &services, soon()).await.unwrap();
    assert_eq!(priced.total.minor, offer.total.minor + bag.total.minor);
    let order = NewOrder {
        services,
        total: priced.total,
        ..new_order(&offer, OrderKind::Instant)
    };
    let ordered = duffel.create_order(&key(), &order, soon()).await.unwrap();
    assert_eq!(ordered.total, priced.total);
}

#[tokio::test]
async fn a_held_order_is_paid_later() {
    let lab = Lab::start().await;
    let duffel = lab.providers.duffel();
    let offer = lab.cheapest("JFK", "EWR").await;
    assert!(!offer.payment.instant);
    let order = lab.order(&offer, OrderKind::Hold).await.unwrap();
    assert!(order.payment.awaiting_payment && order.payment.payment_required_by.is_some());
    let payment = duffel.pay(&key(), &order.id, order.total, soon()).await.unwrap();
    assert_eq!(payment.succeeded, Some(true));
    assert_eq!(duffel.payments(&key(), &order.id, soon()).await.unwrap(), [payment]);
    assert!(
        !duffel
            .order(&key(), &order.id, soon())
            .await
            .unwrap()
            .payment
            .awaiting_payment
    );
}

#[tokio::test]
async fn routes_that_fail_do_so_by_name() {
    let lab = Lab::start().await;
    let duffel = lab.providers.duffel();
    assert!(lab.search("PVD", "RAI").await.unwrap().offers.is_empty());
    assert_eq!(lab.search("STN", "LHR").await.unwrap_err().name(), "unavailable");

    let offer = lab.cheapest("LHR", "LGW").await;
    let hint = Some(Refusal::AirlineError);
    assert_eq!(
        lab.order(&offer, OrderKind::Instant).await.unwrap_err(),
        Fault::Unknown { hint, accepted: false }
    );
    assert!(
        duffel
            .orders_of_offer(&key(), &offer.id, soon())
            .await
            .unwrap()
            .is_empty()
    );

    let offer = lab.cheapest("LGW", "STN").await;
    let fault = lab.order(&offer, OrderKind::Instant).await.unwrap_err();
    assert_eq!(refusal(&fault), Some(Refusal::InsufficientBalance));

    let offer = lab.cheapest("LGW", "LHR").await;
    let fault = duffel.offer(&key(), &offer.id, false, soon()).await.unwrap_err().fault;
    assert_eq!(refusal(&fault), Some(Refusal::OfferGone));

    let offer = lab.cheapest("LHR", "STN").await;
    let dearer = duffel.price(&key(), &offer.id, &[], soon()).await.unwrap();
    assert!(dearer.total.minor > offer.total.minor);
    let fault = lab.order(&offer, OrderKind::Instant).await.unwrap_err();
    assert_eq!(refusal(&fault), Some(Refusal::PriceChanged));

    let two = lab.cheapest("LHR", "DXB").await;
    assert_eq!((two.slices[0].segments.len(), two.slices[0].stops()), (2, 1));
    let stop = lab.cheapest("DXB", "AMS").await;
    assert_eq!((stop.slices[0].segments.len(), stop.slices[0].stops()), (1, 1));

    let offer = lab.cheapest("LHR", "LTN").await;
    let order = lab.order(&offer, OrderKind::Instant).await.unwrap();
    let changes = duffel.airline_changes(&key(), &order.id, soon()).await.unwrap();
    assert_eq!((changes.len(), &changes[0].order_id), (1, &order.id));
    assert!(!changes[0].added.is_empty() && changes[0].action_taken.is_none());
}

#[tokio::test]
async fn keys_are_taken_or_refused() {
    let lab = Lab::start().await;
    let with = |secret: &str| Access {
        secret: secret.to_owned().into(),
        ..key()
    };
    lab.providers.probe(Service::Duffel, &key(), soon()).await.unwrap();
    for service in [Service::Duffel, Service::GooglePlaces, Service::OpenWeather] {
        let error = lab
            .providers
            .probe(service, &with("duffel_test_refused_0123456789"), soon())
            .await
            .err();
        if service == Service::Duffel {
            assert_eq!(error.unwrap().fault, Fault::KeyRefused);
        }
        let error = lab.providers.probe(service, &with("x"), soon()).await.unwrap_err();
        assert_eq!(error.fault, Fault::KeyRefused, "{service}");
    }
}

#[tokio::test]
async fn a_stay_is_found_quoted_booked_and_cancelled() {
    let lab = Lab::start().await;
    let duffel = lab.providers.duffel();
    let search = StaySearch {
        place: "London".to_owned(),
        center: Some(LONDON),
        radius_km: 5,
        check_in: day("2027-06-01"),
        check_out: day("2027-06-04"),
        rooms: 1,
        guests: Guests::new(2, vec![]).unwrap(),
    };
    let found = duffel.search_stays(&key(), &search, soon()).await.unwrap();
    assert!(!found.listings.is_empty() && found.dropped == 0);
    let listing = &found.listings[0];
    assert!(listing.total.is_some() && listing.accommodation.coordinates.is_some());
    let (_, rates) = duffel.stay_rates(&key(), &listing.id, soon()).await.unwrap();
    let rate = rates.iter().find(|rate| rate.payable_from_balance).unwrap();
    let quote = duffel.quote_stay(&key(), &rate.id, soon()).await.unwrap();
    assert_eq!((quote.total, quote.check_in), (rate.total, search.check_in));
    let new = NewStayBooking {
        quote_id: quote.id,
        guests: vec![StayGuest {
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
        }],
        email: "ada@example.com".to_owned(),
        phone_number: "+442080160509".to_owned(),
        special_requests: Some("A quiet room".to_owned()),
        booking: BOOKING.parse().unwrap(),
    };
    let booked = duffel.book_stay(&key(), &new, soon()).await.unwrap();
    assert_eq!(
        (booked.status, booked.booking),
        (StayBookingStatus::Confirmed, Some(new.booking))
    );
    let again = duffel
        .find_stay_booking(&key(), new.booking, soon())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again.id, booked.id);
    let cancelled = duffel.cancel_stay(&key(), &booked.id, soon()).await.unwrap();
    assert_eq!(cancelled.status, StayBookingStatus::Cancelled);

    let without = Access {
        secret: "duffel_test_nostays_0123456789".to_owned().into(),
        ..key()
    };
    let error = duffel.search_stays(&without, &search, soon()).await.unwrap_err();
    assert_eq!(refusal(&error.fault), Some(Refusal::FeatureUnavailable));

    // The same question by name, of Airbnb.
    let found = lab.providers.airbnb().search(&search, soon()).await.unwrap();
    assert!(!found.listings.is_empty() && found.dropped == 0);
    assert!(
        found.listings.iter().any(|listing| listing.total.is_some()),
        "{found:?}"
    );
    let id = &found.listings[0].id;
    let listing = lab
        .providers
        .airbnb()
        .listing(id, None, &search.guests, soon())
        .await
        .unwrap();
    assert!(listing.accommodation.description.is_some() && !listing.accommodation.amenities.is_empty());
}

#[tokio::test]
async fn places_and_weather_are_read() {
    let lab = Lab::start().await;
    let places_key = Access {
        secret: "AIzaSandbox0123456789".to_owned().into(),
        ..key()
    };
    let search = PlaceSearch::Text {
        query: "museum in London".to_owned(),
        near: Some((LONDON, 5_000)),
    };
    let found = lab
        .providers
        .places()
        .search(&places_key, &search, None, soon())
        .await
        .unwrap();
    assert!(!found.places.is_empty() && found.dropped == 0);
    let details = lab
        .providers
        .places()
        .details(&places_key, &found.places[0].id, soon())
        .await
        .unwrap();
    assert_eq!(details.place.name, found.places[0].name);
    let weather_key = Access {
        secret: "5a4d0123456789abcdef0123456789ab".to_owned().into(),
        ..key()
    };
    for access in [None, Some(&weather_key)] {
        let forecast = lab.providers.forecast(access, LONDON, 5, soon()).await.unwrap();
        assert_eq!(
            (forecast.days.len(), forecast.time_zone.as_deref()),
            (5, Some("Europe/London"))
        );
        assert_eq!(forecast.days[0].date, day("2027-03-03"));
        assert!(
            forecast
                .days
                .iter()
                .all(|day| day.high_c >= day.low_c && day.low_c.is_some())
        );
    }
}
