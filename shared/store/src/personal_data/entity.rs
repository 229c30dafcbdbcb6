use crate::keys::Table;

/// A kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is documented by the constructor of its key")]
pub enum Entity {
    Keyring,
    User,
    Password,
    Preferences,
    EmailClaim,
    PasswordAttempts,
    OneTimeCode,
    Username,
    ProviderLink,
    ProviderClaim,
    MailedLink,
    ProviderRoundTrip,
    Session,
    AccessToken,
    Trip,
    TripItem,
    TripVersion,
    TripInvitation,
    TripLink,
    TripFeed,
    TripListing,
    FormerTrip,
    Template,
    TemplateListing,
    TemplateCount,
    PublicTemplate,
    RecentSearch,
    SavedSearch,
    SavedSearchCount,
    Booking,
    BookingListing,
    BookingEvent,
    BookingOrder,
    Audit,
    Idempotency,
    Throttle,
    NewestExport,
    ExportPart,
    Due,
    WebhookEvent,
    ErasureReceipt,
    ProviderKey,
    ProviderKeys,
    ProviderKeyUse,
    KmsKey,
    SealedUnder,
    ProviderState,
    Rating,
    RatingStanding,
    Rated,
    Intel,
    IntelStanding,
    Told,
    Responded,
    Itinerary,
    ItineraryPart,
    ItineraryRoute,
    ItineraryStanding,
    OwnItinerary,
    Remixed,
    Vote,
    Voted,
    View,
    Applied,
    Notification,
    Reconciliation,
    Traveller,
    Board,
    Guide,
    GuideStanding,
    GuideCalendar,
    GuideClaim,
    GuideReview,
    ReviewReports,
    ReviewStanding,
    ReportedReview,
    Reported,
    GuideBooking,
    GuideBookingListing,
    Engagement,
    Resource,
    ResourceStanding,
    ResourceEntry,
    ResourceCount,
    SafetySettings,
    Group,
    GroupStanding,
    GroupMember,
    Membership,
    CatalogueEntry,
}

/// What an export gives of a kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// The row, in the section of this name, without these attributes: digests, hashes and secrets, and what is about
    /// somebody else.
    Section(&'static str, &'static [&'static str]),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// What erasure makes of a kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// It is removed as soon as it is found.
    Removed,
    /// It is removed with the account itself, in the last transaction.
    WithAccount,
    /// The trip behind it is left, handed over, or erased.
    TripLeft,
    /// The versions of the trip behind it forget who made them, then it is removed.
    TripForgotten,
    /// It belongs to a trip and goes with it. When the trip stays, a version no longer says who made it, and what gives
    /// access to the trip goes if it was made by, or for, whoever is erased.
    WithTrip,
    /// It stands on a list, and goes with the key that it names.
    WithKey,
    /// The template behind it is erased, and it goes with it.
    TemplateErased,
    /// It repeats something that is listed, and goes with it in the same transaction.
    WithListed,
    /// The guide behind it is erased, with their reviews, and it goes with them.
    GuideErased,
    /// It stays for the other side, or for readers, and forgets who it was; open bookings are cancelled.
    Anonymised,
    /// The itinerary behind it is erased, and it goes with it.
    ItineraryErased,
    /// The group behind it is left, handed over, or erased.
    GroupLeft,
    /// The vote goes, and what points at it.
    VoteTaken,
    /// What was said goes as if its author had deleted it, and what points at it; the answers of others stay.
    Unsaid,
    /// It is kept under a pseudonym, without where it came from.
    Pseudonymised,
    /// It names nobody but by a digest, and time to live removes it before an erasure falls due.
    Expires,
    /// It is about nobody.
    Kept,
}

impl Entity {
    /// The kind of the row with this key; `None` for a key that this product does not make.
    pub fn of(table: Table, pk: &str, sk: &str) -> Option<Self> {
        let partition = pk.split('#').next().unwrap_or_default();
        let begins = |prefix: &str| sk.starts_with(prefix);
        Some(match (table, partition) {
            (Table::Identity, "SIGNING") => Self::Keyring,
            (Table::Identity, "USER") => match sk {
                "PROFILE" => Self::User,
                "PASSWORD" => Self::Password,
                "PREFERENCES" => Self::Preferences,
                _ if begins("LINK#") => Self::ProviderLink,
                _ if begins("SESSION#") => Self::Session,
                _ if begins("TOKEN#") => Self::AccessToken,
                _ if begins("MAIL#") => Self::MailedLink,
                _ => return None,
            },
            (Table::Identity, "EMAIL") => match sk {
                "CLAIM" => Self::EmailClaim,
                "LOGIN" => Self::PasswordAttempts,
                "OTP" => Self::OneTimeCode,
                _ => return None,
            },
            (Table::Identity, "USERNAME") => Self::Username,
            (Table::Identity, "LINK") => Self::ProviderClaim,
            (Table::Identity, "STATE") => Self::ProviderRoundTrip,
            (Table::Travel, "TRIP") => match sk {
                "TRIP" => Self::Trip,
                _ if begins("TRIP#ITEM#") => Self::TripItem,
                _ if begins("VERSION#") => Self::TripVersion,
                _ if begins("INVITATION#") => Self::TripInvitation,
                _ if begins("LINK#") => Self::TripLink,
                _ if begins("FEED#") => Self::TripFeed,
                _ => return None,
            },
            (Table::Travel, "USER") => match sk {
                _ if begins("TRIP#") => Self::TripListing,
                _ if begins("FORMER#") => Self::FormerTrip,
                _ if begins("TEMPLATE#") => Self::TemplateListing,
                "TEMPLATES" => Self::TemplateCount,
                _ if begins("SEARCH#") => Self::RecentSearch,
                _ if begins("SAVED_SEARCH#") => Self::SavedSearch,
                "SAVED_SEARCHES" => Self::SavedSearchCount,
                _ if begins("BOOKING#") => Self::Booking,
                _ if begins("BOOKED#") => Self::BookingListing,
                _ if begins("BOOKINGEVENT#") => Self::BookingEvent,
                _ if begins("ORDER#") => Self::BookingOrder,
                _ => return None,
            },
            (Table::Travel, "TEMPLATE") => Self::Template,
            (Table::Travel, "TEMPLATES") => Self::PublicTemplate,
            (Table::Operations, "AUDIT") => Self::Audit,
            (Table::Operations, "IDEMPOTENCY") => Self::Idempotency,
            (Table::Operations, "THROTTLE") => Self::Throttle,
            (Table::Operations, "DUE") => Self::Due,
            (Table::Operations, "WEBHOOK") => Self::WebhookEvent,
            (Table::Operations, "RECEIPT") => Self::ErasureReceipt,
            (Table::Operations, "USER") => match sk {
                "EXPORT" => Self::NewestExport,
                _ if begins("EXPORT#") => Self::ExportPart,
                _ => return None,
            },
            (Table::Vault, "USER") => match sk {
                "KEYS" => Self::ProviderKeys,
                _ if begins("KEY#") => Self::ProviderKey,
                _ if begins("USE#") => Self::ProviderKeyUse,
                _ => return None,
            },
            (Table::Operations, "PROVIDERS") => Self::ProviderState,
            (Table::Community, "ITINERARY") if sk == "ITINERARY" => Self::Itinerary,
            (Table::Community, "ITINERARY") if sk == "ITINERARY#STANDING" => Self::ItineraryStanding,
            (Table::Community, "ITINERARY") if sk == "ROUTE" => Self::ItineraryRoute,
            (Table::Community, "ITINERARY") if begins("ITINERARY#") => Self::ItineraryPart,
            (Table::Community, "ITINERARY") if begins("REMIXED#") => Self::Remixed,
            (Table::Vault, "KMS") => Self::KmsKey,
            (Table::Vault, "SEALED") => Self::SealedUnder,
            (Table::Community, "ITINERARY" | "RATING" | "INTEL" | "RESOURCE" | "REVIEW") if begins("VOTE#") => {
                Self::Vote
            }
            (Table::Community, "ITINERARY" | "RESOURCE") if begins("VIEW#") => Self::View,
            (Table::Community, "RATING") => match sk {
                "RATING" => Self::Rating,
                "RATING#STANDING" => Self::RatingStanding,
                _ => return None,
            },
            (Table::Community, "INTEL") => match sk {
                "INTEL" => Self::Intel,
                "INTEL#STANDING" => Self::IntelStanding,
                _ => return None,
            },
            (Table::Community, "USER") => match sk {
                "STATS" => Self::Traveller,
                "GUIDE" => Self::GuideClaim,
                "SAFETY" => Self::SafetySettings,
                _ if begins("ENGAGEMENT#") => Self::Engagement,
                _ if begins("ITINERARY#") => Self::OwnItinerary,
                _ if begins("VOTED#") => Self::Voted,
                _ if begins("RATED#") => Self::Rated,
                _ if begins("TOLD#") => Self::Told,
                _ if begins("RESPONDED#") => Self::Responded,
                _ if begins("REPORTED#") => Self::Reported,
                _ if begins("NOTIFICATION#") => Self::Notification,
                _ if begins("MEMBERSHIP#") => Self::Membership,
                _ => return None,
            },
            (Table::Community, "BOARD") => Self::Board,
            (Table::Community, "GROUP") => match sk {
                "GROUP" => Self::Group,
                "GROUP#STANDING" => Self::GroupStanding,
                _ if begins("MEMBER#") => Self::GroupMember,
                _ => return None,
            },
            (Table::Community, "GUIDE") => match sk {
                "GUIDE" => Self::Guide,
                "GUIDE#STANDING" => Self::GuideStanding,
                "CALENDAR" => Self::GuideCalendar,
                _ if begins("REVIEW#") => Self::GuideReview,
                _ if begins("BOOKING#") => Self::GuideBookingListing,
                _ => return None,
            },
            (Table::Community, "REVIEW") => match sk {
                "REPORTS" => Self::ReviewReports,
                "REVIEW#STANDING" => Self::ReviewStanding,
                _ => return None,
            },
            (Table::Community, "REVIEWS") => Self::ReportedReview,
            (Table::Community, "ENGAGEMENT") => Self::GuideBooking,
            (Table::Community, "CATALOGUE") => Self::CatalogueEntry,
            (Table::Community, "RESOURCE") => match sk {
                "RESOURCE" => Self::Resource,
                "RESOURCE#STANDING" => Self::ResourceStanding,
                _ => return None,
            },
            (Table::Community, "RESOURCES") => match sk {
                "COUNT" => Self::ResourceCount,
                _ => Self::ResourceEntry,
            },
            (Table::Community, "APPLIED") => Self::Applied,
            (Table::Operations, "RECONCILIATIONS") => Self::Reconciliation,
            _ => return None,
        })
    }

    /// What an export gives of it.
    pub const fn export(self) -> Export {
        use Export::{Nothing, Section};
        match self {
            Self::User => Section("profile", &[]),
            Self::Password => Section("password", &["hash"]),
            Self::Preferences => Section("preferences", &[]),
            Self::PasswordAttempts => Section("password_attempts", &[]),
            Self::OneTimeCode => Section("one_time_codes", &["mac"]),
            Self::Username => Section("directory", &[]),
            Self::ProviderLink => Section("connected_accounts", &[]),
            Self::MailedLink => Section("mailed_links", &["digest", "email"]),
            Self::Session => Section("sessions", &[]),
            Self::AccessToken => Section("access_tokens", &["digest"]),
            Self::Trip => Section("trips", &["members", "head"]),
            Self::TripItem => Section("trip_items", &[]),
            Self::TripVersion => Section("trip_changes", &["actor_mark", "previous_hash", "hash"]),
            Self::TripInvitation => Section("trip_invitations", &["email", "digest"]),
            Self::TripLink => Section("trip_links", &["digest", "passphrase"]),
            Self::TripFeed => Section("calendar_feeds", &["digest"]),
            Self::Template => Section("templates", &[]),
            Self::TripListing => Section("trip_memberships", &[]),
            Self::FormerTrip => Section("former_trips", &[]),
            Self::RecentSearch => Section("recent_searches", &[]),
            Self::SavedSearch => Section("saved_searches", &[]),
            Self::Booking => Section("bookings", &[]),
            Self::BookingEvent => Section("booking_events", &[]),
            Self::Audit => Section("activity", &[]),
            Self::NewestExport => Section("exports", &[]),
            Self::ProviderKey => Section("provider_keys", &["sealed"]),
            Self::ProviderKeys => Section("provider_key_operations", &[]),
            Self::ProviderKeyUse => Section("provider_key_uses", &[]),
            Self::Rating => Section("safety_ratings", &[]),
            Self::Intel => Section("travel_intel", &["response"]),
            Self::Responded => Section("travel_intel_responses", &[]),
            Self::RatingStanding | Self::IntelStanding => Nothing("what others think of it, counted"),
            Self::Rated | Self::Told => Nothing("points at the ratings and the travel intel"),
            Self::Itinerary => Section("itineraries", &[]),
            Self::ItineraryPart => Section("itinerary_parts", &[]),
            Self::ItineraryRoute => Section("itinerary_routes", &[]),
            Self::ItineraryStanding => Section("itinerary_standings", &["listing"]),
            Self::OwnItinerary | Self::Remixed => Nothing("repeats the itineraries"),
            Self::Vote => Section("votes", &["nonce", "previous"]),
            Self::Traveller => Section("contributions", &[]),
            Self::Membership => Section("group_memberships", &[]),
            Self::Group => Section("groups", &[]),
            Self::GroupMember => Nothing("repeats the memberships"),
            Self::GroupStanding => Nothing("repeats the groups"),
            Self::Guide => Section("guide_profile", &[]),
            Self::GuideStanding => Section("guide_standing", &["listing"]),
            Self::GuideReview => Section("guide_reviews", &[]),
            Self::Reported => Section("review_reports", &[]),
            Self::ReviewReports => Nothing("what others say of it; what one has said oneself is in `review_reports`"),
            Self::ReviewStanding => Nothing("what others think of it, counted"),
            Self::ReportedReview => Nothing("points at the review"),
            Self::GuideBooking => Section("guide_bookings", &["guide_user", "notes_from_guide"]),
            // What is sealed is given to its owner by `POST /women-safety/settings/reveal`: no function that makes exports
            // may decrypt it.
            Self::SafetySettings => Section("safety_settings", &["sealed"]),
            Self::CatalogueEntry => Nothing("repeats what is published"),
            Self::GuideClaim | Self::Engagement | Self::GuideCalendar | Self::GuideBookingListing => {
                Nothing("points at the guide and the bookings")
            }
            Self::Notification => Section("notifications", &["actor"]),
            Self::Applied => Nothing("digests of changes, kept for a week"),
            Self::Reconciliation => Nothing("about nobody"),
            Self::Voted => Nothing("points at the votes"),
            Self::View => Nothing("names nobody but by a digest"),
            Self::SealedUnder => Nothing("repeats the ids of the provider keys"),
            Self::EmailClaim | Self::ProviderClaim => Nothing("says only whose the address or account is"),
            Self::TemplateListing | Self::TemplateCount | Self::PublicTemplate => Nothing("repeats the templates"),
            Self::SavedSearchCount => Nothing("repeats the saved searches"),
            Self::BookingListing | Self::BookingOrder => Nothing("repeats the bookings"),
            Self::Keyring
            | Self::ErasureReceipt
            | Self::KmsKey
            | Self::WebhookEvent
            | Self::ProviderState
            | Self::Board
            | Self::Resource
            | Self::ResourceStanding
            | Self::ResourceEntry
            | Self::ResourceCount => Nothing("about nobody"),
            Self::ProviderRoundTrip => Nothing("lasts for minutes, and cannot be found by its user"),
            Self::Idempotency => Nothing("answers that were given, kept for a day under digests"),
            Self::Throttle => Nothing("counts under digests, kept for minutes"),
            Self::ExportPart => Nothing("the archive itself"),
            Self::Due => Nothing("when a job runs; what it is for is in the profile and in the trip"),
        }
    }

    /// What erasure makes of it.
    pub const fn erasure(self) -> Erasure {
        match self {
            Self::User
            | Self::Password
            | Self::EmailClaim
            | Self::Username
            | Self::ProviderLink
            | Self::ProviderClaim
            | Self::Due => Erasure::WithAccount,
            Self::Preferences
            | Self::PasswordAttempts
            | Self::OneTimeCode
            | Self::MailedLink
            | Self::Session
            | Self::AccessToken
            | Self::TemplateCount
            | Self::RecentSearch
            | Self::SavedSearch
            | Self::SavedSearchCount
            | Self::Booking
            | Self::BookingListing
            | Self::BookingEvent
            | Self::BookingOrder
            | Self::Notification
            | Self::NewestExport
            | Self::ExportPart
            | Self::ProviderKey
            | Self::ProviderKeys
            | Self::ProviderKeyUse
            | Self::Traveller
            | Self::SafetySettings => Erasure::Removed,
            Self::Guide
            | Self::GuideStanding
            | Self::GuideCalendar
            | Self::GuideClaim
            | Self::GuideBookingListing
            | Self::ReviewStanding
            | Self::ReportedReview => Erasure::GuideErased,
            Self::GuideReview | Self::ReviewReports | Self::Reported | Self::GuideBooking | Self::Engagement => {
                Erasure::Anonymised
            }
            Self::CatalogueEntry => Erasure::WithListed,
            Self::Vote | Self::Voted => Erasure::VoteTaken,
            Self::Rating
            | Self::RatingStanding
            | Self::Rated
            | Self::Intel
            | Self::IntelStanding
            | Self::Told
            | Self::Responded => Erasure::Unsaid,
            Self::Group | Self::GroupStanding | Self::GroupMember | Self::Membership => Erasure::GroupLeft,
            Self::SealedUnder => Erasure::WithKey,
            Self::TripListing => Erasure::TripLeft,
            Self::FormerTrip => Erasure::TripForgotten,
            Self::Trip
            | Self::TripItem
            | Self::TripVersion
            | Self::TripInvitation
            | Self::TripLink
            | Self::TripFeed => Erasure::WithTrip,
            Self::TemplateListing | Self::Template | Self::PublicTemplate => Erasure::TemplateErased,
            Self::Itinerary
            | Self::ItineraryPart
            | Self::ItineraryRoute
            | Self::ItineraryStanding
            | Self::OwnItinerary
            | Self::Remixed => Erasure::ItineraryErased,
            Self::Audit => Erasure::Pseudonymised,
            Self::ProviderRoundTrip | Self::Idempotency | Self::Throttle | Self::WebhookEvent | Self::Applied => {
                Erasure::Expires
            }
            Self::Keyring
            | Self::ErasureReceipt
            | Self::KmsKey
            | Self::ProviderState
            | Self::View
            | Self::Board
            | Self::Resource
            | Self::ResourceStanding
            | Self::ResourceEntry
            | Self::ResourceCount
            | Self::Reconciliation => Erasure::Kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kind of row that each constructor of a key is for.
    fn kind_of(constructor: &str) -> Option<Entity> {
        Some(match constructor {
            "keyring" => Entity::Keyring,
            "user" => Entity::User,
            "password" => Entity::Password,
            "preferences" => Entity::Preferences,
            "email_claim" => Entity::EmailClaim,
            "password_attempts" => Entity::PasswordAttempts,
            "one_time_code" => Entity::OneTimeCode,
            "username" => Entity::Username,
            "provider_link" => Entity::ProviderLink,
            "provider_claim" => Entity::ProviderClaim,
            "mailed_link" => Entity::MailedLink,
            "provider_round_trip" => Entity::ProviderRoundTrip,
            "session" => Entity::Session,
            "access_token" => Entity::AccessToken,
            "trip" => Entity::Trip,
            "trip_item" => Entity::TripItem,
            "trip_version" => Entity::TripVersion,
            "trip_listing" => Entity::TripListing,
            "trip_invitation" => Entity::TripInvitation,
            "trip_link" => Entity::TripLink,
            "trip_feed" => Entity::TripFeed,
            "former_trip" => Entity::FormerTrip,
            "template" => Entity::Template,
            "template_listing" => Entity::TemplateListing,
            "template_count" => Entity::TemplateCount,
            "public_template" => Entity::PublicTemplate,
            "recent_search" => Entity::RecentSearch,
            "saved_search" => Entity::SavedSearch,
            "saved_search_count" => Entity::SavedSearchCount,
            "booking" => Entity::Booking,
            "booking_listing" => Entity::BookingListing,
            "booking_event" => Entity::BookingEvent,
            "booking_order" => Entity::BookingOrder,
            "webhook_event" => Entity::WebhookEvent,
            "audit" | "pseudonymous_audit" => Entity::Audit,
            "idempotency" => Entity::Idempotency,
            "throttle" => Entity::Throttle,
            "newest_export" => Entity::NewestExport,
            "export_part" => Entity::ExportPart,
            "due" => Entity::Due,
            "erasure_receipt" => Entity::ErasureReceipt,
            "provider_key" => Entity::ProviderKey,
            "provider_keys" => Entity::ProviderKeys,
            "provider_key_use" => Entity::ProviderKeyUse,
            "kms_key" => Entity::KmsKey,
            "sealed_under" => Entity::SealedUnder,
            "provider_state" => Entity::ProviderState,
            "rating" => Entity::Rating,
            "rating_standing" => Entity::RatingStanding,
            "rated" => Entity::Rated,
            "intel" => Entity::Intel,
            "intel_standing" => Entity::IntelStanding,
            "told" => Entity::Told,
            "responded" => Entity::Responded,
            "itinerary" => Entity::Itinerary,
            "itinerary_part" => Entity::ItineraryPart,
            "itinerary_route" => Entity::ItineraryRoute,
            "itinerary_standing" => Entity::ItineraryStanding,
            "own_itinerary" => Entity::OwnItinerary,
            "remixed" => Entity::Remixed,
            "vote" => Entity::Vote,
            "applied" => Entity::Applied,
            "notification" => Entity::Notification,
            "reconciliation" => Entity::Reconciliation,
            "voted" => Entity::Voted,
            "view" => Entity::View,
            "traveller" => Entity::Traveller,
            "board" => Entity::Board,
            "guide" => Entity::Guide,
            "guide_standing" => Entity::GuideStanding,
            "guide_calendar" => Entity::GuideCalendar,
            "guide_claim" => Entity::GuideClaim,
            "guide_review" => Entity::GuideReview,
            "review_reports" => Entity::ReviewReports,
            "review_standing" => Entity::ReviewStanding,
            "reported_review" => Entity::ReportedReview,
            "reported" => Entity::Reported,
            "guide_booking" => Entity::GuideBooking,
            "guide_booking_listing" => Entity::GuideBookingListing,
            "engagement" => Entity::Engagement,
            "resource" => Entity::Resource,
            "resource_standing" => Entity::ResourceStanding,
            "resource_entry" => Entity::ResourceEntry,
            "resource_count" => Entity::ResourceCount,
            "safety_settings" => Entity::SafetySettings,
            "catalogue_facet_entry" | "catalogue_newest_entry" | "catalogue_measured_entry" => Entity::CatalogueEntry,
            "group" => Entity::Group,
            "group_standing" => Entity::GroupStanding,
            "group_member" => Entity::GroupMember,
            "membership" => Entity::Membership,
            _ => return None,
        })
    }

    /// Every function of `keys` that makes a whole key.
    fn constructors() -> Vec<String> {
        let source = [
            include_str!("../keys.rs"),
            include_str!("../keys/catalogue.rs"),
            include_str!("../keys/groups.rs"),
            include_str!("../keys/identity.rs"),
            include_str!("../keys/itineraries.rs"),
            include_str!("../keys/operations.rs"),
            include_str!("../keys/projections.rs"),
            include_str!("../keys/ratings.rs"),
            include_str!("../keys/reactions.rs"),
            include_str!("../keys/safety.rs"),
            include_str!("../keys/travel.rs"),
            include_str!("../keys/vault.rs"),
        ]
        .concat();
        let mut found = Vec::new();
        for part in source.split("\npub").skip(1) {
            let Some((_, rest)) = part.split_once("fn ") else {
                continue;
            };
            let Some((signature, _)) = rest.split_once('{') else {
                continue;
            };
            if signature.trim_end().ends_with("-> Key") && !part.starts_with(" struct") {
                found.push(signature.split('(').next().unwrap().to_owned());
            }
        }
        found
    }

    #[test]
    fn every_kind_of_row_is_exported_and_erased_on_purpose() {
        let constructors = constructors();
        assert!(constructors.len() >= 38, "{constructors:?}");
        for name in constructors {
            assert!(
                kind_of(&name).is_some(),
                "keys::{name} makes rows of a kind that Entity does not know: decide its export and its erasure"
            );
        }
    }

    #[test]
    fn keys_are_recognised_by_their_shape() {
        for (table, pk, sk, entity) in [
            (Table::Identity, "USER#1", "PROFILE", Some(Entity::User)),
            (Table::Identity, "USER#1", "SESSION#2", Some(Entity::Session)),
            (Table::Travel, "USER#1", "TRIP#0#2", Some(Entity::TripListing)),
            (Table::Travel, "USER#1", "SEARCH#2", Some(Entity::RecentSearch)),
            (Table::Travel, "USER#1", "SAVED_SEARCH#2", Some(Entity::SavedSearch)),
            (
                Table::Travel,
                "USER#1",
                "SAVED_SEARCHES",
                Some(Entity::SavedSearchCount),
            ),
            (Table::Travel, "TRIP#2", "TRIP", Some(Entity::Trip)),
            (Table::Travel, "TRIP#2", "TRIP#ITEM#3", Some(Entity::TripItem)),
            (Table::Operations, "USER#1", "EXPORT", Some(Entity::NewestExport)),
            (Table::Operations, "USER#1", "EXPORT#2#1", Some(Entity::ExportPart)),
            (Table::Travel, "USER#1", "BOOKING#3", Some(Entity::Booking)),
            (Table::Travel, "USER#1", "BOOKINGEVENT#3#1", Some(Entity::BookingEvent)),
            (Table::Vault, "USER#1", "KEY#2", Some(Entity::ProviderKey)),
            (Table::Vault, "USER#1", "KEYS", Some(Entity::ProviderKeys)),
            (Table::Community, "ITINERARY#1", "ITINERARY", Some(Entity::Itinerary)),
            (
                Table::Community,
                "ITINERARY#1",
                "ITINERARY#DAY#001",
                Some(Entity::ItineraryPart),
            ),
            (Table::Community, "USER#1", "ITINERARY#0#2", Some(Entity::OwnItinerary)),
            (Table::Identity, "USER#1", "NEW", None),
            (Table::Operations, "NEW#1", "NEW", None),
        ] {
            assert_eq!(Entity::of(table, pk, sk), entity, "{pk} {sk}");
        }
    }
}
