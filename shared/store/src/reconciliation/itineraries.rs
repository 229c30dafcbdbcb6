//! What is counted of an itinerary against the rows that are counted.

use jiff::Timestamp;
use tripsage_domain::{change::Change, ids::ItineraryId, votes::Subject};

use super::{PAGE, SETTLED, Verdict};
use crate::{
    Db, Loaded, Range, StoreError,
    itineraries::{Counts, StandingRow},
    keys::{
        Table,
        itineraries::{itinerary_partition, itinerary_standing},
        reactions::{VIEW_PREFIX, VOTE_PREFIX},
    },
    views::ViewRow,
    votes::VoteRow,
};

/// An itinerary as it was found.
#[derive(Debug)]
pub(super) struct Look {
    standing: Loaded<StandingRow>,
    /// What the counts should be.
    counts: Counts,
    /// When something of what they count last changed.
    changed_at: Timestamp,
}

impl Look {
    pub(super) fn id(&self) -> ItineraryId {
        self.standing.item.id
    }

    /// Whether the counts are wrong, or the place in the lists does not follow from them; not while something is going
    /// on.
    pub(super) fn differs(&self, now: Timestamp) -> bool {
        let standing = &self.standing.item;
        let misplaced = standing
            .clone()
            .placed(now)
            .listing
            .map(|listing| listing.measures().to_vec())
            != standing.listing.as_ref().map(|listing| listing.measures().to_vec());
        (self.counts != standing.counts || misplaced) && self.changed_at + SETTLED <= now
    }

    fn agrees(&self, other: &Self) -> bool {
        self.counts == other.counts
            && self.changed_at == other.changed_at
            && self.standing.version == other.standing.version
    }
}

impl Db {
    /// AP-243: the row that counts, then what it counts. What comes between the two looks like a difference, and is gone
    /// when they are looked at again.
    pub(super) async fn look(&self, id: ItineraryId) -> Result<Option<Look>, StoreError> {
        let Some(standing) = self.get::<StandingRow>(&itinerary_standing(id)).await? else {
            return Ok(None);
        };
        let mut changed_at = standing.item.created_at;
        let mut counts = Counts {
            upvotes: 0,
            downvotes: 0,
            views: 0,
            // What has no rows in the partition is taken as it is.
            ..standing.item.counts
        };
        let rows = |prefix| Range::new(Table::Community, itinerary_partition(id), prefix, PAGE);
        let mut range = rows(VOTE_PREFIX);
        loop {
            let page = self.query::<VoteRow>(range.clone()).await?;
            for Loaded { item: row, .. } in page.items {
                changed_at = changed_at.max(row.at);
                counts.apply(&Change::Voted {
                    subject: Subject::Itinerary(id),
                    itinerary: None,
                    before: None,
                    after: row.vote(),
                });
            }
            let Some(next) = page.next else { break };
            range = range.after(Some(next));
        }
        let mut range = rows(VIEW_PREFIX);
        loop {
            let page = self.query::<ViewRow>(range.clone()).await?;
            for Loaded { item: row, .. } in page.items {
                changed_at = changed_at.max(row.at);
                counts.apply(&Change::Viewed {
                    subject: Subject::Itinerary(id),
                });
            }
            let Some(next) = page.next else { break };
            range = range.after(Some(next));
        }
        Ok(Some(Look {
            standing,
            counts,
            changed_at,
        }))
    }

    /// AP-244: mends what a second look finds as the first did.
    pub(super) async fn mend(&self, first: Look, now: Timestamp) -> Result<Verdict, StoreError> {
        let Some(second) = self.look(first.id()).await? else {
            return Ok(Verdict::Right);
        };
        if !second.agrees(&first) {
            return Ok(Verdict::Wrong);
        }
        let mended = StandingRow {
            counts: second.counts,
            ..second.standing.item.clone()
        };
        self.replace_standing(&second.standing, &mended.placed(now)).await
    }
}
