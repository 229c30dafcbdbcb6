//! Runs of many users at once, driven by Goose: each asks, waits for the answer, looks at it for a while, and asks again.
//! That is a closed loop: when answers are slow, less is asked, so its percentiles are those of so many users, and
//! promise nothing about so many requests per second.

use std::{io::Write, sync::Arc, time::Duration};

use clap::Parser;
use goose::{config::GooseConfiguration, prelude::*};
use jiff::Timestamp;

use crate::{
    Failure, Run,
    data::Data,
    filling,
    mix::World,
    product::{Client, Start},
    report::{self, Summary},
};

/// Travellers who vote, rate and publish.
const SIGNED_IN: usize = 50;

/// Seconds in which the users of a part come or go; what happens in them is not reported.
const RAMP: u64 = 3;

/// A part of a run: its name, and how many users.
type Part = (String, usize);

/// Runs them all, and prints what became of them.
///
/// # Errors
/// When the product does not start or refuses what must work.
pub async fn run(out: &mut dyn Write, seed: u64, run: &Run, until: Timestamp) -> Result<(), Failure> {
    let product = match run.url {
        Some(_) => None,
        None => Some(
            Start {
                streams: true,
                ..Start::default()
            }
            .run()
            .await?,
        ),
    };
    let known = match &product {
        Some(product) => {
            let data = Data::generate(seed, run.amount.into(), until);
            filling::fill(product, &data)?;
            filling::rank(product).await?;
            data.published.iter().map(|one| one.itinerary.id.to_string()).collect()
        }
        None => Vec::new(),
    };
    let url = run
        .url
        .clone()
        .or_else(|| product.as_ref().map(|product| product.url().to_owned()));
    let url = url.unwrap_or_default();
    let client = Client::new(&url);
    let ids = if known.is_empty() {
        listed(&client).await?
    } else {
        known
    };
    let mut runs: Vec<Vec<Part>> = run
        .users
        .iter()
        .map(|users| vec![(format!("{users} users"), *users)])
        .collect();
    if run.spike > 0 {
        runs.push(vec![
            (format!("{} users, before the spike", run.spike), run.spike),
            (format!("{} users, the spike", run.spike * 10), run.spike * 10),
            (format!("{} users, after it", run.spike), run.spike),
        ]);
    }
    for parts in runs {
        let mut tokens = Vec::new();
        for number in 0..SIGNED_IN {
            // Anew for each run: access tokens end after some minutes.
            let user = client.signed_in(&format!("load{number}")).await?;
            tokens.extend(user.token().map(str::to_owned));
        }
        let world = World::new(seed, ids.clone(), tokens);
        attack(out, &url, run, &parts, &world).await?;
    }
    if let Some(product) = product {
        product.shutdown().await;
    }
    Ok(())
}

/// Some hundred itineraries of a product of which nothing else is known.
async fn listed(client: &Client) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for page in 1..=10 {
        let answer = client
            .get(&format!("/api/v1/itineraries?sort=newest&per_page=100&page={page}"))
            .await?;
        let entries = answer["data"].as_array().cloned().unwrap_or_default();
        ids.extend(
            entries
                .iter()
                .filter_map(|entry| entry["id"].as_str().map(str::to_owned)),
        );
        if entries.len() < 100 {
            break;
        }
    }
    if ids.is_empty() {
        return Err("there are no itineraries to look at: fill the product first".into());
    }
    Ok(ids)
}

async fn attack(out: &mut dyn Write, url: &str, run: &Run, parts: &[Part], world: &Arc<World>) -> Result<(), Failure> {
    let steps = parts
        .iter()
        .map(|(_, users)| format!("{users},{RAMP}s;{users},{}s", run.seconds));
    let plan = format!("{};0,1s", steps.collect::<Vec<_>>().join(";"));
    let arguments = [
        "load",
        "--host",
        url,
        "--test-plan",
        &plan,
        "--no-print-metrics",
        "--no-telnet",
        "-qq",
    ];
    let configuration = GooseConfiguration::try_parse_from(arguments)?;
    let longest = Duration::from_secs(run.think * 3 / 2);
    let scenario = scenario!("traveller")
        .set_wait_time(Duration::from_secs(run.think) / 2, longest)?
        .register_transaction(world.transaction().set_name("act"));
    let load = load_average();
    GooseAttack::initialize_with_config(configuration)?
        .register_scenario(scenario)
        .execute()
        .await?;
    let samples = world.take_samples();
    writeln!(out, "\nLoad average before and after: {load}, {}\n", load_average())?;
    report::head(out, "part")?;
    let mut begin = 0;
    let mut whole = Vec::new();
    for (name, _) in parts {
        let from = (begin + RAMP) * 1000;
        let part = from..from + run.seconds * 1000;
        let samples: Vec<_> = samples
            .iter()
            .filter(|sample| part.contains(&sample.at))
            .copied()
            .collect();
        Summary::of(&samples).write(out, name, run.seconds)?;
        whole.extend(samples);
        begin += RAMP + run.seconds;
    }
    writeln!(out)?;
    report::head(out, "request")?;
    for (name, samples) in report::by_name(&whole) {
        Summary::of(&samples).write(out, name, run.seconds * parts.len() as u64)?;
    }
    out.flush()?;
    Ok(())
}

/// Of the last minute, where the system tells; a number without it means little on a machine with other work.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ')
        .next()
        .filter(|first| !first.is_empty())
        .unwrap_or("unknown")
        .to_owned()
}
