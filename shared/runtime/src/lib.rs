//! What every function needs before it can answer: its configuration, its clock and randomness, its logs, and the
//! clients of what it talks to.
//!
//! This is the only crate that reads the environment. Clients are made when they are first asked for, so that a
//! function pays for nothing that its first request does not need.

mod clients;
mod config;
mod mail;
mod secrets;
mod system;
mod telemetry;

use std::sync::Arc;

use tripsage_domain::ports::{Clock, Entropy};

pub use clients::Clients;
pub use config::{Config, ConfigError, Tables};
pub use mail::{Mail, MailError, Mailer};
pub use secrets::{ExposeSecret, Secret, SecretError, SecretString, Secrets, Stage};

/// The clock and the randomness that a function works with.
#[derive(Clone)]
pub struct Ports {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws ids, tokens and salts.
    pub entropy: Arc<dyn Entropy>,
}

impl Ports {
    /// The system's clock and random number generator.
    pub fn system() -> Self {
        Self {
            clock: Arc::new(system::SystemClock),
            entropy: Arc::new(system::SystemEntropy),
        }
    }
}

/// One function's surroundings. Cheap to clone.
#[derive(Clone)]
pub struct Runtime {
    config: Arc<Config>,
    ports: Ports,
    clients: Arc<Clients>,
}

impl Runtime {
    /// The surroundings of `function`, configured by what `env` answers for the names of environment variables.
    ///
    /// # Errors
    /// Names the first variable that is missing or malformed.
    pub fn new(
        function: &'static str,
        env: &dyn Fn(&str) -> Option<String>,
        ports: Ports,
    ) -> Result<Self, ConfigError> {
        let config = Arc::new(Config::read(function, env)?);
        Ok(Self {
            clients: Arc::new(Clients::new(Arc::clone(&config))),
            config,
            ports,
        })
    }

    /// The surroundings of the Lambda function that this process is, with logs switched on.
    ///
    /// # Errors
    /// Names the first variable that is missing or malformed.
    pub fn of_this_process(function: &'static str) -> Result<Self, ConfigError> {
        telemetry::init();
        Self::new(function, &config::process_environment, Ports::system())
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Its clock and randomness.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// The present instant.
    pub fn now(&self) -> jiff::Timestamp {
        self.ports.clock.now()
    }

    /// Clients of what it talks to.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }
}
