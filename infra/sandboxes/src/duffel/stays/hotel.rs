//! Made-up hotels.

use serde_json::{Value, json};

use crate::chance;
use crate::geography;
use crate::grid::{self, Spot};

const KIND: &str = "hotel";
const PER_CELL: u64 = 12;

const FIRST: [&str; 10] = [
    "Grand",
    "Royal",
    "Little",
    "Old Mill",
    "Harbour",
    "Garden",
    "Station",
    "Bellevue",
    "Cedar",
    "Three Kings",
];
const SECOND: [&str; 5] = ["Hotel", "Inn", "Residence", "House", "Suites"];

/// A hotel.
#[derive(Debug, Clone)]
pub(super) struct Hotel {
    pub(super) id: String,
    spot: Spot,
    name: String,
    stars: u64,
}

/// The hotels around a point, nearest first.
pub(super) fn around(center: (f64, f64), kilometres: f64) -> Vec<Hotel> {
    let spots = grid::around(KIND, center, kilometres, PER_CELL);
    spots.into_iter().map(|(spot, _)| Hotel::at(spot)).collect()
}

/// The hotel with this identifier.
pub(super) fn named(id: &str) -> Option<Hotel> {
    let code = id.strip_prefix("acc_0000")?;
    Spot::named(KIND, code, PER_CELL).map(Hotel::at)
}

impl Hotel {
    fn at(spot: Spot) -> Self {
        let text = |list: &[&'static str], salt: &str| {
            let chosen = chance::one(&format!("{salt}{}", spot.code), list);
            chosen.copied().unwrap_or_default()
        };
        Self {
            id: format!("acc_0000{}", spot.code),
            name: format!("{} {}", text(&FIRST, "first"), text(&SECOND, "second")),
            stars: 2 + chance::below(&format!("stars{}", spot.code), 4),
            spot,
        }
    }

    /// Hundredths for a room and a night.
    pub(super) fn night(&self) -> i64 {
        let extra = chance::below(&format!("price{}", self.spot.code), 6000) as i64;
        4000 + 2500 * self.stars as i64 + extra
    }

    pub(super) fn json(&self, rooms: &[Value]) -> Value {
        let near = geography::nearest(self.spot.point(), 1000.0);
        let review = 60 + chance::below(&format!("review{}", self.spot.code), 40);
        json!({
            "id": self.id,
            "name": self.name,
            "description": format!("{} is a made-up hotel of {} stars.", self.name, self.stars),
            "amenities": [
                { "type": "wifi", "description": "Wi-Fi" },
                { "type": "restaurant", "description": "Restaurant" },
            ],
            "chain": null,
            "brand": null,
            "check_in_information": { "check_in_after_time": "15:00", "check_out_before_time": "11:00" },
            "location": {
                "address": {
                    "line_one": format!("{} Example Street", 1 + chance::below(&self.spot.code, 200)),
                    "city_name": near.map(|airport| &airport.city),
                    "region": null,
                    "postal_code": null,
                    "country_code": near.map(|airport| &airport.country),
                },
                "geographic_coordinates": { "latitude": self.spot.latitude, "longitude": self.spot.longitude },
            },
            "photos": [{ "url": format!("https://assets.duffel.com/img/stays/image-{}.jpg", self.stars) }],
            "rating": self.stars,
            "review_score": review as f64 / 10.0,
            "review_count": 10 + chance::below(&format!("reviews{}", self.spot.code), 900),
            "ratings": [{ "source": "expedia", "value": self.stars }],
            "rooms": rooms,
            "email": "stay@example.com",
            "phone_number": "+442080160509",
            "supported_loyalty_programme": null,
        })
    }
}
