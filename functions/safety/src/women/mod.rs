//! The safety of women: guides, reading matter, and what somebody keeps for an emergency.

mod book_guide;
mod booking_body;
mod booking_steps;
mod fields;
mod guide_body;
mod guides;
mod list_guides;
mod moderate_guide;
mod moderate_review;
mod resource_body;
mod resources;
mod reveal;
mod review_body;
mod reviews;
mod settings;
mod settings_body;

use std::time::Duration;

use tripsage_domain::policy;
use tripsage_http::{ApiError, Caller, Context};
use tripsage_store::{
    Db, StoreError, Transaction,
    guides::{BOOKING_CHANGED, CALENDAR_CHANGED, GUIDE_CHANGED, REPORTS_CHANGED, REVIEW_CHANGED, STANDING_CHANGED},
    safety_settings::SAFETY_SETTINGS_CHANGED,
};

pub(crate) use self::{
    book_guide::*, booking_steps::*, guides::*, list_guides::*, moderate_guide::*, moderate_review::*, resources::*,
    reveal::*, reviews::*, settings::*,
};

/// Attempts at a change that others are in the way of: whatever is decided is decided anew on what they have left.
const ATTEMPTS: u32 = 16;

/// Pause before the second attempt; it doubles, up to a point.
const FIRST_PAUSE: Duration = Duration::from_millis(5);

/// And never gets longer than this.
const LAST_PAUSE: Duration = Duration::from_millis(500);

/// What others may change at any time without taking anything from the caller.
const PASSING: [&str; 7] = [
    BOOKING_CHANGED,
    CALENDAR_CHANGED,
    GUIDE_CHANGED,
    REPORTS_CHANGED,
    REVIEW_CHANGED,
    STANDING_CHANGED,
    SAFETY_SETTINGS_CHANGED,
];

fn passes(error: &StoreError) -> bool {
    matches!(error, StoreError::Conflict(label) if PASSING.contains(label)) || matches!(error, StoreError::Throttled(_))
}

/// The attempts of one request at a change.
struct Tries<'a> {
    context: &'a Context,
    left: u32,
    pause: Duration,
}

impl<'a> Tries<'a> {
    fn new(context: &'a Context) -> Self {
        Self {
            context,
            left: ATTEMPTS,
            pause: FIRST_PAUSE,
        }
    }

    /// Commits what was decided on the state that was read. `false`: another change came first, and it has to be decided
    /// anew.
    async fn commit(&mut self, db: &Db, transaction: Transaction) -> Result<bool, ApiError> {
        self.left = self.left.saturating_sub(1);
        match db.commit(transaction.fenced(self.context.claim())).await {
            Err(error) if passes(&error) && self.left > 0 => {}
            result => return Ok(result.map(|()| true)?),
        }
        let mut dice = [0];
        self.context.ports.entropy.fill(&mut dice);
        tokio::time::sleep(self.pause.mul_f64(f64::from(dice[0]) / 128.0)).await;
        self.pause = (self.pause * 2).min(LAST_PAUSE);
        Ok(false)
    }
}

/// Lets moderators and administrators on.
fn moderator(caller: &Caller) -> Result<(), ApiError> {
    policy::may_moderate(caller).map_err(|denial| ApiError::denied(denial, "resource"))
}
