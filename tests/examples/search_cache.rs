//! What the cache is worth to a search. Counts are exact; times are of this machine, and only their ratio means
//! something. See docs/performance.md.
//!
//! ```text
//! cargo run -p tripsage-tests --example search_cache
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark speaks"
)]

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_sandboxes::{Effect, Fault, Provider};
use tripsage_tests::{Api, User};

const SEARCH: &str = "/api/v1/search/flights";

/// As fresh as prices of flights are.
const FRESH: SignedDuration = SignedDuration::from_secs(301);

#[tokio::main]
async fn main() {
    ratio(None).await;
    ratio(Some(Duration::from_millis(500))).await;
    stampede().await;
    mix().await;
}

async fn start() -> (Api, User) {
    let api = Api::start().await;
    let stage = json!({ "duffel": "duffel_test_0123456789abcdefghij" });
    api.cloud().set_secret("ProviderSecret", &stage.to_string()).unwrap();
    let user = api.user("ana").await;
    (api, user)
}

fn query(origin: &str, destination: &str, day: i8) -> Value {
    let date = jiff::civil::date(2027, 5, day);
    json!({ "origin": origin, "destination": destination, "departure_date": date.to_string(), "adults": 1 })
}

fn searches(api: &Api) -> usize {
    let calls = api.sandboxes().calls(Provider::Duffel);
    calls
        .iter()
        .filter(|call| call.method == "POST" && call.path.starts_with("/air/offer_requests"))
        .count()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// The same search, found and not found, in turns.
async fn ratio(provider: Option<Duration>) {
    let (api, user) = start().await;
    let body = query("LHR", "JFK", 1);
    user.post(SEARCH, body.clone()).await.expect(200);
    if let Some(delay) = provider {
        api.sandboxes().fail(Provider::Duffel, Fault::new(Effect::Delay(delay)));
    }
    let (mut found, mut made) = (Vec::new(), Vec::new());
    for _ in 0..21 {
        api.advance(FRESH);
        // What else is asked for anew after this time is not what is measured here.
        user.get("/api/v1/search/recent").await.expect(200);
        for times in [&mut made, &mut found] {
            let begun = Instant::now();
            user.post(SEARCH, body.clone()).await.expect(200);
            times.push(begun.elapsed());
        }
    }
    let (made, found) = (median(made), median(found));
    println!(
        "provider answers in {:>4} ms more than at once: not cached {made:.1?}, cached {found:.1?}, ratio {:.1}",
        provider.unwrap_or_default().as_millis(),
        made.as_secs_f64() / found.as_secs_f64()
    );
}

/// A hundred who ask for the same at once.
async fn stampede() {
    let (api, user) = start().await;
    let before = searches(&api);
    let body = query("LHR", "JFK", 2);
    let asked = (0..100).map(|_| user.post(SEARCH, body.clone()));
    for answer in futures_util::future::join_all(asked).await {
        answer.expect(200);
    }
    println!(
        "100 at once for what nobody has asked yet: {} provider calls",
        searches(&api) - before
    );
}

/// Half an hour of 40 people who look for popular routes more often than for others, compare days, and sort and page
/// through what they find.
async fn mix() {
    let (api, user) = start().await;
    let routes = [
        ("LHR", "JFK"),
        ("LHR", "CDG"),
        ("LGW", "BCN"),
        ("JFK", "LAX"),
        ("SYD", "SIN"),
        ("LHR", "DXB"),
        ("CDG", "FCO"),
        ("AMS", "LIS"),
        ("FRA", "VIE"),
        ("LHR", "NRT"),
    ];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    // By Zipf's law: the n-th route and day are asked for a n-th as often as the first.
    let mut zipf = |of: usize| {
        let weights: Vec<u64> = (1..=of as u64).map(|rank| 1_000_000 / rank).collect();
        let mut at = draw(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                if at < *weight {
                    true
                } else {
                    at -= weight;
                    false
                }
            })
            .unwrap()
    };
    let before = searches(&api);
    let mut asked = 0;
    for second in 0..1800 {
        // Nobody has asked anything at first, and Duffel takes 30 searches a minute from one account.
        for _ in 0..if second < 180 { second % 2 } else { 2 } {
            let (origin, destination) = routes[zipf(routes.len())];
            let mut body = query(origin, destination, i8::try_from(zipf(7)).unwrap() + 1);
            body["sort_by"] = json!(["price", "duration", "departure"][zipf(3)]);
            user.post(SEARCH, body).await.expect(200);
            asked += 1;
        }
        api.advance(SignedDuration::from_secs(1));
    }
    let missed = searches(&api) - before;
    println!(
        "{asked} searches in half an hour, 10 routes and 7 days: {missed} provider calls, {:.1} % found",
        100.0 * (asked - missed) as f64 / asked as f64
    );
}
