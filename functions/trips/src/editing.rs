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
        let mut pause = FIRST_PAUSE;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let trip = self.find_trip(id).await?;
            let Some(mut change) = decide(&trip)? else {
                return Ok(trip);
            };
            change.claim = context.claim();
            match self.db.commit_trip(change).await {
                Ok(trip) => return Ok(trip),
                Err(StoreError::Conflict("trip" | "version" | "listing" | "item") | StoreError::Throttled(_)) => {
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
