use serde::Serialize;
use tripsage_domain::{
    money::Money,
    search::{Direction, FlightFacts, SortBy, StayFacts, rank_flights, rank_stays},
};
use tripsage_providers::model::{FlightOffers, Places, Stays};
use utoipa::ToSchema;

use crate::{
    activities::{ActivityQuestion, rating_score},
    asking::Asked,
    fields::Price,
    flights::{FlightQuestion, flight_facts},
    places::{PointBody, full_name},
    showing::Shown,
    stays::{StayQuestion, stay_facts},
};

/// Results of one kind that are mixed with those of others; the searches of one kind give all.
const OF_A_KIND: usize = 25;

/// What results of all kinds are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnifiedOrder {
    /// How well it fits.
    Relevance,
    /// The price; what has none comes last.
    Price,
    /// What people think; what nobody has rated comes last.
    Rating,
}

impl SortBy for UnifiedOrder {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("relevance", Self::Relevance),
        ("price", Self::Price),
        ("rating", Self::Rating),
    ];

    const ALIASES: &'static [(&'static str, Self, Option<Direction>)] = &[
        ("price_asc", Self::Price, Some(Direction::Ascending)),
        ("price_desc", Self::Price, Some(Direction::Descending)),
    ];

    fn natural(self) -> Direction {
        if self == Self::Price {
            Direction::Ascending
        } else {
            Direction::Descending
        }
    }
}

/// Something that was found, of whatever kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UnifiedResult {
    /// Its id among its kind.
    id: String,
    /// `destination`, `flight`, `accommodation` or `activity`.
    pub(super) r#type: &'static str,
    /// What to show.
    title: String,
    /// More about it.
    description: Option<String>,
    /// What it costs.
    price: Option<Price>,
    /// Where it is.
    location: Option<PointBody>,
    /// 1 to 5.
    rating: Option<f64>,
    /// By how many people.
    review_count: Option<u32>,
    /// How well it fits, 0 to 1.
    relevance_score: f64,
    /// Why it fits.
    match_reasons: Vec<&'static str>,
    /// Where more is to be read.
    link: String,
    /// For sorting: prices in other currencies cannot be compared, and stand in groups.
    #[serde(skip)]
    money: Option<Money>,
}

/// Sorts what was found.
pub(super) fn sort(results: &mut [UnifiedResult], shown: &Shown<UnifiedOrder>) {
    let descending = shown.direction == Direction::Descending;
    let turned = |order: std::cmp::Ordering| if descending { order.reverse() } else { order };
    results.sort_by(|a, b| {
        let known = |a: bool, b: bool| b.cmp(&a);
        let first = match shown.order {
            UnifiedOrder::Relevance => turned(a.relevance_score.total_cmp(&b.relevance_score)),
            UnifiedOrder::Price => match (a.money, b.money) {
                (Some(x), Some(y)) => x
                    .currency
                    .code()
                    .cmp(y.currency.code())
                    .then_with(|| turned(x.minor.cmp(&y.minor))),
                (x, y) => known(x.is_some(), y.is_some()),
            },
            UnifiedOrder::Rating => match (a.rating, b.rating) {
                (Some(x), Some(y)) => turned(x.total_cmp(&y)),
                (x, y) => known(x.is_some(), y.is_some()),
            },
        };
        first
            .then_with(|| b.relevance_score.total_cmp(&a.relevance_score))
            .then_with(|| (a.r#type, &a.id).cmp(&(b.r#type, &b.id)))
    });
}

pub(super) fn destinations(query: &str) -> Vec<UnifiedResult> {
    let found = tripsage_reference::search_cities(query, |_| true);
    let results = found.into_iter().take(OF_A_KIND).map(|(city, fit)| UnifiedResult {
        id: city.slug.clone(),
        r#type: "destination",
        title: full_name(city),
        description: None,
        price: None,
        location: Some(city.position.into()),
        rating: None,
        review_count: None,
        // A city that is called so comes before whatever is in it.
        relevance_score: ((fit * (0.9 + city.prominence() * 0.1)) * 1000.0).round() / 1000.0,
        match_reasons: match fit {
            fit if fit >= 0.99 => vec!["name matches"],
            fit if fit >= 0.59 => vec!["name begins like it"],
            _ => vec!["lies in it"],
        },
        link: format!("/api/v1/destinations/{}", city.slug),
        money: None,
    });
    results.collect()
}

pub(super) fn flights(
    question: &FlightQuestion,
    asked: &[Asked<FlightOffers>],
    now: jiff::Timestamp,
) -> Vec<UnifiedResult> {
    let offers: Vec<_> = asked
        .iter()
        .filter_map(Asked::value)
        .flat_map(|found| &found.offers)
        .collect();
    let offers: Vec<_> = offers.into_iter().filter(|offer| offer.is_open(now)).collect();
    let facts: Vec<FlightFacts> = offers.iter().map(|offer| flight_facts(offer)).collect();
    let ranked = rank_flights(
        &facts,
        &question.criteria,
        question.shown.order,
        question.shown.direction,
    );
    let cheapest = ranked
        .iter()
        .filter_map(|merits| facts.get(merits.index))
        .map(|facts| facts.price.minor)
        .min();
    let results = ranked.iter().take(OF_A_KIND).filter_map(|merits| {
        let (offer, facts) = (offers.get(merits.index)?, facts.get(merits.index)?);
        let route: Vec<&str> = offer
            .slices
            .iter()
            .flat_map(|slice| [slice.origin.iata.as_str(), slice.destination.iata.as_str()])
            .collect();
        let mut match_reasons = Vec::new();
        if Some(facts.price.minor) == cheapest {
            match_reasons.push("lowest price");
        }
        if facts.stops.iter().all(|stops| *stops == 0) {
            match_reasons.push("no changes");
        }
        Some(UnifiedResult {
            id: offer.id.clone(),
            r#type: "flight",
            title: format!("{} {}", offer.owner.name, route.join(" → ")),
            description: None,
            price: Some(offer.total.into()),
            location: None,
            rating: None,
            review_count: None,
            relevance_score: merits.score.total,
            match_reasons,
            link: format!("/api/v1/search/offers/{}", offer.id),
            money: Some(offer.total),
        })
    });
    results.collect()
}

pub(super) fn stays(question: &StayQuestion, asked: &[Asked<Stays>], now: jiff::Timestamp) -> Vec<UnifiedResult> {
    let listings: Vec<_> = asked
        .iter()
        .filter_map(Asked::value)
        .flat_map(|found| &found.listings)
        .collect();
    let listings: Vec<_> = listings
        .into_iter()
        .filter(|listing| listing.expires_at.is_none_or(|at| now < at))
        .collect();
    let facts: Vec<StayFacts> = listings.iter().map(|listing| stay_facts(listing)).collect();
    let ranked = rank_stays(
        &facts,
        &question.criteria,
        question.shown.order,
        question.shown.direction,
    );
    let results = ranked.iter().take(OF_A_KIND).filter_map(|merits| {
        let (listing, facts) = (listings.get(merits.index)?, facts.get(merits.index)?);
        let mut match_reasons = Vec::new();
        if merits.score.part("price").is_some_and(|part| part >= 0.999) {
            match_reasons.push("lowest price");
        }
        if facts.rating.is_some_and(|rating| rating >= 9.0) {
            match_reasons.push("guests like it");
        }
        if merits.distance_km.is_some_and(|km| km <= 1.0) {
            match_reasons.push("close to the centre");
        }
        let id = format!("{}_{}", listing.provider, listing.id);
        Some(UnifiedResult {
            r#type: "accommodation",
            title: listing.accommodation.name.clone(),
            description: listing.accommodation.description.clone(),
            price: listing.total.map(Price::from),
            location: listing.accommodation.coordinates.map(PointBody::from),
            rating: facts.rating.map(|rating| (rating / 2.0 * 10.0).round() / 10.0),
            review_count: facts.ratings,
            relevance_score: merits.score.total,
            match_reasons,
            link: format!("/api/v1/search/accommodations/{id}"),
            id,
            money: listing.total,
        })
    });
    results.collect()
}

pub(super) fn activities(question: &ActivityQuestion, asked: &Asked<Places>) -> Vec<UnifiedResult> {
    let places = asked.value().map(|found| found.places.as_slice()).unwrap_or_default();
    let liked = |rating: Option<f64>| {
        question
            .min_rating
            .is_none_or(|least| rating.is_some_and(|rating| rating >= least))
    };
    let results = places
        .iter()
        .enumerate()
        .filter(|(_, place)| liked(place.rating))
        .take(OF_A_KIND);
    results
        .map(|(at, place)| {
            // Half of it is where Google puts it, half what people think; at most 0.9.
            #[expect(clippy::cast_precision_loss, reason = "some dozens")]
            let position = 1.0 - at as f64 / places.len().max(1) as f64;
            UnifiedResult {
                id: place.id.clone(),
                r#type: "activity",
                title: place.name.clone(),
                description: place.address.clone(),
                price: None,
                location: place.coordinates.map(PointBody::from),
                rating: place.rating,
                review_count: place.rating_count,
                relevance_score: ((position * 0.45 + rating_score(place) * 0.45) * 1000.0).round() / 1000.0,
                match_reasons: if place.rating.is_some_and(|rating| rating >= 4.5) {
                    vec!["people like it"]
                } else {
                    vec![]
                },
                link: format!("/api/v1/search/activities/{}", place.id),
                money: None,
            }
        })
        .collect()
}
