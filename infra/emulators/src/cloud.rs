//! Everything together: one local cloud, as the template describes it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use crate::access::{self, Roles};
use crate::aws::ses::Mail;
use crate::aws::{AwsError, AwsServices, random};
use crate::clock::{self, Clock};
use crate::dynamodb::{DynamoDb, external};
use crate::endpoint::Endpoint;
use crate::serve;
use crate::template::{Place, RouteTable, Stack, Template, TemplateError};
use crate::upstash::{self, Upstash, UpstashOptions};

/// Credentials for the stand-ins, which check none. Alphanumeric, because DynamoDB Local accepts nothing else.
const ACCESS_KEY_ID: &str = "local";
const SECRET_ACCESS_KEY: &str = "local";

/// The logical id of the secret that holds the address and the token of Upstash.
const UPSTASH_SECRET: &str = "UpstashSecret";

/// How a cloud is started. The default is in memory, on ports that the system chooses.
#[derive(Clone, Default)]
pub struct CloudOptions {
    /// Values for parameters of the template, beside `Stage`.
    pub parameters: BTreeMap<String, String>,
    /// The stage, `dev` when empty.
    pub stage: String,
    /// Where data is kept; in memory when absent.
    pub data: Option<PathBuf>,
    /// A Redis server to put behind the Upstash endpoint instead of its own small store.
    pub redis_url: Option<String>,
    /// A DynamoDB Local to use instead of the embedded engine, for tests only: every cloud finds it empty, and `data`
    /// does not reach it.
    pub dynamodb_url: Option<String>,
    /// Fixed ports.
    pub ports: Ports,
    /// Where everything but DynamoDB takes the time from; the system's clock when absent.
    pub clock: Option<Clock>,
    /// Puts a [proxy](crate::proxy) in front of every endpoint, to count round trips, to inject faults, and to hold
    /// functions to their roles.
    pub proxied: bool,
}

/// Ports on loopback; 0 lets the system choose.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    /// DynamoDB.
    pub dynamodb: u16,
    /// KMS, Secrets Manager and SES.
    pub aws: u16,
    /// Upstash.
    pub upstash: u16,
}

/// Why a local cloud cannot start. Displays as one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The template cannot be used.
    #[error("{0}")]
    Template(#[from] TemplateError),
    /// A port cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The data directory cannot be used.
    #[error("cannot keep data in {}: {reason}", path.display())]
    Data {
        /// The directory or the file in it.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The Upstash endpoint cannot start.
    #[error("{0}")]
    Upstash(#[from] upstash::StartError),
    /// A resource of the template cannot be made.
    #[error("{resource}: {reason}")]
    Resource {
        /// Which, and what was being done.
        resource: String,
        /// Why not.
        reason: String,
    },
}

/// A running local cloud. Dropping it stops it; [`Cloud::shutdown`] also waits for requests that are running.
pub struct Cloud {
    place: Place,
    stack: Stack,
    access_key_id: String,
    dynamodb: Option<DynamoDb>,
    aws: AwsServices,
    upstash: Upstash,
    endpoints: Endpoints,
    /// Held, not read: the lock on the data directory ends with it.
    _lock: Option<File>,
}

struct Endpoints {
    dynamodb: Endpoint,
    aws: Endpoint,
    upstash: Endpoint,
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud")
            .field("stack", &self.place.stack)
            .finish_non_exhaustive()
    }
}

impl Cloud {
    /// Starts what the template defines.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(template: &Template, options: CloudOptions) -> Result<Self, StartError> {
        let stage = if options.stage.is_empty() {
            "dev"
        } else {
            &options.stage
        };
        let mut parameters = options.parameters.clone();
        if template.has_parameter("Stage") {
            parameters.insert("Stage".to_owned(), stage.to_owned());
        }
        let place = Place::local(stage);
        let stack = template.resolve(&parameters, &place)?;
        let data = options.data.as_deref();
        let lock = data.map(claim).transpose()?;
        let file = |name: &str| data.map(|directory| directory.join(name));

        let mut access_key_id = ACCESS_KEY_ID.to_owned();
        let (dynamodb, dynamodb_url) = match options.dynamodb_url {
            Some(url) => {
                access_key_id = random::token().map_err(|error| unmade("DynamoDB", &error))?;
                external::create_tables(&url, &access_key_id, &place, &stack.tables).await?;
                (None, url)
            }
            None => {
                let listener = serve::bind(options.ports.dynamodb).await?;
                let engine = DynamoDb::start(listener, file("dynamodb.db").as_deref(), &stack.tables)?;
                let url = engine.url().to_owned();
                (Some(engine), url)
            }
        };
        let clock = options.clock.unwrap_or_else(clock::system);
        let aws = AwsServices::start(serve::bind(options.ports.aws).await?, data, &place, &clock)?;
        let token = random::token().map_err(|error| unmade("the token of Upstash", &error))?;
        let upstash = Upstash::start(
            serve::bind(options.ports.upstash).await?,
            UpstashOptions {
                redis_url: options.redis_url,
                clock: Arc::clone(&clock),
                ..UpstashOptions::new(token.clone())
            },
        )
        .await?;
        let proxied = options.proxied;
        let roles = Arc::new(Roles::of(&stack, &place));
        let endpoints = Endpoints {
            dynamodb: Endpoint::new(dynamodb_url, proxied, Some(&roles)).await?,
            aws: Endpoint::new(aws.url().to_owned(), proxied, Some(&roles)).await?,
            upstash: Endpoint::new(upstash.url(), proxied, None).await?,
        };
        let cloud = Self {
            place,
            stack,
            access_key_id,
            dynamodb,
            aws,
            upstash,
            endpoints,
            _lock: lock,
        };
        cloud.make_resources(&token)?;
        Ok(cloud)
    }

    /// Keys and secrets; tables are made before anything is served.
    fn make_resources(&self, upstash_token: &str) -> Result<(), StartError> {
        for key in &self.stack.keys {
            self.aws
                .kms()
                .ensure(key)
                .map_err(|error| unmade(&key.logical_id, &error))?;
        }
        for secret in &self.stack.secrets {
            let unmade = |error: AwsError| unmade(&secret.logical_id, &error);
            self.aws.secrets().ensure(secret).map_err(unmade)?;
            if secret.logical_id == UPSTASH_SECRET {
                // What the operator fills in on AWS. Address and token are new with every start.
                let value = json!({ "url": self.endpoints.upstash.url(), "token": upstash_token });
                self.aws
                    .secrets()
                    .set(&secret.name, &value.to_string())
                    .map_err(unmade)?;
            }
        }
        Ok(())
    }

    /// The environment that Lambda would give to the function with this binary, and the endpoint of each stand-in.
    /// `None` when the template has no such function.
    pub fn environment(&self, binary: &str) -> Option<BTreeMap<String, String>> {
        let function = self.stack.functions.iter().find(|function| function.binary == binary)?;
        let mut environment = function.environment.clone();
        let mut set = |name: &str, value: &str| environment.insert(name.to_owned(), value.to_owned());
        set("AWS_REGION", &self.place.region);
        set("AWS_ACCESS_KEY_ID", &self.access_key_id);
        set("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY);
        set("AWS_SESSION_TOKEN", &access::session_token(function));
        set("AWS_ENDPOINT_URL_DYNAMODB", self.endpoints.dynamodb.url());
        for service in ["KMS", "SECRETS_MANAGER", "SESV2"] {
            set(&format!("AWS_ENDPOINT_URL_{service}"), self.endpoints.aws.url());
        }
        Some(environment)
    }

    /// Where clients reach DynamoDB.
    pub fn dynamodb(&self) -> &Endpoint {
        &self.endpoints.dynamodb
    }

    /// Where clients reach KMS, Secrets Manager and SES.
    pub fn aws(&self) -> &Endpoint {
        &self.endpoints.aws
    }

    /// Where clients reach Upstash.
    pub fn upstash(&self) -> &Endpoint {
        &self.endpoints.upstash
    }

    /// The Upstash engine, which counts its commands.
    pub fn upstash_engine(&self) -> &Upstash {
        &self.upstash
    }

    /// The embedded DynamoDB engine, for what has no place in the wire protocol; `None` when another one is used.
    pub fn dynamodb_engine(&self) -> Option<&DynamoDb> {
        self.dynamodb.as_ref()
    }

    /// The present value of a secret of the template, by its logical id.
    pub fn secret(&self, logical_id: &str) -> Option<String> {
        let secret = self
            .stack
            .secrets
            .iter()
            .find(|secret| secret.logical_id == logical_id)?;
        self.aws.secrets().text(&secret.name)
    }

    /// Fills a secret of the template in, as an operator would.
    ///
    /// # Errors
    /// When the template has no such secret, or it cannot be kept.
    pub fn set_secret(&self, logical_id: &str, value: &str) -> Result<(), StartError> {
        let found = self.stack.secrets.iter().find(|secret| secret.logical_id == logical_id);
        let secret = found.ok_or_else(|| unmade(logical_id, &"not in the template"))?;
        let set = self.aws.secrets().set(&secret.name, value);
        set.map_err(|error| unmade(logical_id, &error))
    }

    /// The mails that were sent, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.aws.ses().mails()
    }

    /// The routes of the HTTP API.
    pub fn routes(&self) -> &RouteTable {
        &self.stack.routes
    }

    /// What the template defines.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Stops, after the requests that are running.
    pub async fn shutdown(self) {
        // Proxies first: the engines wait for the connections that these hold.
        tokio::join!(
            self.endpoints.dynamodb.stop(),
            self.endpoints.aws.stop(),
            self.endpoints.upstash.stop()
        );
        if let Some(engine) = self.dynamodb {
            engine.stop().await;
        }
        tokio::join!(self.aws.stop(), self.upstash.shutdown());
    }
}

fn unmade(logical_id: &str, error: &dyn fmt::Display) -> StartError {
    StartError::Resource {
        resource: logical_id.to_owned(),
        reason: error.to_string(),
    }
}

/// Makes the data directory, and makes sure that no other process uses it: two would overwrite each other's keys.
fn claim(directory: &Path) -> Result<File, StartError> {
    let failed = |reason: String| StartError::Data {
        path: directory.to_owned(),
        reason,
    };
    std::fs::create_dir_all(directory).map_err(|error| failed(error.to_string()))?;
    let lock = File::create(directory.join("lock")).map_err(|error| failed(error.to_string()))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => failed("another process is using it".to_owned()),
        TryLockError::Error(error) => failed(format!("it cannot be locked: {error}")),
    })?;
    Ok(lock)
}
