//! `cargo dev`: the product on this machine.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use tracing_subscriber::EnvFilter;
use tripsage_emulators::CloudOptions;
use tripsage_local::{
    Product, ProductOptions, reading,
    seed::{self, DEMO_EMAIL, DEMO_PASSWORD},
};
use tripsage_sandboxes::{Provider, Sandboxes};

/// Where `cargo lambda watch` listens unless it is told otherwise.
const WATCH_URL: &str = "http://127.0.0.1:9000";
const ENV_FILE: &str = ".env.local";

/// Runs TripSage on this machine: every function on one port, over a local cloud.
#[derive(Debug, Parser)]
#[command(name = "cargo dev")]
struct Arguments {
    /// Port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Directory to keep data in.
    #[arg(long, value_name = "DIR", default_value = ".local")]
    data: PathBuf,
    /// Keep nothing: all data lives in memory.
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// What to fill an empty product with.
    #[arg(long, value_enum, default_value_t = Seed::Demo)]
    seed: Seed,
    /// Start only the local cloud, and write .env.local for `cargo lambda watch --env-file .env.local`.
    #[arg(long)]
    cloud_only: bool,
    /// Do not start the providers' sandboxes: the functions then use the addresses of the template.
    #[arg(long)]
    no_sandboxes: bool,
    /// Address that clients use, when it is not the one listened on.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Variable of the functions' environment, over what the template says: a limit, an address of a provider.
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    environment: Vec<(String, String)>,
    /// Run a job of the scheduler now, such as `reconcile`, in the product that is running on --port, and end.
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// SAM template to read.
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
}

/// Data to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Seed {
    /// A few travellers and their trips.
    Demo,
    /// Nothing.
    None,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(filter)
        .init();
    match run(&Arguments::parse_from(arguments())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo dev: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The arguments, without the `--` of `cargo dev -- --memory`: the alias has one of its own, so that `cargo dev --memory`
/// works as well.
fn arguments() -> impl Iterator<Item = OsString> {
    let mut arguments = std::env::args_os();
    let program = arguments.next();
    let mut rest = arguments.peekable();
    rest.next_if(|first| first == "--");
    program.into_iter().chain(rest)
}

/// Asks the product that is running for a job.
async fn run_job(port: u16, job: &str) -> Result<(), Box<dyn std::error::Error>> {
    let url = format!("http://127.0.0.1:{port}/_local/jobs/{job}");
    let answer = reqwest::Client::new().post(url).send().await;
    let answer = answer.map_err(|_| format!("nothing is running on port {port}: start `cargo dev` first"))?;
    let (status, text) = (answer.status(), answer.text().await?);
    if !status.is_success() {
        return Err(format!("{job}: {text}").into());
    }
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(job) = &arguments.job {
        return run_job(arguments.port, job).await;
    }
    let mut options = ProductOptions {
        template: arguments.template.clone(),
        cloud: CloudOptions {
            data: (!arguments.memory).then(|| arguments.data.clone()),
            redis_url: redis_url(),
            ..CloudOptions::default()
        },
        port: arguments.port,
        public_url: arguments.public_url.clone(),
        environment: arguments.environment.iter().cloned().collect(),
        sandboxes: !arguments.no_sandboxes,
        deliver_webhooks: true,
        run_jobs: !arguments.cloud_only,
        run_streams: !arguments.cloud_only,
        ..ProductOptions::default()
    };
    if arguments.cloud_only {
        options.functions.clear();
        options.public_url.get_or_insert_with(|| WATCH_URL.to_owned());
    }
    // Before the start, so that a signal that comes early is not lost.
    let stop = stop_signal()?;
    let today = options.ports.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let product = Product::start(options).await?;
    let demo = arguments.seed == Seed::Demo && !arguments.cloud_only;
    if demo {
        seed::seed(product.url(), today).await?;
        reading::seed(&product).await?;
    }
    announce(&product, arguments, demo)?;
    stop.await;
    product.shutdown().await;
    Ok(())
}

fn announce(product: &Product, arguments: &Arguments, demo: bool) -> io::Result<()> {
    let url = product.url();
    let mut out = io::stdout().lock();
    if arguments.cloud_only {
        let path = std::path::absolute(ENV_FILE)?;
        write_env_file(&path, product, &arguments.environment)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display())))?;
        writeln!(out, "Environment   {}", path.display())?;
        writeln!(
            out,
            "Functions     cargo lambda watch -A 127.0.0.1 -P 9000 --env-file {ENV_FILE}"
        )?;
    } else {
        writeln!(out, "API           {url}/api/v1")?;
        writeln!(out, "Docs          {url}/docs")?;
    }
    writeln!(out, "Mails         {url}/_local/mail")?;
    writeln!(out, "DynamoDB      {}", product.cloud().dynamodb().url())?;
    writeln!(out, "Dead letters  {url}/_local/dead-letters")?;
    if let Some(sandboxes) = product.sandboxes() {
        for provider in Provider::ALL {
            writeln!(out, "{provider:<13} {} (sandbox)", sandboxes.url(provider))?;
        }
    }
    if arguments.memory {
        writeln!(out, "Data          in memory")?;
    } else {
        writeln!(out, "Data          {}", arguments.data.display())?;
    }
    if demo {
        let login = format!(r#"{{"email":"{DEMO_EMAIL}","password":"{DEMO_PASSWORD}"}}"#);
        writeln!(out, "Demo login    {DEMO_EMAIL} / {DEMO_PASSWORD}")?;
        writeln!(
            out,
            "Try           curl -s {url}/api/v1/auth/login -H 'content-type: application/json' -d '{login}'"
        )?;
    }
    writeln!(out, "ready {url}")?;
    out.flush()
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// One file for all functions: their variables agree, because those that share a name share a meaning.
fn write_env_file(path: &Path, product: &Product, given: &[(String, String)]) -> io::Result<()> {
    let cloud = product.cloud();
    let mut variables = BTreeMap::new();
    for function in &cloud.stack().functions {
        variables.extend(cloud.environment(&function.binary).unwrap_or_default());
    }
    variables.extend(product.sandboxes().map(Sandboxes::environment).unwrap_or_default());
    variables.extend(given.iter().cloned());
    let lines: String = variables
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"))
        .collect();
    std::fs::write(path, lines)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the developer's shell configures this tool, not the product"
)]
fn redis_url() -> Option<String> {
    std::env::var("REDIS_URL").ok().filter(|url| !url.is_empty())
}

/// Resolves on Ctrl-C and, where it exists, SIGTERM.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves on Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
