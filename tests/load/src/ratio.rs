//! What the cache is worth: the same request, answered from it and not, in turns.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use tripsage_domain::ports::Clock;

use crate::{
    Failure,
    data::{Data, Size},
    filling,
    product::{Client, Start},
};

/// Longer than anything of this is fresh.
const FRESH: SignedDuration = SignedDuration::from_secs(3601);

const ROUNDS: usize = 21;

/// A clock that is moved on, so that nobody waits until something is no longer fresh.
struct Moved(Mutex<Timestamp>);

impl Moved {
    fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(*now);
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Prints the table.
///
/// # Errors
/// When the product does not start, or refuses.
pub async fn run(out: &mut dyn Write, seed: u64, size: Size, until: Timestamp) -> Result<(), Failure> {
    let clock = Arc::new(Moved(Mutex::new(until)));
    let product = Start {
        clock: Some(Arc::clone(&clock) as _),
        ..Start::default()
    }
    .run()
    .await?;
    let data = Data::generate(seed, size, until);
    filling::fill(&product, &data)?;
    filling::rank(&product).await?;
    let client = Client::new(product.url());
    let (first, second) = match data.published.as_slice() {
        [first, second, ..] => (first.itinerary.id, second.itinerary.id),
        _ => return Err("two itineraries are needed".into()),
    };
    let requests = [
        ("detail", format!("/api/v1/itineraries/{first}")),
        ("list, trending", "/api/v1/itineraries?sort=trending".to_owned()),
        (
            "list, 2 filters, top-rated",
            "/api/v1/itineraries?destination=tokyo&women_safe=true&sort=top-rated".to_owned(),
        ),
        ("leaderboard", "/api/v1/itineraries/leaderboard".to_owned()),
    ];
    writeln!(
        out,
        "| request | not cached | cached | ratio, median | quartiles |\n| --- | --- | --- | --- | --- |"
    )?;
    for (name, path) in requests {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            clock.advance(FRESH);
            // What else is asked for anew after this time is not what is measured here.
            client.get(&format!("/api/v1/itineraries/{second}")).await?;
            rounds.push((timed(&client, &path).await?, timed(&client, &path).await?));
        }
        let middle = |mut values: Vec<f64>, part: usize| {
            values.sort_by(f64::total_cmp);
            values.get(values.len() * part / 4).copied().unwrap_or_default()
        };
        let of = |pick: fn(&(Duration, Duration)) -> f64| rounds.iter().map(pick).collect::<Vec<_>>();
        let ratios = of(|(made, found)| made.as_secs_f64() / found.as_secs_f64());
        writeln!(
            out,
            "| {name} | {:.2} ms | {:.2} ms | {:.1} | {:.1} to {:.1} |",
            middle(of(|(made, _)| made.as_secs_f64() * 1e3), 2),
            middle(of(|(_, found)| found.as_secs_f64() * 1e3), 2),
            middle(ratios.clone(), 2),
            middle(ratios.clone(), 1),
            middle(ratios, 3),
        )?;
    }
    product.shutdown().await;
    Ok(())
}

async fn timed(client: &Client, path: &str) -> Result<Duration, Failure> {
    let begun = Instant::now();
    client.get(path).await?;
    Ok(begun.elapsed())
}
