//! Warming: boards and the first page of the feed in each order, so that whoever asks first after they have grown old does
//! not wait.

use serde::Serialize;
use tripsage_domain::ranking::Timeframe;
use tripsage_http::{Admitted, ApiError};
use tripsage_runtime::Runtime;

use crate::{App, boards::List, feed, filters::ListItineraries};

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Warmed {
    /// Boards and lists that are in the cache now, those included that were there before.
    pub kept: usize,
    /// Those that could not be made.
    pub failed: usize,
}

/// Warms the cache.
#[derive(Clone)]
pub struct Warmer {
    runtime: Runtime,
    app: App,
}

impl Warmer {
    /// A warmer in these surroundings. Nothing is called yet.
    pub fn new(runtime: &Runtime) -> Self {
        Self {
            app: App::new(runtime),
            runtime: runtime.clone(),
        }
    }

    /// Asks for every board and every first page once, one after the other: nobody waits for it.
    pub async fn warm(&self) -> Warmed {
        let (app, now) = (&self.app, self.runtime.now());
        let admitted = Admitted::unasked(now);
        let mut warmed = Warmed::default();
        let mut note = |done: Result<serde_json::Value, ApiError>| match done {
            Ok(_) => warmed.kept += 1,
            Err(_) => warmed.failed += 1,
        };
        for timeframe in Timeframe::ALL {
            note(app.leaderboard(&admitted, *timeframe, now).await);
        }
        for list in List::ALL {
            note(app.listed(&admitted, list, now).await);
        }
        note(app.trending(&admitted, now).await);
        for sort in ["trending", "newest", "top-rated", "most-helpful"] {
            let query = ListItineraries::sorted(sort);
            let page = async {
                let filters = query.filters()?;
                let (page, _) =
                    feed::page(&app.edge, &admitted, now, "listItineraries", &filters, &query.pages()).await?;
                Ok(page.into())
            };
            note(page.await);
        }
        tracing::info!(?warmed, "boards and feeds are warm");
        warmed
    }
}
