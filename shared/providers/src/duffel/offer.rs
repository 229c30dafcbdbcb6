//! Offers as Duffel writes them, and how they become ours. What an offer cannot be without makes it unreadable;
//! everything else is optional here, whatever the documentation promises.

use jiff::{Timestamp, civil::DateTime};
use serde::Deserialize;
use tripsage_domain::trip::Coordinates;

use super::wire::{Scalar, minutes, money, money_option};
use crate::model::{
    Airline, Allowance, Baggage, FlightPlace, Offer, OfferConditions, OfferPassenger, PaymentRequirements, Segment,
    SegmentPassenger, ServiceKind, ServiceOffer, Slice, Stop, bounded, bounded_option, web_address, zone_name,
};

#[derive(Deserialize)]
pub(super) struct WireOffer {
    id: String,
    #[serde(default)]
    live_mode: bool,
    expires_at: Timestamp,
    owner: Option<WireAirline>,
    total_amount: String,
    total_currency: String,
    base_amount: Option<String>,
    base_currency: Option<String>,
    tax_amount: Option<String>,
    tax_currency: Option<String>,
    total_emissions_kg: Option<Scalar>,
    payment_requirements: Option<WireRequirements>,
    conditions: Option<WireConditions>,
    #[serde(default)]
    passenger_identity_documents_required: bool,
    passengers: Vec<WirePassenger>,
    slices: Vec<WireSlice>,
    available_services: Option<Vec<WireService>>,
}

#[derive(Deserialize)]
struct WireAirline {
    iata_code: Option<String>,
    name: Option<String>,
    logo_symbol_url: Option<String>,
}

#[derive(Deserialize)]
struct WireRequirements {
    requires_instant_payment: Option<bool>,
    price_guarantee_expires_at: Option<Timestamp>,
    payment_required_by: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
pub(super) struct WireConditions {
    refund_before_departure: Option<WireAllowance>,
    change_before_departure: Option<WireAllowance>,
}

#[derive(Deserialize)]
struct WireAllowance {
    allowed: bool,
    penalty_amount: Option<String>,
    penalty_currency: Option<String>,
}

#[derive(Deserialize)]
struct WirePassenger {
    id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    age: Option<u8>,
}

#[derive(Deserialize)]
pub(super) struct WireSlice {
    id: String,
    origin: WirePlace,
    destination: WirePlace,
    duration: Option<String>,
    fare_brand_name: Option<String>,
    segments: Vec<WireSegment>,
}

#[derive(Deserialize)]
struct WireSegment {
    id: String,
    origin: WirePlace,
    destination: WirePlace,
    origin_terminal: Option<String>,
    destination_terminal: Option<String>,
    departing_at: DateTime,
    arriving_at: DateTime,
    duration: Option<String>,
    aircraft: Option<Named>,
    marketing_carrier: Option<WireAirline>,
    marketing_carrier_flight_number: Option<String>,
    operating_carrier: Option<WireAirline>,
    stops: Option<Vec<WireStop>>,
    passengers: Option<Vec<WireSegmentPassenger>>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

#[derive(Deserialize)]
struct WireStop {
    airport: WirePlace,
    duration: Option<String>,
}

#[derive(Deserialize)]
struct WireSegmentPassenger {
    passenger_id: String,
    cabin_class: Option<String>,
    cabin_class_marketing_name: Option<String>,
    fare_basis_code: Option<String>,
    baggages: Option<Vec<WireBaggage>>,
}

#[derive(Deserialize)]
struct WireBaggage {
    #[serde(rename = "type")]
    kind: String,
    quantity: u32,
}

#[derive(Deserialize)]
struct WirePlace {
    iata_code: Option<String>,
    name: Option<String>,
    city_name: Option<String>,
    iata_country_code: Option<String>,
    time_zone: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

#[derive(Deserialize)]
struct WireService {
    id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    total_amount: String,
    total_currency: String,
    maximum_quantity: Option<u32>,
    #[serde(default)]
    passenger_ids: Vec<String>,
    #[serde(default)]
    segment_ids: Vec<String>,
    metadata: Option<ServiceMetadata>,
}

#[derive(Deserialize)]
struct ServiceMetadata {
    maximum_weight_kg: Option<Scalar>,
}

impl WireOffer {
    pub(super) fn read(self) -> Option<Offer> {
        let requirements = self.payment_requirements;
        let emissions = self.total_emissions_kg.as_ref().and_then(Scalar::number);
        Some(Offer {
            id: self.id,
            owner: airline(self.owner),
            expires_at: self.expires_at,
            total: money(&self.total_amount, &self.total_currency)?,
            base: money_option(self.base_amount.as_deref(), self.base_currency.as_deref()),
            tax: money_option(self.tax_amount.as_deref(), self.tax_currency.as_deref()),
            emissions_kg: emissions
                .filter(|kg| (0.0..1e9).contains(kg))
                .map(|kg| kg.round() as u32),
            payment: PaymentRequirements {
                // Whatever does not clearly say that it can wait is paid at once.
                instant: requirements
                    .as_ref()
                    .and_then(|r| r.requires_instant_payment)
                    .unwrap_or(true),
                payment_required_by: requirements.as_ref().and_then(|r| r.payment_required_by),
                price_guaranteed_until: requirements.as_ref().and_then(|r| r.price_guarantee_expires_at),
            },
            conditions: self.conditions.unwrap_or_default().read(),
            documents_required: self.passenger_identity_documents_required,
            passengers: self.passengers.into_iter().map(WirePassenger::read).collect(),
            slices: slices(self.slices)?,
            services: self
                .available_services
                .unwrap_or_default()
                .into_iter()
                .filter_map(WireService::read)
                .collect(),
            live_mode: self.live_mode,
        })
    }
}

impl WireConditions {
    pub(super) fn read(self) -> OfferConditions {
        let allowance = |wire: WireAllowance| Allowance {
            allowed: wire.allowed,
            penalty: money_option(wire.penalty_amount.as_deref(), wire.penalty_currency.as_deref()),
        };
        OfferConditions {
            refund: self.refund_before_departure.map(allowance),
            change: self.change_before_departure.map(allowance),
        }
    }
}

impl WirePassenger {
    fn read(self) -> OfferPassenger {
        OfferPassenger {
            id: self.id,
            kind: self.kind,
            age: self.age,
        }
    }
}

impl WireService {
    fn read(self) -> Option<ServiceOffer> {
        let weight = self.metadata.and_then(|metadata| metadata.maximum_weight_kg?.number());
        Some(ServiceOffer {
            id: self.id,
            kind: match self.kind.as_deref() {
                Some("baggage") => ServiceKind::Baggage,
                Some("seat") => ServiceKind::Seat,
                Some("cancel_for_any_reason") => ServiceKind::CancelForAnyReason,
                _ => ServiceKind::Other,
            },
            total: money(&self.total_amount, &self.total_currency)?,
            max_quantity: self.maximum_quantity.unwrap_or(1),
            passenger_ids: self.passenger_ids,
            segment_ids: self.segment_ids,
            max_weight_kg: weight.filter(|kg| (0.0..1_000.0).contains(kg)).map(|kg| kg as u32),
        })
    }
}

/// All slices, each with at least one flight; `None` when one is missing.
pub(super) fn slices(slices: Vec<WireSlice>) -> Option<Vec<Slice>> {
    let slices = slices.into_iter().map(WireSlice::read).collect::<Option<Vec<_>>>()?;
    (!slices.is_empty()).then_some(slices)
}

impl WireSlice {
    fn read(self) -> Option<Slice> {
        let segments = self
            .segments
            .into_iter()
            .map(WireSegment::read)
            .collect::<Option<Vec<_>>>()?;
        (!segments.is_empty()).then_some(Slice {
            id: self.id,
            origin: self.origin.read()?,
            destination: self.destination.read()?,
            duration_minutes: minutes(self.duration.as_deref()),
            fare_brand: bounded_option(self.fare_brand_name.as_deref(), 100),
            segments,
        })
    }
}

impl WireSegment {
    fn read(self) -> Option<Segment> {
        let stops = self.stops.unwrap_or_default().into_iter().filter_map(|stop| {
            Some(Stop {
                airport: stop.airport.read()?,
                duration_minutes: minutes(stop.duration.as_deref()),
            })
        });
        Some(Segment {
            id: self.id,
            origin: self.origin.read()?,
            destination: self.destination.read()?,
            origin_terminal: bounded_option(self.origin_terminal.as_deref(), 20),
            destination_terminal: bounded_option(self.destination_terminal.as_deref(), 20),
            departing_at: self.departing_at,
            arriving_at: self.arriving_at,
            duration_minutes: minutes(self.duration.as_deref()),
            marketing_carrier: airline(self.marketing_carrier),
            flight_number: bounded_option(self.marketing_carrier_flight_number.as_deref(), 10),
            operating_carrier: self.operating_carrier.map(|carrier| airline(Some(carrier))),
            aircraft: self
                .aircraft
                .and_then(|aircraft| bounded_option(aircraft.name.as_deref(), 100)),
            stops: stops.collect(),
            passengers: self
                .passengers
                .unwrap_or_default()
                .into_iter()
                .map(WireSegmentPassenger::read)
                .collect(),
        })
    }
}

impl WireSegmentPassenger {
    fn read(self) -> SegmentPassenger {
        let baggage = self.baggages.unwrap_or_default().into_iter().map(|bag| Baggage {
            kind: bounded(&bag.kind, 20),
            quantity: bag.quantity,
        });
        SegmentPassenger {
            passenger_id: self.passenger_id,
            cabin: self.cabin_class.and_then(|cabin| cabin.parse().ok()),
            cabin_name: bounded_option(self.cabin_class_marketing_name.as_deref(), 100),
            fare_basis: bounded_option(self.fare_basis_code.as_deref(), 20),
            baggage: baggage.collect(),
        }
    }
}

impl WirePlace {
    fn read(self) -> Option<FlightPlace> {
        let iata = self.iata_code?;
        Some(FlightPlace {
            name: bounded_option(self.name.as_deref(), 200).unwrap_or_else(|| iata.clone()),
            iata: bounded(&iata, 3),
            city: bounded_option(self.city_name.as_deref(), 200),
            country: bounded_option(self.iata_country_code.as_deref(), 2),
            time_zone: zone_name(self.time_zone.as_deref()),
            coordinates: self
                .latitude
                .zip(self.longitude)
                .and_then(|(latitude, longitude)| Coordinates::new(latitude, longitude).ok()),
        })
    }
}

fn airline(wire: Option<WireAirline>) -> Airline {
    let Some(wire) = wire else {
        return Airline {
            iata: None,
            name: "unknown".to_owned(),
            logo_url: None,
        };
    };
    let iata = bounded_option(wire.iata_code.as_deref(), 3);
    Airline {
        name: bounded_option(wire.name.as_deref(), 200)
            .or_else(|| iata.clone())
            .unwrap_or_else(|| "unknown".to_owned()),
        logo_url: web_address(wire.logo_symbol_url.as_deref()),
        iata,
    }
}
