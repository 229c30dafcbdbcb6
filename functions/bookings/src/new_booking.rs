//! What may be booked: a flight or a stay from the provider, or whatever was bought elsewhere.

use serde::Deserialize;
use tripsage_domain::{
    booking::{Kind, MAX_PASSENGERS, Recorded, Status, Traveller},
    ids::{BookingId, TripId, UserId},
    money::Money,
    text::TextRule,
    validation::{Checks, Invalid, Rule, Violation},
};
use tripsage_http::MoneyFields;
use tripsage_ordering::{FlightOrder, StayOrder};
use tripsage_store::keys::Digest;
use utoipa::ToSchema;

use crate::{
    booking_body::TravellerFields,
    passenger_body::{BookingPassenger, email, phone},
    values::{BookingWhen, LINE, TEXT, optional_text, provider_id},
};

/// Guests of a stay at most.
const MAX_GUESTS: usize = 16;

/// Extras of one order at most.
const MAX_SERVICES: usize = 20;

/// A booking to be made. With `offer_id` a flight is ordered, with `rate_id` a stay is booked; with `recorded` nothing
/// is ordered, and what was bought elsewhere is written down.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "flight", "offer_id": "off_0000AhT8g5mbtK1Ao1mVnL", "type": "instant",
    "passengers": [{
        "title": "ms", "gender": "f", "given_name": "Amelia", "family_name": "Earhart", "born_on": "1987-07-24",
        "email": "amelia@example.com", "phone_number": "+442080160509",
    }],
    "expected_total": { "amount": "219.90", "currency": "USD" },
}))]
pub(crate) struct CreateBooking {
    /// `flight`, `accommodation` or `activity`.
    kind: Option<String>,
    /// The trip to put it into, for whose items the caller may edit it.
    #[schema(value_type = Option<String>, format = Uuid)]
    trip_id: Option<TripId>,
    /// The caller's own words.
    notes: Option<String>,
    /// What the caller believes it costs. Nothing is ordered at another price.
    expected_total: Option<MoneyFields>,
    /// Flight: an offer that a search with the caller's own key has found.
    offer_id: Option<String>,
    /// Flight: `instant`, or `hold` to pay later.
    #[serde(rename = "type")]
    order_type: Option<String>,
    /// Flight: who travels.
    #[schema(max_items = 9)]
    passengers: Option<Vec<BookingPassenger>>,
    /// Flight: extras of the offer.
    #[schema(max_items = 20)]
    services: Option<Vec<ServiceFields>>,
    /// Stay: a rate that a search with the caller's own key has found.
    rate_id: Option<String>,
    /// Stay: who stays. Recorded: who takes part.
    #[schema(max_items = 16)]
    guests: Option<Vec<TravellerFields>>,
    /// Stay: where the house can reach them.
    email: Option<String>,
    /// Stay: in international form.
    phone_number: Option<String>,
    /// Stay: what the guests ask for.
    special_requests: Option<String>,
    /// Whether it was bought elsewhere and is only written down. Activities always are.
    recorded: Option<bool>,
    /// Recorded: what it is called.
    title: Option<String>,
    /// Recorded: where it is.
    place: Option<String>,
    /// Recorded: when it begins.
    start: Option<BookingWhen>,
    /// Recorded: when it ends.
    end: Option<BookingWhen>,
    /// Recorded: what it costs in all.
    price: Option<MoneyFields>,
    /// Recorded: what the supplier knows it by.
    confirmation_number: Option<String>,
    /// Recorded: `saved` or `booked`.
    status: Option<String>,
}

/// An extra of an offer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceFields {
    /// Its id.
    id: Option<String>,
    /// How many.
    #[schema(minimum = 1, maximum = 9)]
    quantity: Option<u32>,
}

/// What is to be done.
pub(crate) enum NewBooking {
    /// A flight is ordered.
    Flight(FlightOrder),
    /// A stay is booked.
    Stay(StayOrder),
    /// Nothing is ordered.
    Recorded(Recorded),
}

impl CreateBooking {
    pub(crate) fn into_command(self, id: BookingId, owner: UserId) -> Result<NewBooking, Invalid> {
        let mut checks = Checks::default();
        let kind = checks.required("kind", self.kind.as_deref(), Kind::parse);
        checks.finish()?;
        let kind = kind.ok_or_else(|| Violation::new("kind", "required", "is required"))?;
        if self.recorded.unwrap_or(!kind.is_sold()) {
            return self.into_recorded(kind).map(NewBooking::Recorded);
        }
        match kind {
            Kind::Flight => self.into_flight(id, owner).map(NewBooking::Flight),
            Kind::Accommodation => self.into_stay(id, owner).map(NewBooking::Stay),
            Kind::Activity => {
                let message = "must not be false: no provider sells activities here";
                Err(Violation::new("recorded", "exclusive", message).into())
            }
        }
    }

    /// The fields of a recorded booking have no place in an order: its price and its times are the provider's.
    fn refuse_recorded(&self, checks: &mut Checks) {
        for (field, given) in [
            ("title", self.title.is_some()),
            ("place", self.place.is_some()),
            ("start", self.start.is_some()),
            ("end", self.end.is_some()),
            ("price", self.price.is_some()),
            ("confirmation_number", self.confirmation_number.is_some()),
            ("status", self.status.is_some()),
        ] {
            checks.ensure(!given, field, "exclusive", "must be given for recorded bookings only");
        }
    }

    fn into_flight(self, id: BookingId, owner: UserId) -> Result<FlightOrder, Invalid> {
        let mut checks = Checks::default();
        self.refuse_recorded(&mut checks);
        for (field, given) in [
            ("rate_id", self.rate_id.is_some()),
            ("guests", self.guests.is_some()),
            ("email", self.email.is_some()),
            ("phone_number", self.phone_number.is_some()),
            ("special_requests", self.special_requests.is_some()),
        ] {
            checks.ensure(!given, field, "exclusive", "must be given for stays only");
        }
        let offer = checks.required("offer_id", self.offer_id, |id| provider_id(&id));
        let hold = checks.optional("type", self.order_type.as_deref(), |name| match name {
            "instant" => Ok(false),
            "hold" => Ok(true),
            _ => Err(Rule::new("one_of", "must be one of instant, hold")),
        });
        let given = checks.required("passengers", self.passengers, |list| bounded(list, MAX_PASSENGERS));
        let mut passengers = Vec::new();
        for (index, fields) in given.unwrap_or_default().into_iter().enumerate() {
            passengers.extend(checks.nested(&format!("passengers[{index}]"), fields.into_passenger()));
        }
        let given = checks.optional("services", self.services, |list| at_most(list, MAX_SERVICES));
        let mut services = Vec::new();
        for (index, fields) in given.unwrap_or_default().into_iter().enumerate() {
            services.extend(checks.nested(&format!("services[{index}]"), fields.into_service()));
        }
        let hold = hold.unwrap_or(false);
        checks.ensure(
            !hold || services.is_empty(),
            "services",
            "exclusive",
            "must not be given: an order that is paid later takes no extras",
        );
        let (expected, notes) = common(&mut checks, self.expected_total, self.notes);
        checks.build(|| {
            let mut order = FlightOrder {
                id,
                owner,
                request: String::new(),
                offer: offer?,
                hold,
                passengers,
                services,
                expected,
                trip: self.trip_id,
                notes,
            };
            let names: Vec<Traveller> = order.passengers.iter().map(|passenger| passenger.traveller()).collect();
            order.request = digest(
                Kind::Flight,
                &order.offer,
                order.trip,
                order.expected,
                &names,
                &format!("{hold} {:?}", order.services),
            );
            Some(order)
        })
    }

    fn into_stay(self, id: BookingId, owner: UserId) -> Result<StayOrder, Invalid> {
        let mut checks = Checks::default();
        self.refuse_recorded(&mut checks);
        for (field, given) in [
            ("offer_id", self.offer_id.is_some()),
            ("type", self.order_type.is_some()),
            ("passengers", self.passengers.is_some()),
            ("services", self.services.is_some()),
        ] {
            checks.ensure(!given, field, "exclusive", "must be given for flights only");
        }
        let rate = checks.required("rate_id", self.rate_id, |id| provider_id(&id));
        let given = checks.required("guests", self.guests, |list| bounded(list, MAX_GUESTS));
        let guests = guests(&mut checks, given);
        let email = checks.required("email", self.email, |text| email(&text));
        let phone_number = checks.required("phone_number", self.phone_number, |text| phone(&text));
        let special_requests = optional_text(&mut checks, "special_requests", self.special_requests, TEXT);
        let (expected, notes) = common(&mut checks, self.expected_total, self.notes);
        checks.build(|| {
            let rate = rate?;
            Some(StayOrder {
                id,
                owner,
                request: digest(Kind::Accommodation, &rate, self.trip_id, expected, &guests, ""),
                rate,
                guests,
                email: email?,
                phone_number: phone_number?,
                special_requests,
                expected,
                trip: self.trip_id,
                notes,
            })
        })
    }

    fn into_recorded(self, kind: Kind) -> Result<Recorded, Invalid> {
        let mut checks = Checks::default();
        for (field, given) in [
            ("offer_id", self.offer_id.is_some()),
            ("rate_id", self.rate_id.is_some()),
            ("type", self.order_type.is_some()),
            ("passengers", self.passengers.is_some()),
            ("services", self.services.is_some()),
            ("expected_total", self.expected_total.is_some()),
            ("email", self.email.is_some()),
            ("phone_number", self.phone_number.is_some()),
            ("special_requests", self.special_requests.is_some()),
        ] {
            checks.ensure(!given, field, "exclusive", "must not be given for recorded bookings");
        }
        let title = checks.required("title", self.title, |text| LINE.parse(&text));
        let place = optional_text(&mut checks, "place", self.place, LINE);
        let start = self.start.and_then(|when| checks.nested("start", when.into_when()));
        let end = self.end.and_then(|when| checks.nested("end", when.into_when()));
        let price = self.price.and_then(|price| checks.nested("price", price.into_money()));
        let rule = TextRule::line(1, 100);
        let confirmation = optional_text(&mut checks, "confirmation_number", self.confirmation_number, rule);
        let status = checks.optional("status", self.status.as_deref(), |name| match name {
            "saved" => Ok(Status::Saved),
            "booked" => Ok(Status::Booked),
            _ => Err(Rule::new("one_of", "must be one of saved, booked")),
        });
        let given = checks.optional("guests", self.guests, |list| at_most(list, MAX_GUESTS));
        let travellers = guests(&mut checks, given);
        let notes = optional_text(&mut checks, "notes", self.notes, TEXT);
        checks.build(|| {
            Some(Recorded {
                kind,
                status: status.unwrap_or(Status::Booked),
                trip: self.trip_id,
                title: title?,
                place,
                start,
                end,
                price,
                confirmation,
                travellers,
                notes,
            })
        })
    }
}

impl ServiceFields {
    fn into_service(self) -> Result<(String, u32), Invalid> {
        let mut checks = Checks::default();
        let id = checks.required("id", self.id, |id| provider_id(&id));
        let quantity = self.quantity.unwrap_or(1);
        checks.ensure(
            (1..=9).contains(&quantity),
            "quantity",
            "range",
            "must be between 1 and 9",
        );
        checks.build(|| Some((id?, quantity)))
    }
}

fn common(
    checks: &mut Checks,
    expected: Option<MoneyFields>,
    notes: Option<String>,
) -> (Option<Money>, Option<String>) {
    let expected = expected.and_then(|money| checks.nested("expected_total", money.into_money()));
    (expected, optional_text(checks, "notes", notes, TEXT))
}

fn guests(checks: &mut Checks, given: Option<Vec<TravellerFields>>) -> Vec<Traveller> {
    let mut guests = Vec::new();
    for (index, fields) in given.unwrap_or_default().into_iter().enumerate() {
        guests.extend(checks.nested(&format!("guests[{index}]"), fields.into_traveller()));
    }
    guests
}

fn bounded<T>(list: Vec<T>, max: usize) -> Result<Vec<T>, Rule> {
    if list.is_empty() {
        return Err(Rule::new("min_items", "must have at least one entry"));
    }
    at_most(list, max)
}

fn at_most<T>(list: Vec<T>, max: usize) -> Result<Vec<T>, Rule> {
    if list.len() > max {
        return Err(Rule::new("max_items", format!("must have at most {max} entries")));
    }
    Ok(list)
}

/// Tells two orders apart under one idempotency key. Nothing goes into it that must not be kept, not even as a digest:
/// the number of a passport can be guessed from one.
fn digest(
    kind: Kind,
    offer: &str,
    trip: Option<TripId>,
    expected: Option<Money>,
    names: &[Traveller],
    rest: &str,
) -> String {
    let trip = trip.map(|trip| trip.to_string()).unwrap_or_default();
    let expected = expected
        .map(|money| format!("{} {}", money.minor, money.currency.code()))
        .unwrap_or_default();
    let names = format!("{names:?}");
    let parts = [kind.name(), offer, &trip, &expected, &names, rest].map(str::as_bytes);
    Digest::of(&parts).to_string()
}
