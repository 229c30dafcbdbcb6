//! Featuring: what administrators recommend.

use jiff::Timestamp;
use tripsage_domain::{audit::Record, ids::ItineraryId, itinerary::Itinerary};

use super::{FEATURED, ItineraryRow, STANDING_CHANGED, StandingRow, facets::facets_of};
use crate::{
    Db, StoreError, Transaction,
    catalogue::{Facet, FacetName, Kind, Order, Query, Walk},
    idempotency::Claim,
    keys::itineraries as keys,
};

/// Itineraries that are featured at the same time, at most: the list of them is read whole.
pub const MAX_FEATURED: usize = 100;

/// Attempts while votes and views change the standing.
const ATTEMPTS: usize = 8;

/// What became of an attempt to feature an itinerary, or no longer to.
#[derive(Debug, Clone, PartialEq)]
pub enum Featuring {
    /// It is featured since then, or it is not.
    Done(Box<Itinerary>, Option<Timestamp>),
    /// There is no such itinerary that everybody can see.
    NotFound,
    /// So many are featured already.
    Full(usize),
}

impl Db {
    /// AP-180: features a published itinerary that is not, and no longer features one that is, with the record for the
    /// audit trail that `record` makes of it.
    ///
    /// # Errors
    /// When DynamoDB does not answer; [`StoreError::Conflict`] when others keep changing how it stands.
    pub async fn toggle_feature(
        &self,
        id: ItineraryId,
        now: Timestamp,
        record: impl Fn(bool) -> Record,
        claim: Option<&Claim>,
    ) -> Result<Featuring, StoreError> {
        let mut last = StoreError::Conflict(STANDING_CHANGED);
        for _ in 0..ATTEMPTS {
            let Some((itinerary, old)) = self.find_listed(id).await? else {
                return Ok(Featuring::NotFound);
            };
            let featured_at = old.item.featured_at.is_none().then_some(now);
            if featured_at.is_some() && self.list_featured(now).await?.len() >= MAX_FEATURED {
                return Ok(Featuring::Full(MAX_FEATURED));
            }
            let facets = facets_of(&itinerary, featured_at.is_some());
            let standing = StandingRow {
                featured_at,
                listing: old.item.listing.clone().map(|listing| listing.with_facets(facets)),
                ..old.item.clone()
            };
            let transaction = Transaction::default()
                .with_all(standing.replacing(&old)?)
                .audited(&record(featured_at.is_some()))?;
            match self.commit(transaction.fenced(claim)).await {
                Ok(()) => return Ok(Featuring::Done(Box::new(itinerary), featured_at)),
                Err(error) if error.is_conflict(STANDING_CHANGED) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// AP-180: whether an itinerary is featured.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_featuring(&self, id: ItineraryId) -> Result<Featuring, StoreError> {
        let found = self.find_listed(id).await?;
        Ok(found.map_or(Featuring::NotFound, |(itinerary, standing)| {
            Featuring::Done(Box::new(itinerary), standing.item.featured_at)
        }))
    }

    /// AP-181: the itineraries that are featured, in no order.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_featured(&self, now: Timestamp) -> Result<Vec<ItineraryId>, StoreError> {
        let Some(flag) = Facet::new(FacetName::Flag, FEATURED) else {
            return Ok(Vec::new());
        };
        let query = Query {
            all_of: vec![vec![flag]],
            ..Query::new(Kind::Itinerary, Order::Newest, MAX_FEATURED)
        };
        let found = self.walk(&query, &Walk::begin(now)).await?;
        Ok(found.ids.into_iter().map(ItineraryId::from_uuid).collect())
    }

    async fn find_listed(
        &self,
        id: ItineraryId,
    ) -> Result<Option<(Itinerary, crate::Loaded<StandingRow>)>, StoreError> {
        let (itinerary, standing) = (keys::itinerary(id), keys::itinerary_standing(id));
        let (itinerary, standing) =
            tokio::try_join!(self.get::<ItineraryRow>(&itinerary), self.get::<StandingRow>(&standing))?;
        let itinerary = itinerary.map(|loaded| loaded.item.0).filter(Itinerary::is_public);
        Ok(itinerary.zip(standing))
    }
}
