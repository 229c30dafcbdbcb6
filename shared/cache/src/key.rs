use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};

/// What kind of content a composite is, and so for how long it is fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Content {
    /// Offers of flights.
    FlightPrices,
    /// Offers of places to stay.
    StayPrices,
    /// What places there are.
    Places,
    /// Weather.
    Weather,
    /// Facts of a destination.
    DestinationInfo,
    /// How providers are doing.
    ProviderStates,
    /// A page of a list of what travellers publish.
    Feed,
    /// One thing that travellers publish, with everything about it.
    Detail,
    /// Who or what is ahead.
    Leaderboard,
    /// What is talked about just now.
    Trending,
}

impl Content {
    const fn name(self) -> &'static str {
        match self {
            Self::FlightPrices => "flight_prices",
            Self::StayPrices => "stay_prices",
            Self::Places => "places",
            Self::Weather => "weather_data",
            Self::DestinationInfo => "destination_info",
            Self::ProviderStates => "provider_states",
            Self::Feed => "feed",
            Self::Detail => "detail",
            Self::Leaderboard => "leaderboard",
            Self::Trending => "trending",
        }
    }

    /// For how long it is given out as it is.
    pub const fn fresh(self) -> Duration {
        Duration::from_secs(match self {
            Self::FlightPrices | Self::StayPrices | Self::Feed => 300,
            Self::Places | Self::Detail => 600,
            Self::Trending => 1800,
            Self::Weather | Self::Leaderboard => 3600,
            Self::DestinationInfo => 86_400,
            Self::ProviderStates => 60,
        })
    }

    /// For how long after that it is still given out, marked as stale, when it cannot be made anew. An offer that is
    /// older than 20 minutes can mostly not be bought any more.
    pub const fn stale(self) -> Duration {
        Duration::from_secs(match self {
            Self::FlightPrices | Self::StayPrices => 900,
            Self::Feed | Self::Detail => 600,
            Self::Trending | Self::Leaderboard => 3600,
            Self::Places => 1200,
            Self::Weather => 6 * 3600,
            Self::DestinationInfo => 86_400,
            Self::ProviderStates => 600,
        })
    }
}

/// What composites depend on. Bumping a tag makes all of them void at once.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tag {
    /// What one user has set or stored; the user's id.
    User(String),
    /// Everything that providers have told.
    Search,
    /// What lists of itineraries show.
    Itineraries,
    /// One itinerary; its id.
    Itinerary(String),
    /// What lists of groups show.
    Groups,
    /// What lists of guides and of reading matter show.
    Guides,
}

impl Tag {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::User(id) => format!("user:{id}"),
            Self::Search => "search".to_owned(),
            Self::Itineraries => "itineraries".to_owned(),
            Self::Itinerary(id) => format!("itinerary:{id}"),
            Self::Groups => "groups".to_owned(),
            Self::Guides => "guides".to_owned(),
        }
    }

    pub(crate) fn redis_key(&self) -> String {
        format!("tag:{}", self.name())
    }
}

/// Under what a composite is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CompositeKey {
    pub(crate) content: Content,
    pub(crate) text: String,
    pub(crate) tags: Vec<Tag>,
}

impl CompositeKey {
    /// The key of what `parts` ask for. `schema` is the version of the stored type: a composite that another version of
    /// the program has kept is not found. `tags` is what the composite depends on.
    pub fn new(content: Content, schema: u32, parts: &[&str], tags: &[Tag]) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        let hash: String = digest(&SHA256, &bytes).as_ref()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            content,
            text: format!("composite:{}:{schema}:{hash}", content.name()),
            tags: tags.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_content_schema_and_parts() {
        let key = |content, schema, parts: &[&str]| CompositeKey::new(content, schema, parts, &[]).text;
        let one = key(Content::Places, 1, &["ab", "c"]);
        assert_eq!(one, key(Content::Places, 1, &["ab", "c"]));
        for other in [
            key(Content::Places, 1, &["a", "bc"]),
            key(Content::Places, 2, &["ab", "c"]),
            key(Content::Weather, 1, &["ab", "c"]),
            key(Content::Places, 1, &["ab", "c", ""]),
        ] {
            assert_ne!(one, other);
        }
    }
}
