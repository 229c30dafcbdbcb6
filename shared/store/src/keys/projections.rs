//! Keys of what the projector remembers and of what it tells.

use jiff::Timestamp;
use tripsage_domain::ids::{NotificationId, UserId};

use super::{Digest, Instant, Key, Table, user_partition};

/// That a change was counted.
pub(crate) fn applied(marker: &Digest) -> Key {
    Key::new(Table::Community, format!("APPLIED#{marker}"), "EVENT".to_owned())
}

/// Something that a user is told; sorts by when it happened.
pub(crate) fn notification(user: UserId, at: Timestamp, id: NotificationId) -> Key {
    Key::new(
        Table::Community,
        user_partition(user),
        format!("{NOTIFICATION_PREFIX}{}#{id}", Instant(at)),
    )
}

/// Beginning of the sort keys of what a user is told.
pub(crate) const NOTIFICATION_PREFIX: &str = "NOTIFICATION#";

/// What a reconciliation found; sorts by when it began.
pub(crate) fn reconciliation(at: Timestamp) -> Key {
    Key::new(Table::Operations, RECONCILIATIONS.to_owned(), Instant(at).to_string())
}

/// Partition of what reconciliations found.
pub(crate) const RECONCILIATIONS: &str = "RECONCILIATIONS";
