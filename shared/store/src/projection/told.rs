//! Whom to tell what.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tripsage_domain::{ids::UserId, notification::NotificationKind};

use super::Event;
use crate::{
    StoreError, Write,
    notifications::{About, NotificationRow},
};

/// That somebody is to be told something.
#[derive(Debug, Clone)]
pub(super) struct Told {
    user: UserId,
    event: Event,
    kind: NotificationKind,
    about: About,
}

impl Told {
    /// `user` is told of what an event says.
    pub(super) fn new(user: UserId, event: &Event, kind: NotificationKind, about: About) -> Self {
        Self {
            user,
            event: event.clone(),
            kind,
            about,
        }
    }

    /// The notifications, and for each recipient the condition that they have not left.
    pub(super) fn writes(told: Vec<Self>, now: Timestamp) -> Result<Vec<Write>, StoreError> {
        let recipients: BTreeSet<UserId> = told.iter().map(|told| told.user).collect();
        let mut writes: Vec<Write> = recipients.into_iter().map(NotificationRow::recipient).collect();
        for Self {
            user,
            event,
            kind,
            about,
        } in told
        {
            // The id follows from the record: whoever delivers it again tells the same thing.
            let id = crate::keys::Digest::of(&[event.marker.to_string().as_bytes(), kind.name().as_bytes()]).to_uuid();
            writes.push(NotificationRow::telling(user, id, kind, about, now)?);
        }
        Ok(writes)
    }
}
