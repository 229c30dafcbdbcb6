use jiff::{Timestamp, civil::DateTime};
use serde::Serialize;
use tripsage_domain::search::{FlightFacts, Leg, Score};
use tripsage_providers::model::{Allowance, Offer, Segment, Slice};
use utoipa::ToSchema;

use crate::fields::{Price, ScorePart, score_parts};

/// An offer of flights. Prices are for everybody together.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FlightOffer {
    /// The provider's id: what a booking names.
    #[schema(example = "off_0000AEdGRhtp5AUUdJqW9Y")]
    id: String,
    /// Who sells it.
    source: &'static str,
    /// The same as `id`.
    source_offer_id: String,
    /// Whether it can be booked here: it was found with the caller's own key, and has not expired.
    bookable: bool,
    /// Whether it can be held now and paid later.
    holdable: bool,
    /// Until when it can be ordered.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Price in all.
    #[schema(example = "219.50")]
    total_price: String,
    /// The part that is not taxes.
    base_price: Option<String>,
    /// The taxes.
    taxes: Option<String>,
    /// ISO 4217 code of the prices.
    currency: &'static str,
    /// The airline that sells it.
    airline: AirlineBody,
    /// Codes of the airlines that fly.
    airlines: Vec<String>,
    /// The lowest class of cabin on the way.
    cabin_class: Option<&'static str>,
    /// Minutes in the air and on the ground, all directions together.
    total_duration: Option<u32>,
    /// Changes and landings on the way, at most in one direction.
    stops_count: usize,
    /// Flights of the first direction.
    outbound_segments: Vec<SegmentBody>,
    /// Flights of the second direction of a return; empty otherwise.
    return_segments: Vec<SegmentBody>,
    /// All directions.
    slices: Vec<SliceBody>,
    /// Giving it back before departure.
    refundable: Option<ConditionBody>,
    /// Changing it before departure.
    changeable: Option<ConditionBody>,
    /// Whether passengers' documents are needed to order.
    documents_required: bool,
    /// Passengers, with the ids that a booking names.
    passengers: Vec<PassengerBody>,
    /// Carbon dioxide for everybody, as the provider estimates it.
    emissions_kg: Option<u32>,
    /// `false`: the provider says that this is a test.
    live_mode: bool,
    /// How good it is among all that were found, 0 to 1; absent for an offer that is read alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    /// The part of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    price_score: Option<f64>,
    /// The part of changes, duration and times of day.
    #[serde(skip_serializing_if = "Option::is_none")]
    convenience_score: Option<f64>,
    /// What the score is made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    score_parts: Vec<ScorePart>,
    /// Extras that can be ordered with it; only for an offer that is read alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    available_services: Vec<ServiceBody>,
}

/// An airline.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AirlineBody {
    /// IATA code.
    iata_code: Option<String>,
    /// Name.
    name: String,
}

/// One direction.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SliceBody {
    /// Where it begins.
    origin: PlaceBody,
    /// Where it ends.
    destination: PlaceBody,
    /// Minutes from the first departure to the last arrival.
    duration_minutes: Option<u32>,
    /// Changes and landings on the way.
    stops: usize,
    /// Name of the fare.
    fare_brand: Option<String>,
    /// Flights, in order.
    segments: Vec<SegmentBody>,
}

/// An airport or a city.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PlaceBody {
    /// IATA code.
    iata_code: String,
    /// Name.
    name: String,
    /// City.
    city: Option<String>,
}

/// One flight.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SegmentBody {
    /// IATA code.
    origin: String,
    /// IATA code.
    destination: String,
    /// On the clocks of the origin.
    #[schema(value_type = String, example = "2027-06-01T10:20:00")]
    departure_date: DateTime,
    /// IANA zone of those clocks.
    departure_time_zone: Option<String>,
    /// On the clocks of the destination.
    #[schema(value_type = String, example = "2027-06-01T13:05:00")]
    arrival_date: DateTime,
    /// IANA zone of those clocks.
    arrival_time_zone: Option<String>,
    /// Code, else name, of the airline whose number it has.
    airline: String,
    /// Code and number: `BA117`.
    flight_number: Option<String>,
    /// Name of the airline that flies it, where that is another one.
    operated_by: Option<String>,
    /// Aircraft.
    aircraft_type: Option<String>,
    /// Minutes.
    duration_minutes: Option<u32>,
    /// Terminal of departure.
    origin_terminal: Option<String>,
    /// Terminal of arrival.
    destination_terminal: Option<String>,
    /// IATA codes of landings on the way.
    stops: Vec<String>,
    /// Class of cabin.
    cabin_class: Option<&'static str>,
    /// Checked bags that each passenger may take, at least.
    checked_bags: u32,
}

/// What may be undone.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ConditionBody {
    /// Whether it may.
    allowed: bool,
    /// What is kept; `null`: not known.
    penalty: Option<Price>,
}

/// A passenger of an offer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PassengerBody {
    /// The id that a booking names.
    id: String,
    /// What the provider takes them for.
    r#type: Option<String>,
    /// Age.
    age: Option<u8>,
}

/// An extra.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ServiceBody {
    /// The id that a booking names.
    id: String,
    /// `baggage`, `seat`, `cancel_for_any_reason` or `other`.
    r#type: String,
    /// What one costs.
    price: Price,
    /// How many at most.
    max_quantity: u32,
    /// For which passengers.
    passenger_ids: Vec<String>,
    /// Kilograms of a bag.
    max_weight_kg: Option<u32>,
}

/// What choosing between offers depends on.
pub(crate) fn facts(offer: &Offer) -> FlightFacts {
    let leg = |segment: &Segment| Leg {
        carrier: carrier(segment),
        number: segment.flight_number.clone().unwrap_or_default(),
        origin: segment.origin.iata.clone(),
        destination: segment.destination.iata.clone(),
        departs: segment.departing_at,
        arrives: segment.arriving_at,
    };
    let minutes: Option<Vec<u32>> = offer.slices.iter().map(|slice| slice.duration_minutes).collect();
    let fares = offer.slices.iter().map(|slice| {
        let cabins: Vec<&str> = slice
            .segments
            .iter()
            .map(|segment| cabin(segment).unwrap_or_default())
            .collect();
        let bags: u32 = slice.segments.iter().map(checked_bags).min().unwrap_or(0);
        let brand = slice.fare_brand.as_deref().unwrap_or_default();
        format!("{brand}/{}/{bags}", cabins.join(","))
    });
    FlightFacts {
        price: offer.total,
        minutes: minutes.map(|minutes| minutes.iter().sum()),
        stops: offer.slices.iter().map(Slice::stops).collect(),
        slices: offer
            .slices
            .iter()
            .map(|slice| slice.segments.iter().map(leg).collect())
            .collect(),
        fare: fares.collect::<Vec<_>>().join(" "),
        emissions_kg: offer.emissions_kg,
    }
}

fn carrier(segment: &Segment) -> String {
    let airline = &segment.marketing_carrier;
    airline.iata.clone().unwrap_or_else(|| airline.name.clone())
}

fn cabin(segment: &Segment) -> Option<&'static str> {
    segment
        .passengers
        .iter()
        .find_map(|passenger| passenger.cabin)
        .map(|cabin| cabin.name())
}

fn checked_bags(segment: &Segment) -> u32 {
    let bags = segment.passengers.iter().map(|passenger| {
        let checked = passenger.baggage.iter().filter(|bag| bag.kind == "checked");
        checked.map(|bag| bag.quantity).sum::<u32>()
    });
    bags.min().unwrap_or(0)
}

impl FlightOffer {
    /// `own_key`: it was found with the caller's own key.
    pub(crate) fn new(offer: &Offer, own_key: bool, now: Timestamp) -> Self {
        let facts = facts(offer);
        let mut airlines: Vec<String> = facts.slices.iter().flatten().map(|leg| leg.carrier.clone()).collect();
        airlines.sort();
        airlines.dedup();
        let segments = offer.slices.iter().flat_map(|slice| &slice.segments);
        let cabins = segments.filter_map(|segment| segment.passengers.iter().find_map(|passenger| passenger.cabin));
        let direction = |at: usize| {
            offer
                .slices
                .get(at)
                .map(|slice| slice.segments.iter().map(SegmentBody::new).collect())
        };
        let is_return = offer.slices.len() == 2;
        Self {
            id: offer.id.clone(),
            source: "duffel",
            source_offer_id: offer.id.clone(),
            bookable: own_key && offer.is_open(now),
            holdable: !offer.payment.instant,
            expires_at: offer.expires_at,
            total_price: offer.total.decimal(),
            base_price: offer.base.map(|money| money.decimal()),
            taxes: offer.tax.map(|money| money.decimal()),
            currency: offer.total.currency.code(),
            airline: AirlineBody {
                iata_code: offer.owner.iata.clone(),
                name: offer.owner.name.clone(),
            },
            airlines,
            cabin_class: cabins.min().map(|cabin| cabin.name()),
            total_duration: facts.minutes,
            stops_count: facts.stops.iter().copied().max().unwrap_or(0),
            outbound_segments: direction(0).unwrap_or_default(),
            return_segments: direction(1).filter(|_| is_return).unwrap_or_default(),
            slices: offer.slices.iter().map(SliceBody::new).collect(),
            refundable: offer.conditions.refund.as_ref().map(ConditionBody::new),
            changeable: offer.conditions.change.as_ref().map(ConditionBody::new),
            documents_required: offer.documents_required,
            passengers: offer
                .passengers
                .iter()
                .map(|passenger| PassengerBody {
                    id: passenger.id.clone(),
                    r#type: passenger.kind.clone(),
                    age: passenger.age,
                })
                .collect(),
            emissions_kg: offer.emissions_kg,
            live_mode: offer.live_mode,
            score: None,
            price_score: None,
            convenience_score: None,
            score_parts: Vec::new(),
            available_services: offer.services.iter().map(ServiceBody::new).collect(),
        }
    }

    pub(crate) fn scored(mut self, score: &Score) -> Self {
        self.score = Some(score.total);
        self.price_score = score.part("price");
        self.convenience_score = score.part("convenience");
        self.score_parts = score_parts(score);
        self
    }
}

impl SliceBody {
    fn new(slice: &Slice) -> Self {
        let place = |place: &tripsage_providers::model::FlightPlace| PlaceBody {
            iata_code: place.iata.clone(),
            name: place.name.clone(),
            city: place.city.clone(),
        };
        Self {
            origin: place(&slice.origin),
            destination: place(&slice.destination),
            duration_minutes: slice.duration_minutes,
            stops: slice.stops(),
            fare_brand: slice.fare_brand.clone(),
            segments: slice.segments.iter().map(SegmentBody::new).collect(),
        }
    }
}

impl SegmentBody {
    fn new(segment: &Segment) -> Self {
        let airline = carrier(segment);
        let operator = segment.operating_carrier.as_ref();
        let operator = operator.filter(|operator| operator.name != segment.marketing_carrier.name);
        Self {
            origin: segment.origin.iata.clone(),
            destination: segment.destination.iata.clone(),
            departure_date: segment.departing_at,
            departure_time_zone: segment.origin.time_zone.clone(),
            arrival_date: segment.arriving_at,
            arrival_time_zone: segment.destination.time_zone.clone(),
            flight_number: segment
                .flight_number
                .as_ref()
                .map(|number| format!("{airline}{number}")),
            airline,
            operated_by: operator.map(|operator| operator.name.clone()),
            aircraft_type: segment.aircraft.clone(),
            duration_minutes: segment.duration_minutes,
            origin_terminal: segment.origin_terminal.clone(),
            destination_terminal: segment.destination_terminal.clone(),
            stops: segment.stops.iter().map(|stop| stop.airport.iata.clone()).collect(),
            cabin_class: cabin(segment),
            checked_bags: checked_bags(segment),
        }
    }
}

impl ConditionBody {
    fn new(allowance: &Allowance) -> Self {
        Self {
            allowed: allowance.allowed,
            penalty: allowance.penalty.map(Price::from),
        }
    }
}

impl ServiceBody {
    fn new(service: &tripsage_providers::model::ServiceOffer) -> Self {
        use tripsage_providers::model::ServiceKind;
        let kind = match service.kind {
            ServiceKind::Baggage => "baggage",
            ServiceKind::Seat => "seat",
            ServiceKind::CancelForAnyReason => "cancel_for_any_reason",
            ServiceKind::Other => "other",
        };
        Self {
            id: service.id.clone(),
            r#type: kind.to_owned(),
            price: service.total.into(),
            max_quantity: service.max_quantity,
            passenger_ids: service.passenger_ids.clone(),
            max_weight_kg: service.max_weight_kg,
        }
    }
}
