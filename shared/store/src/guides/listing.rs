//! What the catalogue says of a guide.

use jiff::Timestamp;
use tripsage_domain::{
    guide::{Availability, Guide, State},
    words,
};

use super::GuideStanding;
use crate::catalogue::{Facet, FacetName, Kind, Listing};

/// Something that a guide speaks or is good at, as a facet: the words of it, in any spelling of theirs.
pub fn term(name: FacetName, text: &str) -> Option<Facet> {
    Facet::new(name, &words::of(&[text]).join("-"))
}

/// That a guide is verified.
pub const VERIFIED: &str = "verified";

/// That a guide takes bookings.
pub const AVAILABLE: &str = "available";

/// That moderators recommend a guide.
pub const FEATURED: &str = "featured";

/// The measure of the mean rating, in hundredths; 0 without ratings.
pub const RATING: usize = 0;

/// The measure of what an hour costs, negated.
pub const CHEAP: usize = 1;

/// How a guide stands, with what the catalogue says from now on.
pub(super) fn standing(guide: &Guide, mut standing: GuideStanding, now: Timestamp) -> GuideStanding {
    let known = standing.listing.take();
    if guide.state(now) != State::Suspended {
        let measures = measures(guide, &standing);
        standing.listing = Some(match known {
            Some(known) => known.with_facets(facets(guide)).with_measures(&measures, now),
            None => Listing::new(Kind::Guide, guide.id.uuid(), guide.created_at, facets(guide), &measures),
        });
    }
    standing
}

fn measures(guide: &Guide, standing: &GuideStanding) -> [i64; 4] {
    let mean = standing.ratings().mean().unwrap_or_default();
    let is_available = guide.profile.availability == Availability::Available;
    [
        i64::try_from(mean).unwrap_or(i64::MAX),
        -guide.profile.hourly_rate.minor,
        i64::from(is_available),
        guide.verification.map_or(0, |seen| seen.level as i64 + 1),
    ]
}

fn facets(guide: &Guide) -> Vec<Facet> {
    let profile = &guide.profile;
    let title = [
        std::slice::from_ref(&profile.display_name),
        &profile.specializations,
        &profile.favorite_destinations,
    ]
    .concat()
    .join(" ");
    let flags = [
        (VERIFIED, guide.verification.is_some()),
        (AVAILABLE, profile.availability == Availability::Available),
        (FEATURED, guide.featured),
    ];
    let flags = flags.into_iter().filter(|(_, holds)| *holds);
    let terms = |name, texts: &[String]| texts.iter().filter_map(|text| term(name, text)).collect::<Vec<_>>();
    Facet::words(&profile.service_locations.join(" "), &title)
        .chain(terms(FacetName::Specialization, &profile.specializations))
        .chain(terms(FacetName::Language, &profile.languages))
        .chain(flags.filter_map(|(flag, _)| Facet::new(FacetName::Flag, flag)))
        .collect()
}
