//! Starting and stopping the product.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use scheduler::{Job, Report, Scheduler};
use tripsage_emulators::serve::{self, Server};
use tripsage_emulators::{Cloud, CloudOptions, StartError, Template, template::TemplateError};
use tripsage_runtime::{ConfigError, Ports, Runtime};
use tripsage_sandboxes::{SandboxOptions, Sandboxes};
use tripsage_store::StoreError;

use crate::functions::{FUNCTIONS, Function, STREAM_FUNCTIONS};
use crate::gateway::Gateway;
use crate::jobs::Jobs;
use crate::mail;
use crate::sandbox;
use crate::streams::{DeadLetter, Streams};

/// How the product is started. The default is in memory, on a port that the system chooses.
pub struct ProductOptions {
    /// The SAM template; the project's own when absent.
    pub template: Option<PathBuf>,
    /// The cloud below. Its clock, when absent, is the clock of `ports`.
    pub cloud: CloudOptions,
    /// The port to listen on; 0 lets the system choose.
    pub port: u16,
    /// The address that clients use, when it is not the one that is listened on.
    pub public_url: Option<String>,
    /// The clock and the randomness of the functions.
    pub ports: Ports,
    /// Variables that are set in every function over those of the template.
    pub environment: BTreeMap<String, String>,
    /// The functions to run; routes of others are left to `cargo lambda watch`.
    pub functions: Vec<Function>,
    /// Whether the providers' sandboxes are started, and functions pointed at them.
    pub sandboxes: bool,
    /// Whether the sandboxes deliver webhooks by themselves; otherwise only when they are told to.
    pub deliver_webhooks: bool,
    /// Whether jobs run by themselves, every minute; otherwise only when [`Product::run_job`] is called.
    pub run_jobs: bool,
    /// Whether streams feed their functions by themselves; otherwise only when [`Product::drain_streams`] is called.
    pub run_streams: bool,
}

impl Default for ProductOptions {
    fn default() -> Self {
        Self {
            template: None,
            cloud: CloudOptions::default(),
            port: 0,
            public_url: None,
            ports: Ports::system(),
            environment: BTreeMap::new(),
            functions: FUNCTIONS.to_vec(),
            sandboxes: true,
            deliver_webhooks: false,
            run_jobs: false,
            run_streams: false,
        }
    }
}

/// Why the product cannot start. Displays as one line.
#[derive(Debug, thiserror::Error)]
pub enum ProductError {
    /// The cloud below cannot start, or the port cannot be listened on.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A function refuses the environment that the template gives it.
    #[error("function {function}: {source}")]
    Config {
        /// The name of its binary.
        function: &'static str,
        /// What it refuses.
        source: ConfigError,
    },
    /// A function is built in, but the template does not define it.
    #[error("function {0} is not in the template")]
    Undefined(&'static str),
}

impl From<TemplateError> for ProductError {
    fn from(error: TemplateError) -> Self {
        Self::Start(error.into())
    }
}

/// The running product. Dropping it stops it; [`Product::shutdown`] also waits for requests that are running.
#[derive(Debug)]
pub struct Product {
    cloud: Arc<Cloud>,
    sandboxes: Option<Sandboxes>,
    url: String,
    server: Server,
    jobs: Jobs,
    streams: Streams,
}

impl Product {
    /// Starts the cloud, then the functions, then listens.
    ///
    /// # Errors
    /// See [`ProductError`].
    pub async fn start(options: ProductOptions) -> Result<Self, ProductError> {
        let template = Template::load(&options.template.unwrap_or_else(default_template))?;
        let listener = serve::bind(options.port).await?;
        let url = serve::url(&listener)?;

        let mut cloud_options = options.cloud;
        if template.has_parameter("PublicUrl") {
            let public_url = options.public_url.unwrap_or_else(|| url.clone());
            cloud_options
                .parameters
                .entry("PublicUrl".to_owned())
                .or_insert(public_url);
        }
        let clock = Arc::clone(&options.ports.clock);
        let clock = cloud_options
            .clock
            .get_or_insert_with(|| Arc::new(move || clock.now().as_millisecond()));
        let sandbox_options = SandboxOptions {
            clock: Some(Arc::clone(clock)),
            data: cloud_options.data.as_ref().map(|data| data.join("sandboxes")),
            deliver: options.deliver_webhooks,
            ..SandboxOptions::default()
        };
        let data = cloud_options.data.clone();
        let cloud = Arc::new(Cloud::start(&template, cloud_options).await?);
        // After the cloud, which makes sure that nobody else uses the data directory.
        let sandboxes = match options.sandboxes {
            true => Some(Sandboxes::start(sandbox_options).await?),
            false => None,
        };
        sandbox::fill_provider_secret(&cloud, sandboxes.is_some())?;
        let addresses = sandboxes.as_ref().map_or_else(BTreeMap::new, Sandboxes::environment);

        let runtime = |binary: &'static str| {
            let mut environment = cloud.environment(binary).ok_or(ProductError::Undefined(binary))?;
            environment.extend(addresses.clone());
            environment.extend(options.environment.clone());
            Runtime::new(binary, &|name| environment.get(name).cloned(), options.ports.clone()).map_err(|source| {
                ProductError::Config {
                    function: binary,
                    source,
                }
            })
        };
        let mut routers = BTreeMap::new();
        for function in options.functions {
            let router = (function.router)(&runtime(function.binary)?);
            routers.insert(function.binary.to_owned(), router);
        }
        let scheduler = match cloud.environment("scheduler") {
            Some(_) => Some(Scheduler::new(&runtime("scheduler")?)),
            None => None,
        };
        let jobs = Jobs::new(scheduler, options.run_jobs);
        let mut handlers = BTreeMap::new();
        for function in STREAM_FUNCTIONS {
            if cloud.environment(function.binary).is_some() {
                handlers.insert(function.binary, (function.handler)(&runtime(function.binary)?));
            }
        }
        let handler = |binary: &str| handlers.get(binary).cloned();
        let streams = Streams::new(&cloud, data.as_deref(), handler, options.run_streams)?;
        let gateway = Gateway::new(cloud.routes().clone(), routers, Arc::clone(&options.ports.clock));
        let app = Router::new()
            .merge(mail::router(Arc::clone(&cloud)))
            .merge(streams.router())
            .merge(jobs.router())
            .merge(gateway.into_router())
            .into_make_service_with_connect_info::<SocketAddr>();
        let server = Server::spawn(|stopped| async move {
            if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(stopped.wait()).await {
                tracing::error!(%error, "the gateway stopped");
            }
        });
        Ok(Self {
            cloud,
            sandboxes,
            url,
            server,
            jobs,
            streams,
        })
    }

    /// Where it listens, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The cloud below.
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// The providers' sandboxes, unless it was started without them.
    pub fn sandboxes(&self) -> Option<&Sandboxes> {
        self.sandboxes.as_ref()
    }

    /// Runs a job now, as a schedule of the template would. `None` when the template has no function for it.
    pub async fn run_job(&self, job: Job) -> Option<Result<Report, StoreError>> {
        self.jobs.run(job).await
    }

    /// Gives the functions everything that is in the streams, and returns when nothing is left: how many records there
    /// were.
    pub async fn drain_streams(&self) -> usize {
        self.streams.drain().await
    }

    /// The records that are in the streams, as a function would be given them; they count as having been given.
    pub async fn take_stream_records(&self) -> Vec<serde_json::Value> {
        self.streams.take().await
    }

    /// Records that a function could not deal with.
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.streams.dead_letters()
    }

    /// Stops, after the requests that are running.
    pub async fn shutdown(self) {
        drop(self.jobs);
        drop(self.streams);
        self.server.stop().await;
        // Nobody else holds the cloud once the gateway is gone, unless a request outlived its grace.
        if let Some(cloud) = Arc::into_inner(self.cloud) {
            cloud.shutdown().await;
        }
        if let Some(sandboxes) = self.sandboxes {
            sandboxes.shutdown().await;
        }
    }
}

/// The template of the workspace that this was built from.
pub fn default_template() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    workspace.unwrap_or(Path::new(".")).join("template.yaml")
}
