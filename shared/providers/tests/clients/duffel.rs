use serde_json::json;
use tripsage_domain::{
    flight::{CabinClass, FlightSearch, Flyer, Gender, Party, SliceQuery, Title},
    money::{Currency, Money},
};
use tripsage_providers::{
    Deadline, Fault, Refusal,
    model::{
        DocumentKind, IdentityDocument, NewOrder, OrderAction, OrderKind, OrderPassenger, OrderedService, RefundTo,
        ServiceKind,
    },
};

use crate::stub::{Answer, Stub, access, soon};

pub const ORDER: &str = include_str!("../../fixtures/duffel/order.json");
pub const BOOKING: &str = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";

pub fn gbp(minor: i64) -> Money {
    Money::new(minor, Currency::parse("GBP").unwrap()).unwrap()
}

pub fn search() -> FlightSearch {
    let slice = SliceQuery {
        origin: "LHR".parse().unwrap(),
        destination: "JFK".parse().unwrap(),
        departure_date: "2027-06-01".parse().unwrap(),
    };
    let party = Party::new(vec![Flyer::Adult, Flyer::Aged(9)]).unwrap();
    let today = "2027-03-03".parse().unwrap();
    FlightSearch::new(vec![slice], party, Some(CabinClass::Business), Some(0), today).unwrap()
}

pub fn new_order(kind: OrderKind) -> NewOrder {
    NewOrder {
        kind,
        offer_id: "off_1".to_owned(),
        passengers: vec![OrderPassenger {
            id: "pas_1".to_owned(),
            title: Title::Mrs,
            gender: Gender::Female,
            given_name: "Amelia".to_owned(),
            family_name: "Earhart".to_owned(),
            born_on: "1987-07-24".parse().unwrap(),
            email: "amelia@example.com".to_owned(),
            phone_number: "+442080160509".to_owned(),
            infant_id: Some("pas_2".to_owned()),
            documents: vec![IdentityDocument {
                kind: DocumentKind::Passport,
                number: "19KL56147".to_owned(),
                issuing_country: "GB".to_owned(),
                expires_on: Some("2030-04-25".parse().unwrap()),
            }],
        }],
        services: vec![OrderedService {
            id: "ase_1".to_owned(),
            quantity: 1,
        }],
        total: gbp(24_000),
        booking: BOOKING.parse().unwrap(),
    }
}

#[tokio::test]
async fn a_search_asks_as_documented_and_keeps_what_it_can_read() {
    let stub = Stub::always(Answer::ok(include_str!("../../fixtures/duffel/offer_request.json"))).await;
    let found = stub
        .providers()
        .duffel()
        .search(&access(), &search(), soon())
        .await
        .unwrap();
    assert_eq!(
        (
            found.request_id.as_str(),
            found.offers.len(),
            found.dropped,
            found.live_mode
        ),
        ("orq_1", 2, 3, false)
    );
    let offer = &found.offers[0];
    assert_eq!(
        (offer.total, offer.base, offer.emissions_kg),
        (gbp(22_000), Some(gbp(18_322)), Some(612))
    );
    assert!(offer.payment.instant && offer.is_open(crate::stub::now()));
    let refund = offer.conditions.refund.as_ref().unwrap();
    assert_eq!(
        (refund.allowed, refund.penalty, &offer.conditions.change),
        (true, Some(gbp(4_000)), &None)
    );
    let slice = &offer.slices[0];
    assert_eq!((slice.duration_minutes, slice.stops()), (Some(490), 0));
    let segment = &slice.segments[0];
    assert_eq!(segment.origin.time_zone.as_deref(), Some("Europe/London"));
    assert_eq!(
        (
            segment.departing_at.to_string().as_str(),
            segment.marketing_carrier.iata.as_deref()
        ),
        ("2027-06-01T10:30:00", Some("ZZ"))
    );
    assert_eq!(
        (segment.passengers[0].cabin, segment.passengers[1].cabin),
        (Some(CabinClass::Economy), None)
    );
    assert_eq!(
        [offer.passengers[0].flyer(), offer.passengers[1].flyer()],
        [Flyer::Adult, Flyer::Aged(9)]
    );
    let held = &found.offers[1];
    assert!(!held.payment.instant && held.payment.payment_required_by.is_some());
    assert_eq!((held.total, held.base), (gbp(23_100), None));

    // What is cached is what was found.
    let cached = serde_json::to_string(&found).unwrap();
    assert_eq!(
        serde_json::from_str::<tripsage_providers::model::FlightOffers>(&cached).unwrap(),
        found
    );

    let asked = &stub.asked()[0];
    let patience: u32 = asked
        .line
        .strip_prefix("POST /air/offer_requests?return_offers=true&supplier_timeout=")
        .unwrap()
        .parse()
        .unwrap();
    assert!((2_000..3_600).contains(&patience), "{patience}");
    assert_eq!(
        (asked.header("duffel-version"), asked.header("accept-encoding")),
        ("v2", "gzip")
    );
    assert_eq!(asked.header("authorization"), "Bearer duffel_test_0123456789abcdef");
    assert_eq!(
        asked.body,
        json!({ "data": {
            "slices": [{ "origin": "LHR", "destination": "JFK", "departure_date": "2027-06-01" }],
            "passengers": [{ "type": "adult" }, { "age": 9 }],
            "cabin_class": "business",
            "max_connections": 0,
        }})
    );
}

#[tokio::test]
async fn an_offer_is_priced_with_its_extras() {
    let stub = Stub::always(Answer::ok(include_str!("../../fixtures/duffel/offer.json"))).await;
    let providers = stub.providers();
    let duffel = providers.duffel();
    let offer = duffel.offer(&access(), "off_1", true, soon()).await.unwrap();
    assert_eq!(offer.services.len(), 1, "one has no price");
    assert_eq!(
        (offer.services[0].kind, offer.services[0].max_weight_kg),
        (ServiceKind::Baggage, Some(23))
    );

    let two = |id: &str, quantity| {
        [OrderedService {
            id: id.to_owned(),
            quantity,
        }]
    };
    assert_eq!(
        duffel.price(&access(), "off_1", &[], soon()).await.unwrap().total,
        gbp(22_000)
    );
    assert_eq!(
        duffel
            .price(&access(), "off_1", &two("ase_1", 2), soon())
            .await
            .unwrap()
            .total,
        gbp(26_000)
    );
    for services in [two("ase_1", 3), two("ase_1", 0), two("ase_9", 1)] {
        let error = duffel.price(&access(), "off_1", &services, soon()).await.unwrap_err();
        assert!(matches!(
            error.fault,
            Fault::Refused {
                refusal: Refusal::ServiceGone,
                ..
            }
        ));
    }
    let lines: Vec<_> = stub.asked().into_iter().take(2).map(|asked| asked.line).collect();
    assert_eq!(
        lines,
        [
            "GET /air/offers/off_1?return_available_services=true",
            "POST /air/offers/off_1/actions/price"
        ]
    );
}

#[tokio::test]
async fn an_instant_order_pays_and_a_held_one_does_not() {
    let stub = Stub::always(Answer::ok(ORDER)).await;
    let providers = stub.providers();
    let order = providers
        .duffel()
        .create_order(&access(), &new_order(OrderKind::Instant), soon())
        .await
        .unwrap();
    assert_eq!(
        (order.booking_reference.as_str(), order.total, order.booking),
        ("RZPNX8", gbp(22_000), Some(BOOKING.parse().unwrap()))
    );
    assert_eq!(
        (order.documents.len(), order.open_airline_changes, order.passengers),
        (1, 1, 1)
    );
    assert_eq!(order.actions, [OrderAction::Cancel, OrderAction::Change]);
    providers
        .duffel()
        .create_order(&access(), &new_order(OrderKind::Hold), soon())
        .await
        .unwrap();

    let asked = stub.asked();
    assert_eq!(
        asked[0].body["data"],
        json!({
            "type": "instant",
            "selected_offers": ["off_1"],
            "passengers": [{
                "id": "pas_1", "title": "mrs", "gender": "f", "given_name": "Amelia", "family_name": "Earhart",
                "born_on": "1987-07-24", "email": "amelia@example.com", "phone_number": "+442080160509",
                "infant_passenger_id": "pas_2",
                "identity_documents": [{
                    "type": "passport", "unique_identifier": "19KL56147", "issuing_country_code": "GB",
                    "expires_on": "2030-04-25",
                }],
            }],
            "payments": [{ "type": "balance", "amount": "240.00", "currency": "GBP" }],
            "services": [{ "id": "ase_1", "quantity": 1 }],
            "metadata": { "booking_id": BOOKING },
        })
    );
    assert_eq!(
        (
            asked[1].body["data"]["type"].as_str(),
            asked[1].body["data"].get("payments")
        ),
        (Some("hold"), None)
    );
}

#[tokio::test]
async fn orders_payments_and_cancellations_are_read() {
    let stub = Stub::start(|asked, _| {
        let quote = json!({
            "id": "ore_1", "order_id": "ord_1", "refund_amount": "180.00", "refund_currency": "GBP",
            "refund_to": "balance", "expires_at": "2027-03-03T11:00:00Z", "confirmed_at": null, "airline_credits": [],
        });
        let body = match asked.line.as_str() {
            "GET /air/orders?offer_id=off_1&limit=50" => json!([{
                "id": "ord_1", "booking_reference": "RZPNX8", "cancelled_at": null, "metadata": null,
            }]),
            "POST /air/payments" => json!({ "id": "pay_1", "status": "succeeded", "amount": "220.00", "currency": "GBP" }),
            "GET /air/payments?order_id=ord_1&limit=50" => json!([
                { "id": "pay_1", "status": "failed", "amount": "220.00", "currency": "GBP" },
                { "id": "pay_2", "status": "pending", "amount": "220.00", "currency": "GBP" },
            ]),
            "POST /air/order_cancellations" | "GET /air/order_cancellations/ore_1" => quote,
            "POST /air/order_cancellations/ore_1/actions/confirm" => {
                let mut quote = quote;
                quote["confirmed_at"] = json!("2027-03-03T10:10:00Z");
                quote["refund_to"] = json!("points_on_the_moon");
                quote["refund_amount"] = json!(null);
                quote
            }
            "GET /air/airline_initiated_changes?order_id=ord_1" => json!([
                { "id": "aic_1", "order_id": "ord_1", "added": [], "removed": [], "action_taken": null, "created_at": "2027-03-03T10:00:00Z" },
                { "id": "aic_2" },
            ]),
            _ => return Answer::status(404, ""),
        };
        Answer::ok(json!({ "data": body, "meta": null }).to_string())
    })
    .await;
    let providers = stub.providers();
    let (duffel, access) = (providers.duffel(), access());
    let orders = duffel.orders_of_offer(&access, "off_1", soon()).await.unwrap();
    assert_eq!(
        (orders[0].id.as_str(), orders[0].booking, orders[0].cancelled),
        ("ord_1", None, false)
    );
    let payment = duffel.pay(&access, "ord_1", gbp(22_000), soon()).await.unwrap();
    assert_eq!((payment.succeeded, payment.amount), (Some(true), gbp(22_000)));
    let payments = duffel.payments(&access, "ord_1", soon()).await.unwrap();
    assert_eq!([payments[0].succeeded, payments[1].succeeded], [Some(false), None]);
    let quote = duffel.quote_cancellation(&access, "ord_1", soon()).await.unwrap();
    assert_eq!(
        (quote.refund, quote.refund_to, quote.confirmed_at),
        (Some(gbp(18_000)), RefundTo::Balance, None)
    );
    assert_eq!(duffel.cancellation(&access, "ore_1", soon()).await.unwrap(), quote);
    let confirmed = duffel.confirm_cancellation(&access, "ore_1", soon()).await.unwrap();
    assert!(confirmed.confirmed_at.is_some());
    assert_eq!((confirmed.refund_to, confirmed.refund), (RefundTo::Other, None));
    assert_eq!(duffel.airline_changes(&access, "ord_1", soon()).await.unwrap().len(), 1);
    let paid = stub
        .asked()
        .into_iter()
        .find(|asked| asked.line == "POST /air/payments")
        .unwrap()
        .body;
    assert_eq!(
        paid,
        json!({ "data": { "order_id": "ord_1", "payment": { "type": "balance", "amount": "220.00", "currency": "GBP" } } })
    );
}

#[tokio::test]
async fn what_is_no_id_never_becomes_a_path() {
    let stub = Stub::always(Answer::ok("{}")).await;
    let providers = stub.providers();
    for id in [
        "",
        "../orders",
        "off_1?x=y",
        "off_1/../..",
        "off 1",
        "öff",
        &"x".repeat(129),
    ] {
        let error = providers
            .duffel()
            .offer(&access(), id, false, soon())
            .await
            .unwrap_err();
        assert!(
            matches!(
                error.fault,
                Fault::Refused {
                    refusal: Refusal::NotFound,
                    ..
                }
            ),
            "{id}"
        );
    }
    let bad_key = tripsage_providers::Access {
        secret: "line\nbreak".to_owned().into(),
        ..access()
    };
    let error = providers
        .duffel()
        .offer(
            &bad_key,
            "off_1",
            false,
            Deadline::after(std::time::Duration::from_secs(1)),
        )
        .await;
    assert_eq!(error.unwrap_err().fault, Fault::KeyRefused);
    assert!(stub.asked().is_empty());
}
