//! By what itineraries are found.

use tripsage_domain::itinerary::Itinerary;

use super::StandingRow;
use crate::catalogue::{Facet, FacetName, Kind, Listing};

/// What its author vouches for.
pub const WOMEN_SAFE: &str = "women_safe";

/// There is a route.
pub const HAS_GPS: &str = "has_gps";

/// The product features it.
pub const FEATURED: &str = "featured";

/// By what an itinerary is found.
pub fn facets_of(itinerary: &Itinerary, is_featured: bool) -> impl Iterator<Item = Facet> {
    let content = &itinerary.content;
    let flags = [
        (WOMEN_SAFE, content.women_safe_certified),
        (HAS_GPS, itinerary.has_gps()),
        (FEATURED, is_featured),
    ];
    let set = flags.into_iter().filter(|(_, set)| *set);
    let tags = content.activity_tags.iter();
    Facet::words(&content.destination, &content.title)
        .chain(tags.filter_map(|tag| Facet::new(FacetName::Tag, tag)))
        .chain(
            content
                .difficulty
                .and_then(|level| Facet::new(FacetName::Difficulty, level.name())),
        )
        .chain(set.filter_map(|(name, _)| Facet::new(FacetName::Flag, name)))
        .chain(Facet::new(FacetName::By, &itinerary.owner.to_string()))
}

/// How the catalogue lists an itinerary; `None` while it is not published.
pub(crate) fn listing_of(itinerary: &Itinerary, standing: &StandingRow) -> Option<Listing> {
    let listed_at = itinerary.published_at.filter(|_| itinerary.is_public())?;
    let facets = facets_of(itinerary, standing.featured_at.is_some());
    Some(match &standing.listing {
        Some(listing) => listing.clone().with_facets(facets),
        None => Listing::new(
            Kind::Itinerary,
            itinerary.id.uuid(),
            listed_at,
            facets,
            &standing.measures(),
        ),
    })
}

/// Whether a change may change by what an itinerary is found.
pub(super) fn is_relisted(before: &Itinerary, after: &Itinerary) -> bool {
    let shown = |itinerary: &Itinerary| {
        let facets: Vec<Facet> = facets_of(itinerary, false).collect();
        (itinerary.is_public(), facets)
    };
    (before.is_public() || after.is_public()) && shown(before) != shown(after)
}
