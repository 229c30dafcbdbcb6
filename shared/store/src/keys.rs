//! Every key of every table, in one place.
//!
//! Only types whose text cannot contain `#` may enter a key: ids, fixed-width numbers, dates, digests and slugs.

pub(crate) mod catalogue;
mod groups;
pub(crate) mod itineraries;
pub(crate) mod projections;
pub(crate) mod ratings;
pub(crate) mod reactions;
mod safety;

pub(crate) use groups::*;
pub use safety::*;

use std::fmt::Display;

use aws_lc_rs::digest;
use jiff::{Timestamp, civil::Date};
use tripsage_domain::ids::{
    AuditId, BookingId, ExportId, GroupId, InvitationId, ItemId, KeyId, LinkId, SavedSearchId, SearchId, SessionId,
    TemplateId, TokenId, TripId, UserId,
};
use tripsage_domain::user::{Email, Provider, Username};
use uuid::Uuid;

/// What a mailed link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To show that the address belongs to the user.
    VerifyEmail,
    /// To choose a new password.
    ResetPassword,
}

impl Purpose {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "VERIFY",
            Self::ResetPassword => "RESET",
        }
    }
}

/// A list of things that fall due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DueList {
    /// Accounts to erase.
    Erasure,
    /// Deleted trips to purge.
    Purge,
    /// Deleted groups to purge.
    GroupPurge,
    /// Exports to make.
    Export,
    /// Bookings whose outcome is not known, or that run out.
    Booking,
    /// Bookings that a person has to look at; no job takes anything off this list.
    Review,
    /// Deleted itineraries to purge.
    Itinerary,
    /// Guides whose suspension ends, to list again.
    Suspension,
}

impl DueList {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Erasure => "ERASURE",
            Self::Purge => "PURGE",
            Self::GroupPurge => "GROUP_PURGE",
            Self::Export => "EXPORT",
            Self::Booking => "BOOKING",
            Self::Review => "REVIEW",
            Self::Itinerary => "ITINERARY",
            Self::Suspension => "SUSPENSION",
        }
    }
}

/// A table of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// Users, credentials, sessions, one-time codes, preferences.
    Identity,
    /// Trips, members, versions, templates.
    Travel,
    /// Audit, idempotency, throttles, jobs.
    Operations,
    /// Users' own provider keys, sealed, and how they are used.
    Vault,
    /// Itineraries, ratings, travel intel, groups, guides, and the catalogue of them.
    Community,
}

/// Where one item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub(crate) table: Table,
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// A part of a key.
pub trait KeyPart: Display {}

macro_rules! key_parts {
    ($($type:ty),*) => { $(impl KeyPart for $type {})* };
}

key_parts!(
    UserId,
    SessionId,
    TokenId,
    TripId,
    ItemId,
    LinkId,
    InvitationId,
    TemplateId,
    ExportId,
    AuditId,
    SearchId,
    SavedSearchId,
    BookingId,
    GroupId,
    KeyId,
    Date,
    Digest,
    Slug,
    Instant,
    Number
);

/// SHA-256 of something that must not, or cannot, be a key itself, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest(String);

impl Digest {
    /// The digest of the parts; where one ends and the next begins matters.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        Self(
            context
                .finish()
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }
}

impl Digest {
    /// The first half of it as a random (version 4) UUID: an id that everybody draws who knows the parts.
    pub fn to_uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(self.0.as_bytes().chunks(2)) {
            let hex = std::str::from_utf8(pair).unwrap_or_default();
            *byte = u8::from_str_radix(hex, 16).unwrap_or_default();
        }
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text of lower-case ASCII letters, digits, `-` and `_`, such as a canonical username.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Slug(String);

impl Slug {
    /// Takes the text when it has no other characters.
    pub fn new(text: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        (!text.is_empty() && text.len() <= 100 && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }
}

impl From<&Username> for Slug {
    fn from(username: &Username) -> Self {
        Self(username.canonical())
    }
}

impl Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An instant in milliseconds, of fixed width, so that texts sort as times do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant(Timestamp);

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:015}", self.0.as_millisecond().max(0))
    }
}

/// A number of fixed width, so that texts sort as numbers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(pub u64);

impl Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:012}", self.0)
    }
}

impl Key {
    pub(crate) fn new(table: Table, pk: String, sk: String) -> Self {
        Self { table, pk, sk }
    }
}

/// `USER#<id>`, in whatever table.
pub(crate) fn user_partition(user: UserId) -> String {
    format!("USER#{user}")
}

/// The public keys and the key that seals cursors.
pub fn keyring() -> Key {
    Key::new(Table::Identity, "SIGNING".to_owned(), "KEYRING".to_owned())
}

/// What there is to know of a user.
pub fn user(user: UserId) -> Key {
    Key::new(Table::Identity, user_partition(user), "PROFILE".to_owned())
}

/// The hash of a user's password.
pub(crate) fn password(user: UserId) -> Key {
    Key::new(Table::Identity, user_partition(user), "PASSWORD".to_owned())
}

/// What a user prefers.
pub(crate) fn preferences(user: UserId) -> Key {
    Key::new(Table::Identity, user_partition(user), "PREFERENCES".to_owned())
}

/// The digest by which an e-mail address is known in keys.
pub fn email_digest(email: &Email) -> Digest {
    Digest::of(&[b"email", email.canonical().as_bytes()])
}

/// Whose an e-mail address is.
pub(crate) fn email_claim(digest: &Digest) -> Key {
    Key::new(Table::Identity, format!("EMAIL#{digest}"), "CLAIM".to_owned())
}

/// Whose a username is, and what the directory shows of them. Neighbours in the alphabet share a partition, so that a
/// prefix can be searched for.
pub(crate) fn username(slug: &Slug) -> Key {
    Key::new(Table::Identity, username_partition(slug), slug.to_string())
}

pub(crate) fn username_partition(slug: &Slug) -> String {
    format!("{USERNAMES}{}", slug.0.get(..2).unwrap_or(&slug.0))
}

const USERNAMES: &str = "USERNAME#";

/// Every partition of the directory.
pub(crate) fn username_partitions() -> impl Iterator<Item = String> {
    let characters = || ('a'..='z').chain('0'..='9').chain(['-', '_']);
    characters().flat_map(move |first| characters().map(move |second| format!("{USERNAMES}{first}{second}")))
}

/// An account elsewhere with which a user signs in.
pub(crate) fn provider_link(user: UserId, provider: Provider) -> Key {
    Key::new(
        Table::Identity,
        user_partition(user),
        format!("LINK#{}", provider.name()),
    )
}

/// Whose an account elsewhere is; the subject is the provider's own immutable id.
pub(crate) fn provider_claim(provider: Provider, subject: &str) -> Key {
    let digest = Digest::of(&[b"subject", subject.as_bytes()]);
    Key::new(
        Table::Identity,
        format!("LINK#{}#{digest}", provider.name()),
        "CLAIM".to_owned(),
    )
}

/// Attempts at the password of the account with this address.
pub(crate) fn password_attempts(email: &Digest) -> Key {
    Key::new(Table::Identity, format!("EMAIL#{email}"), "LOGIN".to_owned())
}

/// The one-time code that was mailed to this address.
pub(crate) fn one_time_code(email: &Digest) -> Key {
    Key::new(Table::Identity, format!("EMAIL#{email}"), "OTP".to_owned())
}

/// The link that was mailed to a user for one purpose.
pub(crate) fn mailed_link(user: UserId, purpose: Purpose) -> Key {
    Key::new(
        Table::Identity,
        user_partition(user),
        format!("MAIL#{}", purpose.name()),
    )
}

/// A round trip to a provider that is under way.
pub(crate) fn provider_round_trip(state: &Digest) -> Key {
    Key::new(Table::Identity, format!("STATE#{state}"), "STATE".to_owned())
}

/// One sign-in of a user.
pub fn session(user: UserId, session: SessionId) -> Key {
    Key::new(Table::Identity, user_partition(user), format!("SESSION#{session}"))
}

/// A personal access token of a user.
pub fn access_token(user: UserId, token: TokenId) -> Key {
    Key::new(Table::Identity, user_partition(user), format!("TOKEN#{token}"))
}

/// An entry of a user's audit trail.
pub(crate) fn audit(user: UserId, at: Timestamp, id: AuditId) -> Key {
    Key::new(
        Table::Operations,
        audit_partition(user),
        format!("{}#{id}", Instant(at)),
    )
}

pub(crate) fn audit_partition(user: UserId) -> String {
    format!("AUDIT#{user}")
}

/// Every key of a user's audit trail before `at` sorts before this, and none that is not.
pub(crate) fn audit_before(at: Timestamp) -> String {
    Instant(at).to_string()
}

/// An entry of the audit trail of somebody who was erased.
pub(crate) fn pseudonymous_audit(pseudonym: &Digest, at: Timestamp, id: AuditId) -> Key {
    Key::new(
        Table::Operations,
        format!("AUDIT#{pseudonym}"),
        format!("{}#{id}", Instant(at)),
    )
}

/// The newest export that a user asked for.
pub(crate) fn newest_export(user: UserId) -> Key {
    Key::new(Table::Operations, user_partition(user), "EXPORT".to_owned())
}

/// A part of an export.
pub(crate) fn export_part(user: UserId, export: ExportId, number: u64) -> Key {
    Key::new(
        Table::Operations,
        user_partition(user),
        format!("{}{}", export_parts(export), Number(number)),
    )
}

/// Beginning of the sort keys of an export's parts.
pub(crate) fn export_parts(export: ExportId) -> String {
    format!("EXPORT#{export}#")
}

/// What a scheduled job has to do, sorted by when.
pub(crate) fn due(list: DueList, at: Timestamp, id: Uuid) -> Key {
    Key::new(Table::Operations, due_partition(list), format!("{}#{id}", Instant(at)))
}

pub(crate) fn due_partition(list: DueList) -> String {
    format!("DUE#{}", list.name())
}

/// What is left to say of an account that was erased.
pub(crate) fn erasure_receipt(at: Timestamp, id: Uuid) -> Key {
    Key::new(
        Table::Operations,
        "RECEIPT#ERASURE".to_owned(),
        format!("{}#{id}", Instant(at)),
    )
}

/// The remembered answer of one idempotent request.
pub(crate) fn idempotency(scope: &Digest) -> Key {
    Key::new(Table::Operations, format!("IDEMPOTENCY#{scope}"), "REQUEST".to_owned())
}

/// A counter of attempts in one window.
pub fn throttle(subject: &Digest, window: u64) -> Key {
    Key::new(
        Table::Operations,
        format!("THROTTLE#{subject}"),
        Number(window).to_string(),
    )
}

/// A trip with its members.
pub fn trip(id: TripId) -> Key {
    Key::new(Table::Travel, trip_partition(id), "TRIP".to_owned())
}

pub(crate) fn trip_partition(id: TripId) -> String {
    format!("TRIP#{id}")
}

/// An item of a trip; sorts right after the trip itself, so that both can be read at once.
pub fn trip_item(trip: TripId, item: ItemId) -> Key {
    Key::new(Table::Travel, trip_partition(trip), format!("{TRIP_ITEM_PREFIX}{item}"))
}

/// Beginning of the sort keys of a trip's items.
pub(crate) const TRIP_ITEM_PREFIX: &str = "TRIP#ITEM#";

/// Beginning of the sort keys of a trip and of its items, and of nothing else.
pub(crate) const TRIP_AND_ITEMS_PREFIX: &str = "TRIP";

/// A version of a trip.
pub fn trip_version(trip: TripId, number: u64) -> Key {
    Key::new(
        Table::Travel,
        trip_partition(trip),
        format!("{TRIP_VERSION_PREFIX}{}", Number(number)),
    )
}

/// Beginning of the sort keys of a trip's versions.
pub(crate) const TRIP_VERSION_PREFIX: &str = "VERSION#";

/// What a member's list shows of a trip; sorts by the time at which the trip was made.
pub fn trip_listing(user: UserId, created_at: Timestamp, trip: TripId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(user),
        format!("{LISTING_PREFIX}{}#{trip}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a user's listings.
pub(crate) const LISTING_PREFIX: &str = "TRIP#";

/// A trip in whose history a user stands who is no member any more.
pub fn former_trip(user: UserId, trip: TripId) -> Key {
    Key::new(Table::Travel, user_partition(user), format!("{FORMER_PREFIX}{trip}"))
}

/// Beginning of the sort keys of the trips that a user took part in.
pub(crate) const FORMER_PREFIX: &str = "FORMER#";

/// An invitation to a trip.
pub(crate) fn trip_invitation(trip: TripId, invitation: InvitationId) -> Key {
    Key::new(
        Table::Travel,
        trip_partition(trip),
        format!("{TRIP_INVITATION_PREFIX}{invitation}"),
    )
}

/// Beginning of the sort keys of a trip's invitations.
pub(crate) const TRIP_INVITATION_PREFIX: &str = "INVITATION#";

/// A read-only link to a trip.
pub(crate) fn trip_link(trip: TripId, link: LinkId) -> Key {
    Key::new(Table::Travel, trip_partition(trip), format!("{TRIP_LINK_PREFIX}{link}"))
}

/// Beginning of the sort keys of a trip's links.
pub(crate) const TRIP_LINK_PREFIX: &str = "LINK#";

/// A member's calendar feed of a trip.
pub(crate) fn trip_feed(trip: TripId, user: UserId) -> Key {
    Key::new(Table::Travel, trip_partition(trip), format!("FEED#{user}"))
}

/// A trip template.
pub(crate) fn template(id: TemplateId) -> Key {
    Key::new(Table::Travel, format!("TEMPLATE#{id}"), "TEMPLATE".to_owned())
}

/// What its owner's list shows of a template; sorts by the time at which it was made.
pub(crate) fn template_listing(owner: UserId, created_at: Timestamp, id: TemplateId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(owner),
        format!("{TEMPLATE_LISTING_PREFIX}{}#{id}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a user's listed templates.
pub(crate) const TEMPLATE_LISTING_PREFIX: &str = "TEMPLATE#";

/// How many templates a user has.
pub(crate) fn template_count(owner: UserId) -> Key {
    Key::new(Table::Travel, user_partition(owner), "TEMPLATES".to_owned())
}

/// Partitions over which the list of public templates is spread.
pub(crate) const PUBLIC_TEMPLATE_SHARDS: u8 = 4;

pub(crate) fn public_templates(shard: u8) -> String {
    format!("TEMPLATES#{}", Number(shard.into()))
}

/// What the public list shows of a template; sorts by the time at which it was made.
pub(crate) fn public_template(created_at: Timestamp, id: TemplateId) -> Key {
    let shard = id.uuid().as_bytes()[0] % PUBLIC_TEMPLATE_SHARDS;
    Key::new(
        Table::Travel,
        public_templates(shard),
        format!("{}#{id}", Instant(created_at)),
    )
}

/// A search that a user made not long ago.
pub(crate) fn recent_search(user: UserId, search: SearchId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(user),
        format!("{RECENT_SEARCH_PREFIX}{search}"),
    )
}

/// Beginning of the sort keys of a user's recent searches.
pub(crate) const RECENT_SEARCH_PREFIX: &str = "SEARCH#";

/// A search that a user saved.
pub(crate) fn saved_search(user: UserId, search: SavedSearchId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(user),
        format!("{SAVED_SEARCH_PREFIX}{search}"),
    )
}

/// Beginning of the sort keys of a user's saved searches.
pub(crate) const SAVED_SEARCH_PREFIX: &str = "SAVED_SEARCH#";

/// How many searches a user has saved.
pub(crate) fn saved_search_count(user: UserId) -> Key {
    Key::new(Table::Travel, user_partition(user), "SAVED_SEARCHES".to_owned())
}

/// A booking.
pub(crate) fn booking(owner: UserId, id: BookingId) -> Key {
    Key::new(Table::Travel, user_partition(owner), format!("{BOOKING_PREFIX}{id}"))
}

/// Beginning of the sort keys of a user's bookings, and of nothing else.
pub(crate) const BOOKING_PREFIX: &str = "BOOKING#";

/// That there is a booking; sorts by the time at which it was made.
pub(crate) fn booking_listing(owner: UserId, created_at: Timestamp, id: BookingId) -> Key {
    Key::new(
        Table::Travel,
        user_partition(owner),
        format!("{BOOKING_LISTING_PREFIX}{}#{id}", Instant(created_at)),
    )
}

/// Beginning of the sort keys of a user's listed bookings.
pub(crate) const BOOKING_LISTING_PREFIX: &str = "BOOKED#";

/// An entry of a booking's log.
pub(crate) fn booking_event(owner: UserId, id: BookingId, number: u64) -> Key {
    Key::new(
        Table::Travel,
        user_partition(owner),
        format!("{}{}", booking_events(id), Number(number)),
    )
}

/// Beginning of the sort keys of a booking's log.
pub(crate) fn booking_events(id: BookingId) -> String {
    format!("BOOKINGEVENT#{id}#")
}

/// Which booking an order of a provider belongs to.
pub(crate) fn booking_order(owner: UserId, order: &str) -> Key {
    let digest = Digest::of(&[b"order", order.as_bytes()]);
    Key::new(Table::Travel, user_partition(owner), format!("ORDER#{digest}"))
}

/// A message of a provider that was dealt with.
pub(crate) fn webhook_event(account: &str, event: &str) -> Key {
    let digest = Digest::of(&[b"webhook", account.as_bytes(), event.as_bytes()]);
    Key::new(Table::Operations, format!("WEBHOOK#{digest}"), "EVENT".to_owned())
}

/// A user's own key for a service of others.
pub(crate) fn provider_key(user: UserId, key: KeyId) -> Key {
    Key::new(
        Table::Vault,
        user_partition(user),
        format!("{PROVIDER_KEY_PREFIX}{key}"),
    )
}

/// Beginning of the sort keys of a user's own keys.
pub(crate) const PROVIDER_KEY_PREFIX: &str = "KEY#";

/// How many keys a user has, and what they have been doing with them lately.
pub(crate) fn provider_keys(user: UserId) -> Key {
    Key::new(Table::Vault, user_partition(user), PROVIDER_KEYS.to_owned())
}

/// Sort key of what there is to know of all keys of a user.
pub(crate) const PROVIDER_KEYS: &str = "KEYS";

/// Beginning of the sort keys of a user's own keys and of what is known of all of them, and of nothing else.
pub(crate) const PROVIDER_KEYS_PREFIX: &str = "KEY";

/// How often a key was used on a day.
pub(crate) fn provider_key_use(user: UserId, day: Date, key: KeyId) -> Key {
    Key::new(
        Table::Vault,
        user_partition(user),
        format!("{KEY_USE_PREFIX}{day}#{key}"),
    )
}

/// Beginning of the sort keys of the uses of a user's keys; the day follows.
pub(crate) const KEY_USE_PREFIX: &str = "USE#";

/// How a provider was doing when somebody last asked it.
pub(crate) fn provider_state(provider: &Slug) -> Key {
    Key::new(Table::Operations, PROVIDER_STATES.to_owned(), provider.to_string())
}

/// Partition of how the providers are doing.
pub(crate) const PROVIDER_STATES: &str = "PROVIDERS";

/// A KMS key that has sealed something.
pub(crate) fn kms_key(digest: &Digest) -> Key {
    Key::new(Table::Vault, KMS_KEYS.to_owned(), digest.to_string())
}

/// Partition of the KMS keys that have sealed something.
pub(crate) const KMS_KEYS: &str = "KMS";

/// Partitions over which the list of what one KMS key has sealed is spread.
pub const SEALED_SHARDS: u8 = 8;

pub(crate) fn sealed_partition(kms_key: &Digest, shard: u8) -> String {
    format!("SEALED#{kms_key}#{}", Number(shard.into()))
}

/// Says that a user's own key is sealed with this KMS key.
pub(crate) fn sealed_under(kms_key: &Digest, user: UserId, key: KeyId) -> Key {
    let shard = key.uuid().as_bytes()[0] % SEALED_SHARDS;
    Key::new(Table::Vault, sealed_partition(kms_key, shard), format!("{user}#{key}"))
}
