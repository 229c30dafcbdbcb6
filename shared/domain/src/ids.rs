//! Identifiers: random UUIDs (122 random bits), one type per kind of thing, so that they cannot be mixed up.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::ports::Entropy;

/// The text is not an identifier of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a valid id")]
pub struct InvalidId;

/// Draws a random (version 4) UUID.
pub fn random_uuid(entropy: &dyn Entropy) -> Uuid {
    let mut bytes = [0; 16];
    entropy.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// Draws a new random id.
            pub fn random(entropy: &dyn Entropy) -> Self {
                Self(random_uuid(entropy))
            }

            /// Wraps a UUID that is known to be of this kind.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts the canonical hyphenated lower-case form only: one id has one text.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let uuid = Uuid::try_parse(text).map_err(|_| InvalidId)?;
                let mut buffer = Uuid::encode_buffer();
                if uuid.hyphenated().encode_lower(&mut buffer) == text { Ok(Self(uuid)) } else { Err(InvalidId) }
            }
        }
    };
}

id!(
    /// A registered person.
    UserId
);
id!(
    /// One sign-in of a user: the family of refresh tokens that grew from it.
    SessionId
);
id!(
    /// A personal access token.
    TokenId
);
id!(
    /// A trip.
    TripId
);
id!(
    /// One planned thing within a trip.
    ItemId
);
id!(
    /// A read-only link to a trip.
    LinkId
);
id!(
    /// An invitation to join a trip.
    InvitationId
);
id!(
    /// A trip template.
    TemplateId
);
id!(
    /// A data export.
    ExportId
);
id!(
    /// An audit record.
    AuditId
);
id!(
    /// A user's own key for a service of others.
    KeyId
);
id!(
    /// A booking.
    BookingId
);
id!(
    /// A search that was made: the same for the same question of the same user.
    SearchId
);
id!(
    /// A search that a user has saved.
    SavedSearchId
);
id!(
    /// An itinerary that a traveller publishes.
    ItineraryId
);
id!(
    /// A place worth finding, in an itinerary.
    HiddenGemId
);
id!(
    /// A business that an itinerary recommends.
    BusinessId
);
id!(
    /// Something to beware of, in an itinerary.
    SafetyAlertId
);
id!(
    /// What a traveller says of how safe an itinerary is.
    RatingId
);
id!(
    /// Something that travellers ask or tell one another about an itinerary.
    IntelId
);
id!(
    /// A group that travels together.
    GroupId
);
id!(
    /// A guide for women.
    GuideId
);
id!(
    /// An engagement of a guide.
    GuideBookingId
);
id!(
    /// What somebody says of a guide.
    ReviewId
);
id!(
    /// Something to read about the safety of women.
    ResourceId
);
id!(
    /// Something that a user is told.
    NotificationId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_is_an_id() {
        let canonical = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
        assert_eq!(canonical.parse::<TripId>().unwrap().to_string(), canonical);
        for other in [
            "",
            "nonexistent-id",
            "3F2B8A52-6C1E-4A52-9D3E-0C5B1F7A9E10",
            "3f2b8a526c1e4a529d3e0c5b1f7a9e10",
            "{3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10}",
            "urn:uuid:3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10",
            "../3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10",
        ] {
            assert_eq!(other.parse::<TripId>(), Err(InvalidId), "{other}");
        }
    }
}
