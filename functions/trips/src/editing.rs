//! How a trip is changed: read it, decide, commit; and once more when somebody else was faster.

use std::time::{Duration, Instant};

use tripsage_domain::{ids::TripId, trip::Trip};
use tripsage_http::{ApiError, Caller, Context};
use tripsage_store::{StoreError, trips::TripChange};

use crate::App;

/// How long an edit is tried before the client is told that the trip is too busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pause after the first lost race; it doubles up to [`LONGEST_PAUSE`], and half of it is random.
const FIRST_PAUSE: Duration = Duration::from_millis(8);

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// A trip before and after a change.
pub(crate) struct Edited {
    pub(crate) before: Trip,
    pub(crate) after: Trip,
}

impl App {
    /// The trip, whoever asks.
    pub(crate) async fn find_trip(&self, id: TripId) -> Result<Trip, ApiError> {
        self.db.find_trip(id).await?.ok_or_else(|| ApiError::not_found("trip"))
    }

    /// Changes a trip by `decide`, which sees it as it is and says how it should be. `None` changes nothing.
    ///
    /// `decide` is called anew on what is stored after a lost race, so every right and every `If-Match` is checked
    /// against the state that is really changed.
    pub(crate) async fn edit_trip(
        &self,
        context: &Context,
        id: TripId,
        decide: impl for<'a> Fn(&'a Trip) -> Result<Option<TripChange<'a>>, ApiError>,
    ) -> Result<Trip, ApiError> {
        let nothing = |_: &Trip| Ok(std::future::ready(Ok(())));
        let edited = self
            .edit_trip_with(context, id, nothing, |trip, ()| decide(trip))
            .await?;
        Ok(edited.after)
    }

    /// Like [`Self::edit_trip`], for a decision that needs other rows of the trip too. `load` sees the trip first, and
    /// refuses who may not have them read; whatever changes those rows changes the trip's sequence as well, so that the
    /// decision is never carried out on other rows than it was made on.
    pub(crate) async fn edit_trip_with<T, F>(
        &self,
        context: &Context,
        id: TripId,
        load: impl Fn(&Trip) -> Result<F, ApiError>,
        decide: impl for<'a> Fn(&'a Trip, T) -> Result<Option<TripChange<'a>>, ApiError>,
    ) -> Result<Edited, ApiError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut pause = FIRST_PAUSE;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let trip = self.find_trip(id).await?;
            let others = load(&trip)?.await?;
            let Some(mut change) = decide(&trip, others)? else {
                let after = trip.clone();
                return Ok(Edited { before: trip, after });
            };
            change.claim = context.claim();
            match self.db.commit_trip(change).await {
                Ok(after) => return Ok(Edited { before: trip, after }),
                Err(
                    StoreError::Conflict("trip" | "version" | "listing" | "item" | "invitation" | "link")
                    | StoreError::Throttled(_),
                ) => {
                    tokio::time::sleep(self.jittered(context, pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(tripsage_http::Code::EditConflict).retry_after(Duration::from_secs(1)))
    }

    fn jittered(&self, context: &Context, pause: Duration) -> Duration {
        let mut byte = [0];
        context.ports.entropy.fill(&mut byte);
        pause / 2 + pause * u32::from(byte[0]) / 512
    }
}

/// A change of `before` into `after` by the caller of this request.
pub(crate) fn change<'a>(
    before: &'a Trip,
    after: Trip,
    action: &'static str,
    caller: &Caller,
    context: &Context,
) -> TripChange<'a> {
    TripChange::new(Some(before), after, action, caller.user, context.now)
}
