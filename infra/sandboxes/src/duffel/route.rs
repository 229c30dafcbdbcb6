//! Routes on which Duffel's test mode behaves in a special way.

/// What is special about a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    NoOffers,
    Hold,
    TwoSegments,
    OneStop,
    NoBaggage,
    NoServices,
    SearchTimesOut,
    OfferGone,
    AirlineFails,
    NoBalance,
    PriceRises,
    AirlineChanges,
    AirlineCredit,
}

const ROUTES: &[(&str, &str, Special)] = &[
    ("PVD", "RAI", Special::NoOffers),
    ("JFK", "EWR", Special::Hold),
    ("LHR", "DXB", Special::TwoSegments),
    ("DXB", "AMS", Special::OneStop),
    ("BTS", "MRU", Special::NoBaggage),
    ("BTS", "ABV", Special::NoServices),
    ("STN", "LHR", Special::SearchTimesOut),
    ("LGW", "LHR", Special::OfferGone),
    ("LHR", "LGW", Special::AirlineFails),
    ("LGW", "STN", Special::NoBalance),
    ("LHR", "STN", Special::PriceRises),
    ("LHR", "LTN", Special::AirlineChanges),
    ("LTN", "SYD", Special::AirlineCredit),
];

/// The rule of a route, if it has one.
pub(super) fn special(origin: &str, destination: &str) -> Option<Special> {
    let route = ROUTES.iter().find(|route| (route.0, route.1) == (origin, destination));
    route.map(|route| route.2)
}
