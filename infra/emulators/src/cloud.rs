//! Everything together: one local cloud, as the template describes it.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::aws::AwsServices;
use crate::aws::ses::Mail;
use crate::clock::{self, Clock};
use crate::dynamodb::DynamoDb;
use crate::serve;
use crate::template::{Place, RouteTable, Stack, Template, TemplateError};

/// Credentials for the stand-ins, which check none. Alphanumeric, because DynamoDB Local accepts nothing else.
const ACCESS_KEY_ID: &str = "local";
const SECRET_ACCESS_KEY: &str = "local";

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
    /// Fixed ports.
    pub ports: Ports,
    /// Where KMS, Secrets Manager and SES take the time from; the system's clock when absent.
    pub clock: Option<Clock>,
}

/// Ports on loopback; 0 lets the system choose.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ports {
    /// DynamoDB.
    pub dynamodb: u16,
    /// KMS, Secrets Manager and SES.
    pub aws: u16,
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
    dynamodb: DynamoDb,
    aws: AwsServices,
    /// Held, not read: the lock on the data directory ends with it.
    _lock: Option<File>,
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

        let dynamodb = DynamoDb::start(
            serve::bind(options.ports.dynamodb).await?,
            file("dynamodb.db").as_deref(),
            &stack.tables,
        )?;
        let clock = options.clock.unwrap_or_else(clock::system);
        let aws = AwsServices::start(serve::bind(options.ports.aws).await?, data, &place, &clock)?;
        for key in &stack.keys {
            aws.kms().ensure(key).map_err(|error| unmade(&key.logical_id, &error))?;
        }
        for secret in &stack.secrets {
            aws.secrets()
                .ensure(secret)
                .map_err(|error| unmade(&secret.logical_id, &error))?;
        }
        Ok(Self {
            place,
            stack,
            dynamodb,
            aws,
            _lock: lock,
        })
    }

    /// The environment that Lambda would give to the function with this binary, and the endpoint of each stand-in.
    /// `None` when the template has no such function.
    pub fn environment(&self, binary: &str) -> Option<BTreeMap<String, String>> {
        let function = self.stack.functions.iter().find(|function| function.binary == binary)?;
        let mut environment = function.environment.clone();
        let mut set = |name: &str, value: &str| environment.insert(name.to_owned(), value.to_owned());
        set("AWS_REGION", &self.place.region);
        set("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID);
        set("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY);
        set("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.url());
        for service in ["KMS", "SECRETS_MANAGER", "SESV2"] {
            set(&format!("AWS_ENDPOINT_URL_{service}"), self.aws.url());
        }
        Some(environment)
    }

    /// The DynamoDB engine, for what has no place in the wire protocol.
    pub fn dynamodb_engine(&self) -> &DynamoDb {
        &self.dynamodb
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
        tokio::join!(self.dynamodb.stop(), self.aws.stop());
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
    lock.try_lock()
        .map_err(|_| failed("another process is using it".to_owned()))?;
    Ok(lock)
}
