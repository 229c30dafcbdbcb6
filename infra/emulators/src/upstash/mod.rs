//! An [Upstash Redis REST](https://upstash.com/docs/redis/features/restapi) endpoint on loopback.
//!
//! It speaks the wire protocol of the hosted service, so that the cache adapter and the official clients run against it
//! unchanged: command arrays, path and raw-body forms, `/pipeline`, `/multi-exec`, both tokens, base64 and RESP2 answers.
//!
//! Two engines stand behind it. The default keeps the data in this process (`memory`). With
//! [`UpstashOptions::redis_url`] every command goes to a real `redis-server`, which is the reference that the first is held to.
//!
//! The in-process engine is our own small store with real Lua 5.1 (`mlua`, vendored) for scripts. The alternative, an embedded
//! Redis such as the crate `kevy`, lacks through its in-process entry what the protocol promises (`MULTI`, `GETEX`,
//! `SET .. GET`, `SCAN`), takes no clock, and its Lua is a re-implementation: scripts are the one place where a difference would
//! go unnoticed until production.
//!
//! # What it does not do
//!
//! - `/subscribe`, `/psubscribe` and `/monitor` are event streams: they answer 400 with a JSON error.
//! - The in-process engine has no streams, geo, bitmaps, pub/sub, JSON or lexicographic ranges, its scripts have no `cjson`,
//!   `cmsgpack`, `struct` and `bit`, and nothing survives a restart: Redis holds a cache here. A command it lacks is an
//!   `ERR unknown command`, never a wrong answer.
//! - There is no ACL, no replication (the sync token is a counter) and no daily quota.

mod backend;
mod http;
mod memory;
mod policy;
mod redis;
mod reply;
mod request;
mod shebang;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::clock::{self, Clock};
use backend::Backend;

/// How the endpoint is to behave.
#[derive(Clone)]
pub struct UpstashOptions {
    /// The token that may run every command.
    pub token: String,
    /// A token that may only run read commands, if there is to be one.
    pub read_only_token: Option<String>,
    /// `redis://host:port/db` of a real server; without it the data lives in this process.
    pub redis_url: Option<String>,
    /// The time source of the in-process engine; a real server keeps its own time.
    pub clock: Clock,
}

impl UpstashOptions {
    /// In-process data, one token, the system clock.
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            read_only_token: None,
            redis_url: None,
            clock: clock::system(),
        }
    }
}

/// Why the endpoint did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The listener has no usable address.
    #[error("the listener has no local address")]
    Listener(#[source] std::io::Error),
    /// The URL is not of the form `redis://host:port/db`.
    #[error("not a redis://host:port/db url: {0}")]
    RedisUrl(String),
    /// The server behind `redis_url` does not answer.
    #[error("no redis-server answers at {address}")]
    Redis {
        /// `host:port`
        address: String,
        /// What the attempt to connect met.
        #[source]
        source: std::io::Error,
    },
}

/// What was asked of an endpoint since it started.
#[derive(Default)]
struct Meter {
    requests: AtomicU64,
    commands: AtomicU64,
    script_commands: AtomicU64,
}

/// A running endpoint. It stops when dropped.
pub struct Upstash {
    address: SocketAddr,
    meter: Arc<Meter>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Upstash {
    /// Serves on `listener` until [`Upstash::shutdown`] or drop.
    ///
    /// # Errors
    /// [`StartError`] when the listener is unusable or the real server, if one is asked for, does not answer.
    pub async fn start(listener: TcpListener, options: UpstashOptions) -> Result<Self, StartError> {
        let address = listener.local_addr().map_err(StartError::Listener)?;
        let backend = match &options.redis_url {
            Some(url) => Backend::redis(url).await?,
            None => Backend::memory(Arc::clone(&options.clock)),
        };
        let meter = Arc::new(Meter::default());
        let router = http::router(backend, Arc::clone(&meter), options);
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(async move {
                // A dropped sender asks for the stop just as a sent one does.
                drop(stopped.await);
            });
            if let Err(error) = serving.await {
                tracing::error!(%error, "the Upstash endpoint stopped");
            }
        });
        Ok(Self {
            address,
            meter,
            stop,
            server,
        })
    }

    /// The base URL, without a trailing slash: what `UPSTASH_REDIS_REST_URL` is set to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// HTTP requests answered, whatever the answer was: the round trips a caller paid.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.meter.requests.load(Ordering::Relaxed)
    }

    /// Commands handed to the engine, failed ones included: each command of a pipeline or transaction counts, a script counts as one.
    #[must_use]
    pub fn commands(&self) -> u64 {
        self.meter.commands.load(Ordering::Relaxed)
    }

    /// Commands that scripts ran through `redis.call` and `redis.pcall`, which [`Upstash::commands`] leaves out. Upstash's published
    /// costs of its rate limits count them beside the `EVAL`, so a bill shows the sum of both. Always 0 with a real server, which does
    /// not report them.
    #[must_use]
    pub fn script_commands(&self) -> u64 {
        self.meter.script_commands.load(Ordering::Relaxed)
    }

    /// Stops accepting, lets requests in flight finish, and returns when the socket is closed.
    pub async fn shutdown(self) {
        drop(self.stop);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the Upstash endpoint panicked");
        }
    }
}
