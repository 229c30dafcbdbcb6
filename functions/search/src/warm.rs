//! Warming: what many will ask for is asked for before they do, so that they find it in the cache.

use futures_util::{StreamExt, stream};
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

/// Destinations that are warmed in one run; each run takes the next ones, so that every one has its turn within the hour
/// for which weather is fresh.
const AT_A_TIME: usize = 12;

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

/// Asks for the weather and the things to do of popular destinations, with the stage's own keys only.
pub async fn warm(runtime: &Runtime) -> Warmed {
    warm_with(&App::new(runtime), runtime.now()).await
}

async fn warm_with(app: &App, now: Timestamp) -> Warmed {
    let all = popular_cities();
    let turns = i64::try_from(all.len().div_ceil(AT_A_TIME)).unwrap_or(1).max(1);
    let turn = usize::try_from((now.as_second() / EVERY).rem_euclid(turns)).unwrap_or(0);
    let cities = all.iter().skip(turn * AT_A_TIME).take(AT_A_TIME);
    let admitted = Admitted::unasked(now);
    let work = stream::iter(cities).map(|city| {
        let admitted = &admitted;
        async move {
            let used = Use {
                at: now,
                source: Source::default(),
            };
            let asking = Asking::at(app, admitted, used);
            let weather = match coordinates(city.position) {
                Some(at) => ask_open_meteo(&asking, at).await.answer.is_ok(),
                None => false,
            };
            // The question that the page of a destination asks: no words, no filters.
            let fields = ActivitySearchFields {
                destination: Some(city.slug.clone()),
                ..ActivitySearchFields::default()
            };
            let places = match fields.question(now) {
                Ok(question) => match ask_places(&asking, None, &question).await.answer {
                    Ok(_) => Some(true),
                    // The stage has no key: nothing to warm.
                    Err(trouble) if trouble.status() == "not_configured" => None,
                    Err(_) => Some(false),
                },
                Err(_) => Some(false),
            };
            [Some(weather), places]
        }
    });
    let done: Vec<[Option<bool>; 2]> = work.buffer_unordered(TOGETHER).collect().await;
    let outcomes = || done.iter().flatten().flatten();
    let warmed = Warmed {
        kept: outcomes().filter(|kept| **kept).count(),
        failed: outcomes().filter(|kept| !**kept).count(),
    };
    tracing::info!(?warmed, turn, "popular destinations are warm");
    warmed
}
