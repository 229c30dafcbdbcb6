//! How what a request costs grows with the data: calls of DynamoDB and read units, counted on the wire, with nothing in
//! the cache. Nothing of it is a time, so it is the same on every machine.

use std::{collections::BTreeMap, io::Write};

use jiff::Timestamp;
use tripsage_local::Product;

use crate::{
    Failure,
    data::{Data, Size},
    filling,
    product::{Client, Start},
};

/// What is asked, without the parts that depend on the data.
const REQUESTS: [(&str, &str); 19] = [
    ("list, trending", "/api/v1/itineraries?sort=trending"),
    ("list, newest", "/api/v1/itineraries?sort=newest"),
    ("list, top-rated", "/api/v1/itineraries?sort=top-rated"),
    ("list, most-helpful", "/api/v1/itineraries?sort=most-helpful"),
    ("1 filter of 5 %, trending", "/api/v1/itineraries?destination=tokyo"),
    (
        "1 filter of 5 %, newest",
        "/api/v1/itineraries?destination=tokyo&sort=newest",
    ),
    (
        "1 filter of 5 %, top-rated",
        "/api/v1/itineraries?destination=tokyo&sort=top-rated",
    ),
    (
        "2 filters of 5 and 30 %, trending",
        "/api/v1/itineraries?destination=tokyo&women_safe=true",
    ),
    (
        "2 filters, newest",
        "/api/v1/itineraries?destination=tokyo&women_safe=true&sort=newest",
    ),
    (
        "2 filters, top-rated",
        "/api/v1/itineraries?destination=tokyo&women_safe=true&sort=top-rated",
    ),
    (
        "3 filters of 5, 30 and 20 %, trending",
        "/api/v1/itineraries?destination=tokyo&women_safe=true&activity=food",
    ),
    (
        "3 filters, top-rated",
        "/api/v1/itineraries?destination=tokyo&women_safe=true&activity=food&sort=top-rated",
    ),
    (
        "1 filter of 25 itineraries, trending",
        "/api/v1/itineraries?destination=ushuaia",
    ),
    (
        "2 filters, one of 25, top-rated",
        "/api/v1/itineraries?destination=ushuaia&women_safe=true&sort=top-rated",
    ),
    (
        "3 filters that nothing matches",
        "/api/v1/itineraries?destination=tokyo&search=ushuaia&women_safe=true",
    ),
    (
        "page 10 of the list, trending",
        "/api/v1/itineraries?sort=trending&page=10",
    ),
    ("leaderboard", "/api/v1/itineraries/leaderboard"),
    ("detail", "/api/v1/itineraries/{id}"),
    ("ratings of an itinerary", "/api/v1/safety-ratings?itinerary_id={id}"),
];

/// What one request asked of DynamoDB.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    calls: usize,
    units: f64,
}

/// Prints the table.
///
/// # Errors
/// When a product does not start, or refuses.
pub async fn run(out: &mut dyn Write, seed: u64, sizes: &[Size], until: Timestamp) -> Result<(), Failure> {
    let mut columns = Vec::new();
    for size in sizes {
        columns.push(measure(seed, *size, until).await?);
    }
    write!(out, "| request |")?;
    for size in sizes {
        write!(out, " {} itineraries, {} ratings |", size.itineraries, size.ratings)?;
    }
    writeln!(out, "\n| --- |{}", " --- |".repeat(sizes.len()))?;
    for (name, _) in REQUESTS {
        write!(out, "| {name} |")?;
        for column in &columns {
            let cost = column.get(name).copied().unwrap_or_default();
            write!(out, " {}, {} |", cost.calls, cost.units)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

async fn measure(seed: u64, size: Size, until: Timestamp) -> Result<BTreeMap<&'static str, Cost>, Failure> {
    let product = Start {
        recorded: true,
        ..Start::default()
    }
    .run()
    .await?;
    let data = Data::generate(seed, size, until);
    filling::fill(&product, &data)?;
    filling::rank(&product).await?;
    let client = Client::new(product.url());
    let mut costs = BTreeMap::new();
    let of = |index: usize| data.published.get(index).map(|one| one.itinerary.id.to_string());
    let (first, middle) = (of(0).unwrap_or_default(), of(size.itineraries / 2).unwrap_or_default());
    // What only the first request of a process asks is not in it.
    client.get(&format!("/api/v1/itineraries/{first}")).await?;
    client
        .get(&format!("/api/v1/safety-ratings?itinerary_id={first}"))
        .await?;
    for (name, path) in REQUESTS {
        costs.insert(name, count(&product, &client, &path.replace("{id}", &middle)).await?);
    }
    product.shutdown().await;
    Ok(costs)
}

async fn count(product: &Product, client: &Client, path: &str) -> Result<Cost, Failure> {
    let dynamodb = product.cloud().dynamodb();
    dynamodb.reset();
    client.get(path).await?;
    let calls = dynamodb.calls();
    Ok(Cost {
        calls: calls.len(),
        units: calls.iter().map(|call| call.capacity).sum(),
    })
}
