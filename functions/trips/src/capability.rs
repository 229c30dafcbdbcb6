//! Texts that give access to a trip by themselves: mailed invitations, read-only links, calendar feeds.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tripsage_domain::ids::TripId;
use tripsage_http::Context;
use tripsage_store::keys::Digest;
use uuid::Uuid;

/// What a capability opens. One kind never passes for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Invitation,
    Link,
    Feed,
}

impl Kind {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Invitation => b"invitation",
            Self::Link => b"link",
            Self::Feed => b"feed",
        }
    }
}

/// Where a capability leads, and the digest that what is stored there must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Capability {
    pub(crate) trip: TripId,
    pub(crate) id: Uuid,
    pub(crate) digest: String,
}

impl Capability {
    /// A new capability with 256 random bits, and the text that is shown once.
    pub(crate) fn mint(kind: Kind, context: &Context, trip: TripId, id: Uuid) -> (Self, String) {
        let mut secret = [0; 32];
        context.ports.entropy.fill(&mut secret);
        let text = URL_SAFE_NO_PAD.encode([&trip.uuid().as_bytes()[..], id.as_bytes(), &secret].concat());
        (Self::new(kind, trip, id, &secret), text)
    }

    /// What a text claims to open; `None` when it cannot be a capability.
    pub(crate) fn parse(kind: Kind, text: &str) -> Option<Self> {
        let bytes: [u8; 64] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let trip = TripId::from_uuid(Uuid::from_slice(&bytes[..16]).ok()?);
        let id = Uuid::from_slice(&bytes[16..32]).ok()?;
        Some(Self::new(kind, trip, id, &bytes[32..]))
    }

    fn new(kind: Kind, trip: TripId, id: Uuid, secret: &[u8]) -> Self {
        let digest = Digest::of(&[kind.name(), trip.uuid().as_bytes(), id.as_bytes(), secret]).to_string();
        Self { trip, id, digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_one_kind_of_thing_and_nothing_else_parses() {
        let text = URL_SAFE_NO_PAD.encode([7; 64]);
        let link = Capability::parse(Kind::Link, &text).unwrap();
        let feed = Capability::parse(Kind::Feed, &text).unwrap();
        assert_eq!((link.trip, link.id), (feed.trip, feed.id));
        assert_ne!(link.digest, feed.digest);
        for other in [
            "",
            "x",
            &text[1..],
            &format!("{text}A"),
            &format!("{text}="),
            &"A".repeat(10_000),
        ] {
            assert_eq!(Capability::parse(Kind::Link, other), None, "{other}");
        }
    }
}
