//! How an itinerary is changed: read it, decide, commit, and let nobody see the old one from the cache; and once more
//! when somebody else was faster.

use std::time::Duration;

use tripsage_cache::Tag;
use tripsage_domain::{ids::ItineraryId, itinerary::Itinerary};
use tripsage_http::{ApiError, Code, Context, MaybeCaller, Reply};
use tripsage_store::{
    StoreError,
    itineraries::{ITINERARY_CHANGED, ItineraryChange, PART_CHANGED, Whole},
};

use crate::{App, body::ItineraryDetail};

/// Attempts at a change that others get in the way of.
const ATTEMPTS: u32 = 6;

/// Pause after the first lost race; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

impl App {
    /// The itinerary, whoever asks, deleted or not.
    pub(crate) async fn find_itinerary(&self, id: ItineraryId) -> Result<Itinerary, ApiError> {
        let found = self.db.find_itinerary(id).await?;
        found.ok_or_else(|| ApiError::not_found("itinerary"))
    }

    /// The itinerary, for somebody who may see it.
    pub(crate) async fn view_itinerary(&self, caller: &MaybeCaller, id: ItineraryId) -> Result<Itinerary, ApiError> {
        let itinerary = self.find_itinerary(id).await?;
        permit_view(&itinerary, caller)?;
        Ok(itinerary)
    }

    /// Changes an itinerary by `decide`, which sees what `load` has read and says how it should be, and what the caller
    /// is to be told. No change is committed when it gives none.
    ///
    /// After a lost race both are called anew, so every right and every `If-Match` is checked against what is changed.
    pub(crate) async fn edit<S, T, F>(
        &self,
        context: &Context,
        load: impl Fn() -> F,
        decide: impl for<'a> Fn(&'a S) -> Result<(Option<ItineraryChange<'a>>, T), ApiError>,
    ) -> Result<T, ApiError>
    where
        F: Future<Output = Result<S, ApiError>>,
    {
        let mut pause = FIRST_PAUSE;
        for _ in 0..ATTEMPTS {
            let state = load().await?;
            let (change, told) = decide(&state)?;
            let Some(mut change) = change else {
                return Ok(told);
            };
            change.claim = context.claim();
            match self.db.commit_itinerary(&change).await {
                Ok(()) => {
                    self.forget(change.before, &change.after).await;
                    return Ok(told);
                }
                Err(StoreError::Conflict(ITINERARY_CHANGED | PART_CHANGED | "standing") | StoreError::Throttled(_)) => {
                    tokio::time::sleep(self.jittered(context, pause)).await;
                    pause *= 2;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(Code::EditConflict).retry_after(Duration::from_secs(1)))
    }

    /// Lets nobody see from the cache what an itinerary was. Drafts are in no cache.
    pub(crate) async fn forget(&self, before: Option<&Itinerary>, after: &Itinerary) {
        if after.is_public() || before.is_some_and(Itinerary::is_public) {
            let own = Tag::Itinerary(after.id.to_string());
            tokio::join!(self.edge.bump(&own), self.edge.bump(&Tag::Itineraries));
        }
    }

    /// The itinerary as it is now, with its parts, for whoever has changed it.
    pub(crate) async fn changed(
        &self,
        message: &'static str,
        id: ItineraryId,
    ) -> Result<Reply<ItineraryDetail>, ApiError> {
        let whole = self.db.find_whole_itinerary(id).await?;
        let whole = whole.ok_or_else(|| ApiError::not_found("itinerary"))?;
        let version = whole.itinerary.version;
        Ok(Reply::ok(message, self.detail(&whole).await?).etag(version))
    }

    pub(crate) async fn detail(&self, whole: &Whole) -> Result<ItineraryDetail, ApiError> {
        let people = self.db.find_users(&[whole.itinerary.owner]).await?;
        Ok(ItineraryDetail::new(whole, &people))
    }

    fn jittered(&self, context: &Context, pause: Duration) -> Duration {
        let mut byte = [0];
        context.ports.entropy.fill(&mut byte);
        pause / 2 + pause * u32::from(byte[0]) / 512
    }
}

/// Lets go on who may see it.
pub(crate) fn permit_view(itinerary: &Itinerary, caller: &MaybeCaller) -> Result<(), ApiError> {
    let view = tripsage_domain::policy::ItineraryAction::View;
    let permitted = itinerary.permit(caller.0.as_ref(), view);
    permitted.map_err(|denial| ApiError::denied(denial, "itinerary"))
}
