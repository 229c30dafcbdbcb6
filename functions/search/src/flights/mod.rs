//! Flights.

mod answer;
mod get_offer;
mod offer_body;
mod question;
mod search_fields;
mod search_flights;

pub(crate) use get_offer::get_offer;
pub(crate) use offer_body::facts as flight_facts;
pub(crate) use question::FlightQuestion;
pub(crate) use search_fields::FlightSearchFields;
pub(crate) use search_flights::{ask_flights, get_flight_search, search_flights};
pub(crate) use {
    get_offer::__path_get_offer, search_flights::__path_get_flight_search, search_flights::__path_search_flights,
};
