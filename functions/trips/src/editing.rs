//! How a trip is changed: read it, decide, commit; and once more when somebody else was faster.

use std::time::{Duration, Instant};

use tripsage_domain::{
    ids::{ItemId, TripId},
    policy::TripAction,
    trip::{Item, Trip},
};
use tripsage_http::{ApiError, Caller, Context};
use tripsage_store::{StoreError, trips::TripChange};

use crate::App;

/// How long an edit is tried before the client is told that the trip is too busy.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pause after the first lost race; it doubles up to [`LONGEST_PAUSE`], and half of it is random.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(8);

/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(1200);

/// Items that one version changes at most.
const MAX_STEP: usize = 40;

/// Bytes of items that one version keeps at most; DynamoDB stores 400 KB of it.
const MAX_WEIGHT: usize = 250_000;

/// An item as it is (`None`: it has to be made) and as it should be (`None`: it has to go).
pub(crate) type ItemChange = (Option<Item>, Option<Item>);

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

    /// The trip with its items in order, whoever asks.
    pub(crate) async fn find_plan(&self, id: TripId) -> Result<(Trip, Vec<Item>), ApiError> {
        let found = self.db.find_trip_with_items(id).await?;
        found.ok_or_else(|| ApiError::not_found("trip"))
    }

    /// The trip with its items in order, for somebody who may see them.
    pub(crate) async fn view_plan(&self, caller: &Caller, id: TripId) -> Result<(Trip, Vec<Item>), ApiError> {
        let (trip, items) = self.find_plan(id).await?;
        trip.permit(caller.user, TripAction::View)?;
        Ok((trip, items))
    }

    /// The trip and one of its items, for somebody who may do `action`.
    pub(crate) async fn find_item(
        &self,
        caller: &Caller,
        action: TripAction,
        trip: TripId,
        item: ItemId,
    ) -> Result<(Trip, Item), ApiError> {
        let found = self.db.find_trip_and_item(trip, item).await?;
        let (trip, item) = found.ok_or_else(|| ApiError::not_found("trip"))?;
        trip.permit(caller.user, action)?;
        Ok((trip, item.ok_or_else(|| ApiError::not_found("item"))?))
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
    pub(crate) async fn edit_trip_with<T: Clone, F>(
        &self,
        context: &Context,
        id: TripId,
        load: impl Fn(&Trip) -> Result<F, ApiError>,
        decide: impl for<'a> Fn(&'a Trip, T) -> Result<Option<TripChange<'a>>, ApiError>,
    ) -> Result<Edited, ApiError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let load = async || {
            let trip = self.find_trip(id).await?;
            let others = load(&trip)?.await?;
            Ok((trip, others))
        };
        let (after, before) = self
            .edit(context, load, |(trip, others): &(Trip, T)| {
                Ok((decide(trip, others.clone())?, trip.clone()))
            })
            .await?;
        let after = after.unwrap_or_else(|| before.clone());
        Ok(Edited { before, after })
    }

    /// As [`Self::edit_trip`], for a decision that sees more than the trip, and has more to say than how it should be.
    /// Gives the trip that was committed, and what the decision said.
    pub(crate) async fn edit<S, T, F>(
        &self,
        context: &Context,
        load: impl Fn() -> F,
        decide: impl for<'a> Fn(&'a S) -> Result<(Option<TripChange<'a>>, T), ApiError>,
    ) -> Result<(Option<Trip>, T), ApiError>
    where
        F: Future<Output = Result<S, ApiError>>,
    {
        let mut pause = FIRST_PAUSE;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let state = load().await?;
            let (change, told) = decide(&state)?;
            let Some(mut change) = change else {
                return Ok((None, told));
            };
            change.claim = context.claim();
            match self.db.commit_trip(change).await {
                Ok(trip) => return Ok((Some(trip), told)),
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

    /// Changes many items of a trip, and perhaps its content. `pending` says what the trip should be like, and which
    /// items still have to change, on the state that it is given.
    ///
    /// One transaction holds 100 writes, and one version 400 KB: what is more than that becomes several versions, each
    /// of which is a whole state by itself. A client whose request breaks off in between can send it again.
    pub(crate) async fn edit_items(
        &self,
        caller: &Caller,
        context: &Context,
        id: TripId,
        action: &'static str,
        pending: impl Fn(&Trip, &[Item]) -> Result<(Trip, Vec<ItemChange>), ApiError>,
    ) -> Result<(), ApiError> {
        loop {
            let (_, finished) = self
                .edit(
                    context,
                    || self.find_plan(id),
                    |(trip, items)| {
                        let (after, changes) = pending(trip, items)?;
                        step(trip, after, action, changes, caller, context)
                    },
                )
                .await?;
            if finished {
                return Ok(());
            }
        }
    }

    pub(crate) fn jittered(&self, context: &Context, pause: Duration) -> Duration {
        let mut byte = [0];
        context.ports.entropy.fill(&mut byte);
        pause / 2 + pause * u32::from(byte[0]) / 512
    }
}

/// As many of the changes as one version can take, those that remove items first; and whether these were all.
fn step<'a>(
    trip: &'a Trip,
    after: Trip,
    action: &'static str,
    mut changes: Vec<ItemChange>,
    caller: &Caller,
    context: &Context,
) -> Result<(Option<TripChange<'a>>, bool), ApiError> {
    changes.sort_by_key(|(_, after)| after.is_some());
    let nothing = changes.is_empty() && after.content == trip.content;
    let total = changes.len();
    let (mut added, mut taken) = (0, 0);
    let mut change = change(trip, after, action, caller, context);
    for (old, new) in changes {
        if taken == MAX_STEP || change.weight() > MAX_WEIGHT {
            break;
        }
        change.push_item(old.as_ref(), new.as_ref())?;
        added += isize::from(new.is_some()) - isize::from(old.is_some());
        taken += 1;
    }
    change.after = change.after.replanned(caller.user, added, context.now)?;
    Ok(((!nothing).then_some(change), taken == total))
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
