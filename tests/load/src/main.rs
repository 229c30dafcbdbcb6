//! Load tests of the community: see docs/performance.md.

mod attack;
mod chance;
mod data;
mod filling;
mod growth;
mod mix;
mod product;
mod ratio;
mod report;
mod votes;
mod walk;

#[cfg(test)]
mod tests;

use std::{io, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use data::Size;
use tracing_subscriber::EnvFilter;
use tripsage_runtime::Ports;

/// Whatever goes wrong: a person reads it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Puts load on TripSage, and counts what it costs.
#[derive(Debug, Parser)]
#[command(name = "tripsage-load")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The same seed makes the same data.
    #[arg(long, global = true, default_value_t = 4)]
    seed: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Users who list, read, search, vote, view, rate and publish.
    Run(Run),
    /// Calls of DynamoDB and read units of each request, by the size of the data.
    Growth {
        /// Numbers of itineraries.
        #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
        itineraries: Vec<usize>,
        /// Ratings of one itinerary, on the average; at most 100,000 in all.
        #[arg(long, default_value_t = 10)]
        ratings_each: usize,
    },
    /// The same requests from the cache and not.
    Cache(Amount),
    /// Walks through filtered lists while others write, against looking at everything. Fails when they differ.
    Walk(Amount),
    /// Many votes at once for one itinerary, and how long after the last of them the counter is right.
    Votes {
        /// Users who vote.
        #[arg(long, default_value_t = 200)]
        voters: usize,
        /// Itineraries that they vote for, one after the other.
        #[arg(long, default_value_t = 9)]
        rounds: usize,
    },
    /// Makes the data in an empty directory, for `cargo dev -- --data DIR --seed none`.
    Fill {
        #[command(flatten)]
        amount: Amount,
        /// The directory.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, Args)]
struct Amount {
    /// Published itineraries.
    #[arg(long, default_value_t = 10_000)]
    itineraries: usize,
    /// Ratings of them.
    #[arg(long, default_value_t = 100_000)]
    ratings: usize,
    /// Travellers who wrote both.
    #[arg(long, default_value_t = 400)]
    travellers: usize,
}

#[derive(Debug, Args)]
struct Run {
    #[command(flatten)]
    amount: Amount,
    /// A product that runs elsewhere, with its limits raised; started in this process unless given.
    #[arg(long)]
    url: Option<String>,
    /// Users at once, one run for each number.
    #[arg(long, value_delimiter = ',', default_value = "100,500,1000")]
    users: Vec<usize>,
    /// Users of the run that is followed by ten times as many, and then by as many as before; 0 for no such run.
    #[arg(long, default_value_t = 100)]
    spike: usize,
    /// Seconds of each part of a run.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Seconds for which a user looks at an answer, on the average.
    #[arg(long, default_value_t = 2)]
    think: u64,
}

impl From<Amount> for Size {
    fn from(amount: Amount) -> Self {
        Self {
            itineraries: amount.itineraries,
            ratings: amount.ratings,
            travellers: amount.travellers,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(filter)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tripsage-load: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let (seed, out) = (arguments.seed, &mut io::stdout());
    let until = Ports::system().clock.now();
    match arguments.command {
        Command::Run(run) => attack::run(out, seed, &run, until).await,
        Command::Growth {
            itineraries,
            ratings_each,
        } => {
            let size = |itineraries: &usize| Size {
                itineraries: *itineraries,
                ratings: (itineraries * ratings_each).min(100_000),
                travellers: 400,
            };
            let sizes: Vec<Size> = itineraries.iter().map(size).collect();
            growth::run(out, seed, &sizes, until).await
        }
        Command::Cache(amount) => ratio::run(out, seed, amount.into(), until).await,
        Command::Walk(amount) => walk::run(out, seed, amount.into(), until).await,
        Command::Votes { voters, rounds } => votes::run(out, voters, rounds).await,
        Command::Fill { amount, data } => {
            let start = product::Start {
                data: Some(data),
                ..product::Start::default()
            };
            let product = start.run().await?;
            filling::fill(&product, &data::Data::generate(seed, amount.into(), until))?;
            filling::rank(&product).await?;
            product.shutdown().await;
            Ok(())
        }
    }
}
