//! What providers answer, in our own words: one form for whoever decides with it and for the cache.
//!
//! These types are serialisable, unlike those of the domain, because a cached search is kept as it is: a second form
//! for the cache would say the same thing twice. They are never what a client receives. Texts in them come from
//! others: they are bounded in length and free of control characters, and still nothing to be trusted or rendered
//! as markup.

mod flight;
pub(crate) mod money;
mod order;
mod place;
mod stay;
mod text;
mod weather;

pub use flight::{
    Airline, Allowance, Baggage, FlightOffers, FlightPlace, Offer, OfferConditions, OfferPassenger,
    PaymentRequirements, PricedOffer, Segment, SegmentPassenger, ServiceKind, ServiceOffer, Slice, Stop,
};
pub use order::{
    AirlineChange, CancellationQuote, DocumentKind, IdentityDocument, NewOrder, Order, OrderAction, OrderKind,
    OrderPassenger, OrderSummary, OrderedService, Payment, PaymentStatus, RefundTo, TicketDocument,
};
pub use place::{OpeningPeriod, Place, PlaceDetails, Places};
pub use stay::{
    Accommodation, CancellationStep, NewStayBooking, Photo, StayBooking, StayBookingStatus, StayGuest, StayListing,
    StayQuote, StayRate, Stays,
};
pub(crate) use text::{bounded, bounded_option, web_address, zone_name};
pub use weather::{Forecast, WeatherDay};
