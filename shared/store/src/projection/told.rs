//! Whom to tell what.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tripsage_domain::{
    change::Change,
    group::Group,
    ids::{ItineraryId, UserId},
    notification::{NotificationKind, milestone},
};

use super::Event;
use crate::{
    StoreError, Write,
    itineraries::StandingRow,
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

/// What the owner of an itinerary is told when these events have been counted.
pub(super) fn owner(standing: &mut StandingRow, events: &[Event]) -> Vec<Told> {
    let (owner, id) = (standing.owner, standing.id);
    let mut told: Vec<Told> = events
        .iter()
        .filter_map(|event| {
            let (kind, by) = match event.change {
                Change::Rated {
                    by,
                    before: None,
                    after: Some(_),
                    ..
                } => (NotificationKind::Rating, by),
                Change::Reported {
                    by,
                    before: None,
                    after: Some(_),
                    ..
                } => (NotificationKind::Intel, by),
                _ => return None,
            };
            (by != owner).then(|| Told::new(owner, event, kind, about(id)))
        })
        .collect();
    if let (Some(reached), Some(last)) = (milestone(standing.votes_told, standing.counts.upvotes), events.last()) {
        standing.votes_told = reached;
        let about = About {
            count: Some(reached),
            ..about(id)
        };
        told.push(Told::new(owner, last, NotificationKind::Vote, about));
    }
    told
}

fn about(id: ItineraryId) -> About {
    About {
        itinerary: Some(id),
        ..About::default()
    }
}

/// What whoever organizes a group is told.
pub(super) fn organizer(group: &Group, event: &Event) -> Option<Told> {
    let kind = match event.change {
        Change::Requested { .. } => NotificationKind::GroupJoinRequest,
        Change::Joined { user, .. } if user != group.organizer => NotificationKind::GroupMember,
        _ => return None,
    };
    let about = About {
        group: Some(group.id),
        ..About::default()
    };
    Some(Told::new(group.organizer, event, kind, about))
}

/// What somebody is told for whom nothing is counted.
pub(super) fn reader(user: UserId, event: &Event) -> Option<Told> {
    let (kind, about) = match event.change {
        Change::Invited { group } => (
            NotificationKind::GroupInvitation,
            About {
                group: Some(group),
                ..About::default()
            },
        ),
        Change::Joined { group, .. } => (
            NotificationKind::GroupMember,
            About {
                group: Some(group),
                ..About::default()
            },
        ),
        Change::Engaged { booking, guide, status } => (
            NotificationKind::GuideBooking,
            About {
                booking: Some(booking),
                guide: Some(guide),
                status: Some(status.name().to_owned()),
                ..About::default()
            },
        ),
        Change::Reviewed { booking, guide } => (
            NotificationKind::GuideReview,
            About {
                booking: Some(booking),
                guide: Some(guide),
                ..About::default()
            },
        ),
        _ => return None,
    };
    Some(Told::new(user, event, kind, about))
}
