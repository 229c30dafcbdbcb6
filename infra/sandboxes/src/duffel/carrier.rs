//! Airlines, what they charge, and when they fly. All but Duffel Airways are made up.

use serde_json::{Value, json};

/// An airline.
#[derive(Debug)]
pub(super) struct Carrier {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// Local hours and minutes at which it departs, on every route and day.
    pub(super) departures: &'static [(i8, i8)],
    /// Flies through a hub when the way is longer than this.
    pub(super) connects_over_km: Option<f64>,
    /// What it charges, compared with Duffel Airways.
    pub(super) price: f64,
    pub(super) cabins: &'static [Cabin],
    pub(super) fares: &'static [Fare],
    /// Wants passports when the way is longer than this.
    pub(super) documents_over_km: Option<f64>,
}

/// The conditions under which a seat is sold.
#[derive(Debug)]
pub(super) struct Fare {
    pub(super) brand: &'static str,
    pub(super) change: bool,
    pub(super) refund: bool,
    pub(super) price: f64,
    pub(super) checked_bags: u8,
}

/// Where in the aircraft one sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cabin {
    Economy,
    PremiumEconomy,
    Business,
    First,
}

const fn fare(brand: &'static str, change: bool, refund: bool, price: f64, checked_bags: u8) -> Fare {
    Fare {
        brand,
        change,
        refund,
        price,
        checked_bags,
    }
}

use Cabin::{Business, Economy, First, PremiumEconomy};

pub(super) const CARRIERS: &[Carrier] = &[
    Carrier {
        code: "ZZ",
        name: "Duffel Airways",
        departures: &[(6, 0), (12, 0), (18, 0)],
        connects_over_km: None,
        price: 1.0,
        cabins: &[Economy, PremiumEconomy, Business, First],
        fares: &[
            fare("Basic", false, false, 1.0, 0),
            fare("Standard", true, false, 1.06, 1),
            fare("Refundable", false, true, 1.10, 1),
            fare("Flex", true, true, 1.16, 2),
        ],
        documents_over_km: None,
    },
    Carrier {
        code: "X0",
        name: "Cloudberry Air",
        departures: &[(7, 15)],
        connects_over_km: None,
        price: 0.85,
        cabins: &[Economy],
        fares: &[fare("Light", false, false, 1.0, 0)],
        documents_over_km: None,
    },
    Carrier {
        code: "Y0",
        name: "Lantern Airways",
        departures: &[(10, 40), (16, 20)],
        connects_over_km: Some(3000.0),
        price: 1.1,
        cabins: &[Economy, Business],
        fares: &[fare("Saver", true, false, 1.0, 1), fare("Plus", true, true, 1.12, 2)],
        documents_over_km: Some(5000.0),
    },
    Carrier {
        code: "Z0",
        name: "Windrose",
        departures: &[(21, 30)],
        connects_over_km: Some(2000.0),
        price: 0.92,
        cabins: &[Economy, PremiumEconomy],
        fares: &[
            fare("Basic", false, false, 1.0, 0),
            fare("Standard", false, true, 1.08, 1),
        ],
        documents_over_km: None,
    },
];

/// Models by how far they fly: name, IATA code, kilometres.
pub(super) const AIRCRAFT: &[(&str, &str, f64)] = &[
    ("Airbus A320", "320", 3500.0),
    ("Airbus A321neo", "32Q", 6000.0),
    ("Boeing 787-9", "789", f64::INFINITY),
];

impl Carrier {
    pub(super) fn json(&self) -> Value {
        json!({
            "id": format!("arl_0000sandbox{}", self.code),
            "name": self.name,
            "iata_code": self.code,
            "logo_symbol_url": format!("https://assets.duffel.com/img/airlines/for-light-background/full-color-logo/{}.svg", self.code),
            "logo_lockup_url": null,
            "conditions_of_carriage_url": "https://example.com/conditions",
        })
    }
}

impl Cabin {
    pub(super) const ALL: [Self; 4] = [Economy, PremiumEconomy, Business, First];

    pub(super) fn name(self) -> &'static str {
        match self {
            Economy => "economy",
            PremiumEconomy => "premium_economy",
            Business => "business",
            First => "first",
        }
    }

    pub(super) fn marketing_name(self) -> &'static str {
        match self {
            Economy => "Economy",
            PremiumEconomy => "Premium Economy",
            Business => "Business",
            First => "First",
        }
    }

    /// What a seat costs, compared with economy.
    pub(super) fn price(self) -> f64 {
        match self {
            Economy => 1.0,
            PremiumEconomy => 1.577,
            Business => 6.2,
            First => 14.68,
        }
    }

    /// Kilograms of carbon dioxide for each kilometre and passenger.
    pub(super) fn emissions(self) -> f64 {
        match self {
            Economy => 0.08,
            PremiumEconomy => 0.12,
            Business => 0.24,
            First => 0.32,
        }
    }
}

/// Hundredths that one adult pays for one way.
pub(super) fn price(kilometres: f64, cabin: Cabin, carrier: &Carrier, fare: &Fare) -> i64 {
    // A line through what Duffel's test mode charges: LGW-BCN 70, JFK-LAX 167, LHR-JFK 220.
    let economy = 32.5 + 0.0338 * kilometres;
    (economy * cabin.price() * carrier.price * fare.price * 100.0).round() as i64
}
