//! How soon a counter is right: many users vote at once for one itinerary, and somebody reads it until it says so.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use serde_json::json;

use crate::{
    Failure,
    product::{Client, Start, new_itinerary},
};

/// Users who sign in at the same time: each of them costs a hash of a password.
const SIGN_INS: usize = 4;

/// Pause between two looks at the counter.
const LOOK: Duration = Duration::from_millis(10);

/// How long the counter is looked at before it counts as wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a round showed.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// From the first vote that was sent to the last that was acknowledged.
    voting: Duration,
    /// From there to the answer that says how many there are.
    counted: Duration,
}

/// Prints how long after the last vote was acknowledged the counter that the API shows was right: each round, median and
/// longest.
///
/// # Errors
/// When the product does not start, a vote is refused, or a counter does not become right.
pub async fn run(out: &mut dyn Write, voters: usize, rounds: usize) -> Result<(), Failure> {
    let product = Start {
        streams: true,
        ..Start::default()
    }
    .run()
    .await?;
    let client = Client::new(product.url());
    let author = client.signed_in("author").await?;
    let names = (0..voters).map(|number| format!("voter{number}"));
    let voters: Vec<Client> = stream::iter(names)
        .map(async |name| client.signed_in(&name).await)
        .buffered(SIGN_INS)
        .try_collect()
        .await?;
    writeln!(
        out,
        "| round | {} votes acknowledged within | counter right after the last |\n| --- | --- | --- |",
        voters.len()
    )?;
    let mut counted = Vec::new();
    for number in 1..=rounds {
        let round = round(&client, &author, &voters).await?;
        let (voting, after) = (round.voting.as_millis(), round.counted.as_millis());
        writeln!(out, "| {number} | {voting} ms | {after} ms |")?;
        counted.push(round.counted);
    }
    counted.sort_unstable();
    let median = counted.get(counted.len() / 2).copied().unwrap_or_default();
    let longest = counted.last().copied().unwrap_or_default();
    writeln!(
        out,
        "\nmedian {} ms, longest {} ms",
        median.as_millis(),
        longest.as_millis()
    )?;
    product.shutdown().await;
    Ok(())
}

async fn round(reader: &Client, author: &Client, voters: &[Client]) -> Result<Round, Failure> {
    let made = author
        .post("/api/v1/itineraries", &new_itinerary("Tokyo, Japan"))
        .await?;
    let id = made["data"]["id"].as_str().ok_or("an itinerary without an id")?;
    let path = format!("/api/v1/itineraries/{id}");
    // Whoever voted after this has to make void what the cache has.
    upvotes(reader, &path).await?;
    let (begun, upvote) = (Instant::now(), format!("{path}/upvote"));
    let votes = voters.iter().map(async |voter| {
        voter.post_once(&upvote, &json!({}), id).await?;
        Ok::<_, Failure>(Instant::now())
    });
    let acknowledged = try_join_all(votes).await?.into_iter().max().unwrap_or(begun);
    loop {
        let count = upvotes(reader, &path).await?;
        let counted = acknowledged.elapsed();
        if count == voters.len() as u64 {
            return Ok(Round {
                voting: acknowledged.duration_since(begun),
                counted,
            });
        }
        if count > voters.len() as u64 || counted > PATIENCE {
            return Err(format!("{count} votes are counted of {}, after {counted:?}", voters.len()).into());
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn upvotes(reader: &Client, path: &str) -> Result<u64, Failure> {
    let shown = reader.get(path).await?;
    Ok(shown["data"]["upvotes"]
        .as_u64()
        .ok_or("an itinerary without a count")?)
}
