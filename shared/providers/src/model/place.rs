use serde::{Deserialize, Serialize};
use tripsage_domain::{place::PriceLevel, trip::Coordinates};

/// What a search for places found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Places {
    /// Places, best first.
    pub places: Vec<Place>,
    /// Where the next ones begin.
    pub next_page: Option<String>,
    /// How many more there were that could not be read; they are left out.
    pub dropped: u32,
}

/// A place to go to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The provider's id: the one thing of it that may be kept for long.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its address on one line.
    pub address: Option<String>,
    /// Where it lies.
    #[serde(with = "coordinates")]
    pub coordinates: Option<Coordinates>,
    /// What it mainly is: a type of Google such as `museum`.
    pub primary_type: Option<String>,
    /// Everything it is.
    pub types: Vec<String>,
    /// 1 to 5.
    pub rating: Option<f64>,
    /// By how many.
    pub rating_count: Option<u32>,
    /// How much money it takes.
    pub price_level: Option<PriceLevel>,
    /// `false`: closed for a while or for good.
    pub operational: Option<bool>,
    /// Its page on Google's map, which must be linked where the place is shown.
    pub map_url: Option<String>,
}

/// A place with what only its own page says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlaceDetails {
    /// What a list says of it.
    pub place: Place,
    /// Its own page.
    pub website: Option<String>,
    /// Telephone number with the country's code.
    pub phone: Option<String>,
    /// Opening hours, a line for each day, in words.
    pub hours: Vec<String>,
    /// The same for a machine.
    pub periods: Vec<OpeningPeriod>,
    /// Offset of its clocks from UTC at present.
    pub utc_offset_minutes: Option<i16>,
    /// Whether its entrance is step-free.
    pub wheelchair_accessible: Option<bool>,
}

/// From opening to closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningPeriod {
    /// Day, 0 for Sunday, and minute of it.
    pub open: (u8, u16),
    /// The same; `None`: never closes.
    pub close: Option<(u8, u16)>,
}

pub(crate) mod coordinates {
    //! A point in the cache: latitude and longitude.

    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use tripsage_domain::trip::Coordinates;

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(crate) fn serialize<S: Serializer>(point: &Option<Coordinates>, serializer: S) -> Result<S::Ok, S::Error> {
        point.map(|at| (at.latitude, at.longitude)).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Coordinates>, D::Error> {
        let point = Option::<(f64, f64)>::deserialize(deserializer)?;
        Ok(point.and_then(|(latitude, longitude)| Coordinates::new(latitude, longitude).ok()))
    }
}
