//! Made-up places to see, to eat and to be.

use serde_json::{Value, json};

use crate::chance;
use crate::geography::{self, Airport};
use crate::grid::{self, Spot};

const KIND: &str = "place";
const PER_CELL: u64 = 40;

/// A sort of place: its types, the words that ask for it, and how it is named.
pub(super) struct Sort {
    pub(super) types: &'static [&'static str],
    words: &'static [&'static str],
    name: &'static str,
    costs: bool,
}

const fn sort(types: &'static [&'static str], words: &'static [&'static str], name: &'static str, costs: bool) -> Sort {
    Sort {
        types,
        words,
        name,
        costs,
    }
}

pub(super) const SORTS: [Sort; 10] = [
    sort(
        &["museum", "tourist_attraction", "point_of_interest"],
        &["museum"],
        "Museum",
        false,
    ),
    sort(
        &["art_gallery", "tourist_attraction", "point_of_interest"],
        &["gallery", "art"],
        "Gallery",
        false,
    ),
    sort(
        &["park", "tourist_attraction", "point_of_interest"],
        &["park", "garden"],
        "Park",
        false,
    ),
    sort(
        &["historical_landmark", "tourist_attraction", "point_of_interest"],
        &["landmark", "sight", "attraction", "monument"],
        "Tower",
        false,
    ),
    sort(
        &["church", "tourist_attraction", "place_of_worship"],
        &["church", "cathedral", "temple"],
        "Chapel",
        false,
    ),
    sort(
        &["restaurant", "food", "point_of_interest"],
        &["restaurant", "food", "eat", "dinner", "lunch"],
        "Kitchen",
        true,
    ),
    sort(
        &["cafe", "food", "point_of_interest"],
        &["cafe", "coffee", "breakfast"],
        "Café",
        true,
    ),
    sort(&["bar", "point_of_interest"], &["bar", "pub", "nightlife"], "Bar", true),
    sort(
        &["shopping_mall", "point_of_interest"],
        &["shopping", "mall", "market"],
        "Market Hall",
        false,
    ),
    sort(
        &["zoo", "tourist_attraction", "point_of_interest"],
        &["zoo", "animals"],
        "Zoo",
        false,
    ),
];

const NAMES: [&str; 12] = [
    "Alder", "Beacon", "Copper", "Dahlia", "Ember", "Falcon", "Gilded", "Hazel", "Ivory", "Juniper", "Lantern",
    "Meadow",
];
const PRICES: [&str; 4] = [
    "PRICE_LEVEL_INEXPENSIVE",
    "PRICE_LEVEL_MODERATE",
    "PRICE_LEVEL_EXPENSIVE",
    "PRICE_LEVEL_VERY_EXPENSIVE",
];

/// A place.
#[derive(Clone)]
pub(super) struct Attraction {
    spot: Spot,
    pub(super) sort: &'static Sort,
}

/// Every place around a point, nearest first.
pub(super) fn around(center: (f64, f64), kilometres: f64) -> Vec<Attraction> {
    let spots = grid::around(KIND, center, kilometres, PER_CELL).into_iter();
    spots.map(|(spot, _)| Attraction::at(spot)).collect()
}

/// The place with this identifier.
pub(super) fn named(id: &str) -> Option<Attraction> {
    let code = id.strip_prefix("ChIJ")?.get(..10)?;
    let found = Spot::named(KIND, code, PER_CELL).map(Attraction::at)?;
    (found.id() == id).then_some(found)
}

/// The sorts that a text asks for, by its words.
pub(super) fn asked_for(text: &str) -> Vec<&'static str> {
    let words = |sort: &&Sort| sort.words.iter().any(|word| text.contains(word));
    SORTS
        .iter()
        .filter(words)
        .filter_map(|sort| sort.types.first().copied())
        .collect()
}

impl Attraction {
    fn at(spot: Spot) -> Self {
        let chosen = chance::below(&format!("sort{}", spot.code), SORTS.len() as u64);
        Self {
            sort: &SORTS[usize::try_from(chosen).unwrap_or(0)],
            spot,
        }
    }

    fn id(&self) -> String {
        format!(
            "ChIJ{}{}",
            self.spot.code,
            chance::letters(&format!("place{}", self.spot.code), 13)
        )
    }

    fn number(&self, salt: &str, below: u64) -> u64 {
        chance::below(&format!("{salt}{}", self.spot.code), below)
    }

    /// Tenths of stars.
    pub(super) fn rating(&self) -> u64 {
        30 + self.number("rating", 21)
    }

    pub(super) fn reviews(&self) -> u64 {
        20 + self.number("reviews", 9000)
    }

    pub(super) fn price_level(&self) -> Option<&'static str> {
        let chosen = chance::one(&format!("price{}", self.spot.code), &PRICES);
        chosen.copied().filter(|_| self.sort.costs)
    }

    fn name(&self) -> String {
        let first = chance::one(&format!("name{}", self.spot.code), &NAMES);
        format!("{} {}", first.copied().unwrap_or_default(), self.sort.name)
    }

    fn city(&self) -> Option<&'static Airport> {
        geography::nearest(self.spot.point(), 120.0)
    }

    pub(super) fn json(&self) -> Value {
        let id = self.id();
        let name = self.name();
        let (latitude, longitude) = self.spot.point();
        let street = format!("{} Sample Street", 1 + self.number("street", 200));
        let (city, country) = self
            .city()
            .map_or(("Nowhere", "ZZ"), |city| (city.city.as_str(), city.country.as_str()));
        let opens = 7 + self.number("opens", 4);
        let period = |day: u64| {
            json!({
                "open": { "day": day, "hour": opens, "minute": 0 },
                "close": { "day": day, "hour": opens + 9, "minute": 30 },
            })
        };
        // Some are closed on Mondays.
        let days: Vec<u64> = (0..7).filter(|day| *day != 1 || self.number("monday", 3) > 0).collect();
        let mut place = json!({
            "name": format!("places/{id}"),
            "id": id,
            "types": self.sort.types,
            "primaryType": self.sort.types.first(),
            "displayName": { "text": name, "languageCode": "en" },
            "formattedAddress": format!("{street}, {city}, {country}"),
            "addressComponents": [
                { "longText": street, "shortText": street, "types": ["route"], "languageCode": "en" },
                { "longText": city, "shortText": city, "types": ["locality"], "languageCode": "en" },
                { "longText": country, "shortText": country, "types": ["country"], "languageCode": "en" },
            ],
            "location": { "latitude": latitude, "longitude": longitude },
            "viewport": {
                "low": { "latitude": latitude - 0.001, "longitude": longitude - 0.001 },
                "high": { "latitude": latitude + 0.001, "longitude": longitude + 0.001 },
            },
            "rating": self.rating() as f64 / 10.0,
            "userRatingCount": self.reviews(),
            "businessStatus": "OPERATIONAL",
            "regularOpeningHours": { "periods": days.into_iter().map(period).collect::<Vec<_>>() },
            "googleMapsUri": format!("https://maps.google.com/?cid={}", self.spot.code),
            "websiteUri": format!("https://example.com/{}", self.spot.code),
            "internationalPhoneNumber": "+44 20 8016 0509",
            "editorialSummary": { "text": format!("{name} is made up."), "languageCode": "en" },
            "photos": [{
                "name": format!("places/{id}/photos/1"), "widthPx": 1200, "heightPx": 800,
                "authorAttributions": [{ "displayName": "Nobody", "uri": "https://example.com" }],
            }],
        });
        if let Some(level) = self.price_level() {
            place["priceLevel"] = level.into();
        }
        place
    }
}
