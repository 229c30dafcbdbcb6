//! Groups, which count their members themselves, in the transaction that lets somebody in: what differs there is wrong
//! at once. Their place in the catalogue follows later, and is wrong when it has not followed for long.

use jiff::Timestamp;
use tripsage_domain::{
    group::{Counts, Group, JoinStatus, Member},
    ids::GroupId,
};

use super::{SETTLED, Verdict};
use crate::{
    Db, StoreError, Transaction, Write,
    catalogue::Listing,
    groups::{GROUP_CHANGED, GroupRow},
    keys,
};

fn counted(people: &[Member]) -> Counts {
    let number = |status| {
        let with = people.iter().filter(|person| person.status == status);
        u32::try_from(with.count()).unwrap_or(u32::MAX)
    };
    Counts {
        members: number(JoinStatus::Accepted),
        pending: number(JoinStatus::Pending),
        blocked: number(JoinStatus::Blocked),
    }
}

impl Db {
    /// AP-250: whether a group counts those who stand in it, and the catalogue says what it says. Whoever comes or goes
    /// changes the group's version, so what was read of both belongs together when it can be written.
    pub(super) async fn check_group(&self, id: GroupId, now: Timestamp) -> Result<Verdict, StoreError> {
        let (Some(standing), Some(found)) = (self.find_group_standing(id).await?, self.find_group(id, &[]).await?)
        else {
            return Ok(Verdict::Right);
        };
        let (group, people) = (found.group, self.list_group_members(id).await?);
        let counts = counted(&people);
        if counts != group.counts {
            let row = GroupRow::from(&Group {
                counts,
                ..group.clone()
            });
            let write = Write::replace(GROUP_CHANGED, keys::group(id), &row, group.sequence)?;
            // The catalogue follows, as it follows every change of a group.
            return self.mended(vec![write]).await;
        }
        let changed_at = people
            .iter()
            .map(|person| person.since)
            .fold(group.updated_at, Timestamp::max);
        let after = standing.item.of(&group, now);
        let is_listed = Listing::agree(standing.item.listing.as_ref(), after.listing.as_ref());
        let is_right = is_listed && standing.item.members == after.members;
        if is_right || changed_at > now - SETTLED {
            return Ok(Verdict::Right);
        }
        self.mended(Transaction::default().relisting_group(&standing, &after)?.writes)
            .await
    }
}
