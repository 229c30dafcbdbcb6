//! What is counted against the rows that are counted, from nothing.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tripsage_domain::{
    change::Change,
    ids::{IntelId, ItineraryId, RatingId, UserId},
    proof::Substance,
    votes::Subject,
};
use uuid::Uuid;

use super::{Looked, PAGE, SETTLED, Verdict};
use crate::{
    Db, Loaded, Range, StoreError,
    catalogue::{EntryRow, Facet, FacetName, Kind},
    intel::{IntelRow, PointerRow},
    itineraries::{ItineraryRow, OwnRow, RemixedRow, listing_of},
    keys::{
        self, Key, Table,
        catalogue::catalogue_facet,
        itineraries::{OWN_ITINERARY_PREFIX, REMIXED_PREFIX, itinerary, itinerary_partition},
        ratings::{self, RATED_PREFIX, TOLD_PREFIX},
        reactions::{VIEW_PREFIX, VOTE_PREFIX, subject_partition},
    },
    projection::{Tally, Target},
    ratings::{RatedRow, RatingRow},
    views::ViewRow,
    votes::VoteRow,
};

/// What a thing is called in a report.
pub(super) fn name(target: Target) -> String {
    let (kind, id) = target.parts();
    format!("{kind} {id}")
}

/// Something that counts, as it was found.
#[derive(Debug)]
pub(super) struct Look {
    target: Target,
    /// What it says.
    found: Tally,
    /// What it should say.
    recounted: Tally,
    /// When something of what it counts last changed.
    changed_at: Timestamp,
}

impl Look {
    pub(super) fn name(&self) -> String {
        name(self.target)
    }

    /// Whether the counts are wrong, or the place in the lists does not follow from them; not while something is going
    /// on.
    pub(super) fn differs(&self, now: Timestamp) -> bool {
        let recounted = self.recounted.clone().placed(now);
        !recounted.agrees(&self.found) && self.changed_at <= now - SETTLED
    }

    fn agrees(&self, other: &Self) -> bool {
        self.recounted.agrees(&other.recounted)
            && self.changed_at == other.changed_at
            && self.found.version() == other.found.version()
    }

    fn count(&mut self, change: &Change, at: Timestamp) {
        self.recounted.count(change);
        self.changed_at = self.changed_at.max(at);
    }

    fn count_vote(&mut self, row: &VoteRow) {
        let change = Change::Voted {
            subject: row.subject(),
            itinerary: row.itinerary,
            before: None,
            after: row.vote(),
        };
        self.count(&change, row.at);
    }

    fn count_rating(&mut self, row: &RatingRow) {
        let change = Change::Rated {
            itinerary: row.itinerary,
            by: row.by,
            before: None,
            after: Some(row.scores()),
        };
        self.count(&change, row.updated_at());
    }

    fn count_intel(&mut self, row: &IntelRow) {
        let Some(told) = &row.told else { return };
        let change = Change::Reported {
            itinerary: row.itinerary,
            by: told.author,
            before: None,
            after: row.report(),
        };
        self.count(&change, row.updated_at);
    }
}

impl Db {
    /// AP-243: the row that counts, then what it counts. What comes between the two looks like a difference, and is gone
    /// when they are looked at again.
    pub(super) async fn look(&self, target: Target, now: Timestamp) -> Result<Option<Look>, StoreError> {
        let Some(found) = self.tally(target).await? else {
            return Ok(None);
        };
        let mut look = Look {
            target,
            recounted: found.emptied(),
            found,
            changed_at: Timestamp::MIN,
        };
        match target {
            Target::Itinerary(id) => self.recount_itinerary(id, &mut look).await?,
            Target::Rating(id) => self.recount_votes(Subject::Rating(id), &mut look).await?,
            Target::Intel(id) => self.recount_votes(Subject::Intel(id), &mut look).await?,
            Target::Resource(id) => {
                let subject = Subject::Resource(id);
                self.recount_votes(subject, &mut look).await?;
                self.recount_views(subject, &mut look).await?;
            }
            Target::Review(id) => self.recount_votes(Subject::Review(id), &mut look).await?,
            Target::Traveller(id) => self.recount_traveller(id, &mut look).await?,
            Target::Group(_) | Target::Reader(_) => {}
        }
        look.recounted = look.recounted.placed(now);
        Ok(Some(look))
    }

    /// AP-244: mends what a second look finds as the first did.
    pub(super) async fn mend(&self, first: Look, now: Timestamp) -> Result<Verdict, StoreError> {
        let Some(second) = self.look(first.target, now).await? else {
            return Ok(Verdict::Right);
        };
        if !second.agrees(&first) {
            return Ok(Verdict::Wrong);
        }
        self.mended(second.recounted.replacing(&second.found)?).await
    }

    /// AP-249: what there is to read, by what readers think of it.
    pub(super) async fn look_at_resources(&self, now: Timestamp) -> Result<Looked, StoreError> {
        let mut looked = Looked::default();
        for entry in self.list_resources().await? {
            self.inspect(Target::Resource(entry.id), now, &mut looked).await;
        }
        Ok(looked)
    }

    async fn recount_itinerary(&self, id: ItineraryId, look: &mut Look) -> Result<(), StoreError> {
        let partition = itinerary_partition(id);
        if let (Some(itinerary), Tally::Itinerary(tally)) = (self.find_itinerary(id).await?, &mut look.recounted) {
            tally.item.substance = Substance::of(&itinerary);
            tally.item.listing = listing_of(&itinerary, &tally.item);
        }
        self.recount_votes(Subject::Itinerary(id), look).await?;
        self.recount_views(Subject::Itinerary(id), look).await?;
        self.each::<RemixedRow>(&partition, REMIXED_PREFIX, |row| {
            look.count(
                &Change::Remixed {
                    itinerary: id,
                    delta: 1,
                },
                row.at,
            );
        })
        .await?;
        let all_ratings = self.listed(Kind::Rating, FacetName::Itinerary, id).await?;
        let ratings: Vec<RatingId> = all_ratings.into_iter().map(RatingId::from_uuid).collect();
        self.recount_ratings(&ratings, look).await?;
        for rating in ratings {
            self.recount_votes(Subject::Rating(rating), look).await?;
        }
        let intel = self.listed(Kind::Intel, FacetName::About, id).await?;
        let intel: Vec<IntelId> = intel.into_iter().map(IntelId::from_uuid).collect();
        self.recount_intel(&intel, look).await
    }

    async fn recount_traveller(&self, user: UserId, look: &mut Look) -> Result<(), StoreError> {
        let partition = keys::user_partition(user);
        let mut own = Vec::new();
        self.each::<OwnRow>(&partition, OWN_ITINERARY_PREFIX, |row| own.push(itinerary(row.id)))
            .await?;
        for some in own.chunks(100) {
            for ItineraryRow(row) in self.get_many::<ItineraryRow>(some).await? {
                let change = Change::Published {
                    itinerary: row.id,
                    by: user,
                    delta: i64::from(row.is_public()),
                };
                look.count(&change, row.updated_at);
            }
        }
        let (mut rated, mut told) = (Vec::new(), Vec::new());
        self.each::<RatedRow>(&partition, RATED_PREFIX, |row| rated.push(row.id))
            .await?;
        self.each::<PointerRow>(&partition, TOLD_PREFIX, |row| told.push(row.id))
            .await?;
        self.recount_ratings(&rated, look).await?;
        self.recount_intel(&told, look).await
    }

    async fn recount_votes(&self, subject: Subject, look: &mut Look) -> Result<(), StoreError> {
        self.each::<VoteRow>(&subject_partition(subject), VOTE_PREFIX, |row| look.count_vote(&row))
            .await
    }

    async fn recount_views(&self, subject: Subject, look: &mut Look) -> Result<(), StoreError> {
        self.each::<ViewRow>(&subject_partition(subject), VIEW_PREFIX, |row| {
            look.count(&Change::Viewed { subject }, row.at);
        })
        .await
    }

    async fn recount_ratings(&self, ids: &[RatingId], look: &mut Look) -> Result<(), StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| ratings::rating(*id)).collect();
        for some in keys.chunks(100) {
            let rows = self.get_many::<RatingRow>(some).await?;
            rows.iter().for_each(|row| look.count_rating(row));
        }
        Ok(())
    }

    async fn recount_intel(&self, ids: &[IntelId], look: &mut Look) -> Result<(), StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| ratings::intel(*id)).collect();
        for some in keys.chunks(100) {
            let rows = self.get_many::<IntelRow>(some).await?;
            rows.iter().for_each(|row| look.count_intel(row));
        }
        Ok(())
    }

    /// What the catalogue lists of an itinerary.
    async fn listed(&self, kind: Kind, name: FacetName, id: ItineraryId) -> Result<Vec<Uuid>, StoreError> {
        let facet = Facet::new(name, &id.to_string());
        let facet = facet.ok_or_else(|| StoreError::Corrupt("an id as a facet".to_owned()))?;
        let mut listed = Vec::new();
        for partition in catalogue_facet(kind, &facet) {
            self.each::<EntryRow>(&partition, "", |entry| listed.push(entry.id))
                .await?;
        }
        Ok(listed)
    }

    /// Every row of a part of a partition.
    pub(super) async fn each<T: DeserializeOwned>(
        &self,
        partition: &str,
        prefix: &str,
        mut see: impl FnMut(T),
    ) -> Result<(), StoreError> {
        let mut range = Range::new(Table::Community, partition.to_owned(), prefix, PAGE);
        loop {
            let page = self.query::<T>(range.clone()).await?;
            page.items.into_iter().for_each(|Loaded { item, .. }| see(item));
            let Some(next) = page.next else { return Ok(()) };
            range = range.after(Some(next));
        }
    }
}
