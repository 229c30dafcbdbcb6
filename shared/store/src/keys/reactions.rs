//! Keys of votes, views, travellers' counts and boards.

use tripsage_domain::{
    ids::UserId,
    votes::{Subject, SubjectKind},
};

use super::{Digest, Key, Slug, Table, user_partition};

/// Partition of a thing that can be voted on, or seen.
pub(crate) fn subject_partition(subject: Subject) -> String {
    let id = subject.uuid();
    format!("{}#{id}", subject_name(subject.kind()))
}

const fn subject_name(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Itinerary => "ITINERARY",
        SubjectKind::Rating => "RATING",
        SubjectKind::Intel => "INTEL",
        SubjectKind::Resource => "RESOURCE",
        SubjectKind::Review => "REVIEW",
    }
}

/// The vote of a user on a thing.
pub(crate) fn vote(subject: Subject, user: UserId) -> Key {
    Key::new(
        Table::Community,
        subject_partition(subject),
        format!("{VOTE_PREFIX}{user}"),
    )
}

/// Beginning of the sort keys of the votes on a thing.
pub(crate) const VOTE_PREFIX: &str = "VOTE#";

/// That a user has voted on a thing: by this, their votes can be found from them.
pub(crate) fn voted(user: UserId, subject: Subject) -> Key {
    Key::new(
        Table::Community,
        user_partition(user),
        format!("{VOTED_PREFIX}{}#{}", subject_name(subject.kind()), subject.uuid()),
    )
}

/// Beginning of the sort keys of what a user has voted on.
pub(crate) const VOTED_PREFIX: &str = "VOTED#";

/// That somebody has seen a thing; by whom cannot be read from the digest.
pub(crate) fn view(subject: Subject, viewer: &Digest) -> Key {
    Key::new(
        Table::Community,
        subject_partition(subject),
        format!("{VIEW_PREFIX}{viewer}"),
    )
}

/// Beginning of the sort keys of who has seen a thing.
pub(crate) const VIEW_PREFIX: &str = "VIEW#";

/// What a traveller has contributed, counted.
pub(crate) fn traveller(user: UserId) -> Key {
    Key::new(Table::Community, user_partition(user), "STATS".to_owned())
}

/// A board: what or who is ahead.
pub(crate) fn board(name: &Slug) -> Key {
    Key::new(Table::Community, "BOARD".to_owned(), name.to_string())
}
