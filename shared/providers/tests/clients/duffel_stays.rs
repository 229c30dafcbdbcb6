use serde_json::json;
use tripsage_domain::{
    stay::{Guests, StaySearch},
    trip::Coordinates,
};
use tripsage_providers::model::{NewStayBooking, StayBookingStatus, StayGuest};

use crate::{
    duffel::{BOOKING, gbp},
    stub::{Answer, Stub, access, soon},
};

#[tokio::test]
async fn stays_are_searched_quoted_and_booked() {
    let stub = Stub::start(|asked, _| match asked.line.as_str() {
        "POST /stays/search" => Answer::ok(include_str!("../../fixtures/duffel/stays.json")),
        "POST /stays/search_results/srr_1/actions/fetch_all_rates" => {
            Answer::ok(include_str!("../../fixtures/duffel/stay_rates.json"))
        }
        "POST /stays/quotes" => Answer::ok(include_str!("../../fixtures/duffel/stay_quote.json")),
        "GET /stays/bookings?limit=200" => {
            let booking: serde_json::Value =
                serde_json::from_str(include_str!("../../fixtures/duffel/stay_booking.json")).unwrap();
            Answer::ok(json!({ "data": [{ "id": "bok_0" }, booking["data"]] }).to_string())
        }
        line if line.contains("/stays/bookings") => Answer::ok(include_str!("../../fixtures/duffel/stay_booking.json")),
        _ => Answer::status(404, ""),
    })
    .await;
    let providers = stub.providers();
    let (duffel, access) = (providers.duffel(), access());
    let mut search = StaySearch {
        place: "London".to_owned(),
        center: Some(Coordinates {
            latitude: 51.5,
            longitude: -0.1,
        }),
        radius_km: 5,
        check_in: "2027-06-01".parse().unwrap(),
        check_out: "2027-06-03".parse().unwrap(),
        rooms: 1,
        guests: Guests::new(2, vec![7]).unwrap(),
    };
    let found = duffel.search_stays(&access, &search, soon()).await.unwrap();
    assert_eq!((found.listings.len(), found.dropped), (1, 1));
    let listing = &found.listings[0];
    assert_eq!(
        (listing.total, listing.due_at_accommodation),
        (Some(gbp(24_000)), Some(gbp(1_000)))
    );
    assert_eq!(
        (
            listing.accommodation.photos.len(),
            listing.accommodation.stars,
            &listing.url
        ),
        (1, Some(4.0), &None)
    );
    assert_eq!(
        stub.asked()[0].body["data"]["guests"],
        json!([{ "type": "adult" }, { "type": "adult" }, { "type": "child", "age": 7 }])
    );
    search.center = None;
    assert!(duffel.search_stays(&access, &search, soon()).await.is_err());

    let (place, rates) = duffel.stay_rates(&access, "srr_1", soon()).await.unwrap();
    assert_eq!((place.name.as_str(), rates.len()), ("Hotel Duffel", 1));
    assert!(rates[0].payable_from_balance && rates[0].cancellation[0].refund == gbp(24_000));
    let quote = duffel.quote_stay(&access, "rat_1", soon()).await.unwrap();
    assert_eq!((quote.total, quote.cancellation.len()), (gbp(24_000), 1));
    let new = NewStayBooking {
        quote_id: quote.id,
        guests: vec![StayGuest {
            given_name: "Amelia".to_owned(),
            family_name: "Earhart".to_owned(),
        }],
        email: "amelia@example.com".to_owned(),
        phone_number: "+442080160509".to_owned(),
        special_requests: None,
        booking: BOOKING.parse().unwrap(),
    };
    let booked = duffel.book_stay(&access, &new, soon()).await.unwrap();
    assert_eq!(
        (booked.status, booked.reference.as_deref()),
        (StayBookingStatus::Confirmed, Some("ABC123"))
    );
    assert_eq!(
        duffel
            .find_stay_booking(&access, new.booking, soon())
            .await
            .unwrap()
            .as_ref(),
        Some(&booked)
    );
    let other = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    assert_eq!(duffel.find_stay_booking(&access, other, soon()).await.unwrap(), None);
    assert_eq!(duffel.stay_booking(&access, "bok_1", soon()).await.unwrap(), booked);
    duffel.cancel_stay(&access, "bok_1", soon()).await.unwrap();
    assert_eq!(
        stub.asked().last().unwrap().line,
        "POST /stays/bookings/bok_1/actions/cancel"
    );
}
