use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::fields::{Amount, PassengerFields};

/// What flights to look for. Either `origin`, `destination` and `departure_date` (and `return_date` for a return), or
/// `segments`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlightSearchFields {
    /// IATA code of an airport, or of a city with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "LHR")]
    pub(crate) origin: Option<String>,
    /// IATA code of an airport, or of a city with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "JFK")]
    pub(crate) destination: Option<String>,
    /// Day of departure, on the calendar of the origin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) departure_date: Option<String>,
    /// Day of the flight back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) return_date: Option<String>,
    /// Two to six directions, in the place of the four fields above.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 6)]
    pub(crate) segments: Option<Vec<SegmentFields>>,
    /// Travellers of 18 and more; one when nothing is said. At most nine travellers in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 9)]
    pub(crate) adults: Option<u8>,
    /// Travellers of 2 to 17, searched as if they were 11: give `passengers` with their ages to book.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) children: Option<u8>,
    /// Travellers under 2, each on the lap of an adult.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) infants: Option<u8>,
    /// Everybody, in the place of the three numbers above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passengers: Option<Vec<PassengerFields>>,
    /// `economy`, `premium_economy`, `business` or `first`; any when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cabin_class: Option<String>,
    /// Changes and landings on the way at most, in each direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 5)]
    pub(crate) max_stops: Option<u8>,
    /// Price for everybody at most, in `currency`. Offers in another currency are not left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_price: Option<Amount>,
    /// ISO 4217 code of `max_price`: the currency of the account that searches, or nothing is left out. USD when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    /// Also look at the days before and after; for one direction or a return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) flexible_dates: Option<bool>,
    /// IATA codes of airlines whose flights gain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub(crate) preferred_airlines: Option<Vec<String>>,
    /// IATA codes of airlines whose flights are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub(crate) excluded_airlines: Option<Vec<String>>,
    /// The trip that it is for: kept with the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) trip_id: Option<String>,
    /// `score` (the best first, as if none were given), `price`, `duration`, `departure`, `arrival`, `stops` or `emissions`;
    /// also `relevance`, `price_asc`, `price_desc`, `departure_time`, `arrival_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_by: Option<String>,
    /// `asc` or `desc`; when absent the best comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_order: Option<String>,
    /// Number of the page, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50)]
    pub(crate) page: Option<u32>,
    /// Offers per page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) per_page: Option<u32>,
}

/// One direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentFields {
    /// IATA code.
    pub(crate) origin: String,
    /// IATA code.
    pub(crate) destination: String,
    /// Day of departure.
    #[schema(format = Date)]
    pub(crate) departure_date: String,
}
