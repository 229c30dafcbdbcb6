//! The endpoint by itself: `cargo run -p tripsage-emulators --example upstash -- --port 8079 --token local`.

use clap::Parser;
use tokio::net::TcpListener;
use tripsage_emulators::upstash::{Upstash, UpstashOptions};

/// An Upstash Redis REST endpoint on 127.0.0.1.
#[derive(Parser)]
struct Arguments {
    /// 0 takes a free port; the URL is printed.
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[arg(long)]
    token: String,
    /// A second token that may only read.
    #[arg(long)]
    read_only_token: Option<String>,
    /// `redis://host:port/db` of a real server; without it the data is kept in this process.
    #[arg(long)]
    redis_url: Option<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    let endpoint = Upstash::start(
        listener,
        UpstashOptions {
            read_only_token: arguments.read_only_token,
            redis_url: arguments.redis_url,
            ..UpstashOptions::new(arguments.token)
        },
    )
    .await?;
    eprintln!("{}", endpoint.url());
    std::future::pending().await
}
