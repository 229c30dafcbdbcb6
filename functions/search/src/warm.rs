//! Warming: what many will ask for is asked for before they do, so that they find it in the cache.

use futures_util::{FutureExt, StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::audit::Source;
use tripsage_http::Admitted;
use tripsage_reference::popular_cities;
use tripsage_runtime::Runtime;
use tripsage_vault::Use;

use crate::{
    App,
    activities::{ActivitySearchFields, ask_places},
    asking::Asking,
    places::coordinates,
    weather::ask_open_meteo,
};

/// Destinations whose weather is warmed in one run; each run takes the next ones, so that every one has its turn within the hour
/// for which weather is fresh.
const AT_A_TIME: usize = 12;

/// Destinations whose things to do are warmed in every run. Google bills each question: three destinations, fresh for ten
/// minutes, are 432 questions a day.
const WITH_PLACES: usize = 3;

/// How often it runs, in seconds: see `template.yaml`.
const EVERY: i64 = 300;

/// How many are asked for at the same time.
const TOGETHER: usize = 4;

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Warmed {
    /// Answers that are in the cache now, those included that were there before.
    pub kept: usize,
    /// Questions that had no answer.
    pub failed: usize,
}

/// Warms the cache; keeps what providers are known to be doing between its runs.
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

    /// Asks for the weather of the next popular destinations, and for the things to do in the most popular ones, with the
    /// stage's own keys only.
    pub async fn warm(&self) -> Warmed {
        warm(&self.app, self.runtime.now()).await
    }
}

async fn warm(app: &App, now: Timestamp) -> Warmed {
    let all = popular_cities();
    let turns = i64::try_from(all.len().div_ceil(AT_A_TIME)).unwrap_or(1).max(1);
    let turn = usize::try_from((now.as_second() / EVERY).rem_euclid(turns)).unwrap_or(0);
    let admitted = Admitted::unasked(now);
    let used = Use {
        at: now,
        source: Source::default(),
    };
    let asking = || Asking::at(app, &admitted, used.clone());
    let weather = all.iter().skip(turn * AT_A_TIME).take(AT_A_TIME).map(|city| {
        let asking = asking();
        async move {
            let at = coordinates(city.position)?;
            Some(ask_open_meteo(&asking, at).await.answer.is_ok())
        }
        .boxed()
    });
    let places = all.iter().take(WITH_PLACES).map(|city| {
        let asking = asking();
        async move {
            // What the page of a destination asks: no words, no filters.
            let fields = ActivitySearchFields {
                destination: Some(city.slug.clone()),
                ..ActivitySearchFields::default()
            };
            let question = fields.question(now).ok()?;
            match ask_places(&asking, None, &question).await.answer {
                Ok(_) => Some(true),
                // The stage has no key: nothing to warm.
                Err(trouble) if trouble.status() == "not_configured" => None,
                Err(_) => Some(false),
            }
        }
        .boxed()
    });
    let work: Vec<_> = weather.chain(places).collect();
    let done: Vec<Option<bool>> = stream::iter(work).buffer_unordered(TOGETHER).collect().await;
    let warmed = Warmed {
        kept: done.iter().flatten().filter(|kept| **kept).count(),
        failed: done.iter().flatten().filter(|kept| !**kept).count(),
    };
    tracing::info!(?warmed, turn, "popular destinations are warm");
    warmed
}
