//! Keys of users and of how they sign in.

use tripsage_domain::{
    ids::{SessionId, TokenId, UserId},
    user::{Email, Provider},
};

use super::{Digest, Key, Slug, Table, user_partition};

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
