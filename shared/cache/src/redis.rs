use std::{
    sync::atomic::{AtomicI64, AtomicU32, Ordering},
    time::Duration,
};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::OnceCell;
use tripsage_runtime::{ExposeSecret, Runtime, SecretString, Stage};

/// Redis did not do what was asked; the request goes on without it.
#[derive(Debug, thiserror::Error)]
pub enum RedisError {
    /// It did not answer in time, or not at all, or was not asked because it has just failed several times.
    #[error("redis is unavailable: {0}")]
    Unavailable(String),
    /// It answered with an error.
    #[error("redis refused: {0}")]
    Refused(String),
}

#[derive(Deserialize)]
struct Credentials {
    url: String,
    token: SecretString,
}

#[derive(Deserialize)]
struct Answer {
    result: Option<Value>,
    error: Option<String>,
}

/// After this many failures in a row Redis is left alone for a while.
const FAILURES_TO_OPEN: u32 = 3;

/// For how long.
const OPEN_MS: i64 = 5_000;

/// A client of one Upstash database.
pub struct Redis {
    runtime: Runtime,
    credentials: OnceCell<Credentials>,
    failures: AtomicU32,
    open_until: AtomicI64,
}

impl Redis {
    /// The database that the function's configuration names. Nothing is read or called yet.
    pub fn new(runtime: &Runtime) -> Self {
        Self {
            runtime: runtime.clone(),
            credentials: OnceCell::new(),
            failures: AtomicU32::new(0),
            open_until: AtomicI64::new(0),
        }
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.runtime.now()
    }

    /// A text that nobody else has drawn.
    pub(crate) fn nonce(&self) -> String {
        let mut bytes = [0; 12];
        self.runtime.ports().entropy.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Executes one command in one round trip.
    ///
    /// # Errors
    /// [`RedisError`]; a caller goes on without Redis.
    pub async fn command(&self, arguments: &[&str]) -> Result<Value, RedisError> {
        let now = self.runtime.now().as_millisecond();
        if now < self.open_until.load(Ordering::Relaxed) {
            return Err(RedisError::Unavailable("left alone after repeated failures".to_owned()));
        }
        let result = self.send(arguments).await;
        match &result {
            Err(RedisError::Unavailable(cause)) => {
                if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES_TO_OPEN {
                    self.open_until.store(now + OPEN_MS, Ordering::Relaxed);
                    tracing::warn!(cause, "redis is left alone for a while");
                }
            }
            Ok(_) | Err(RedisError::Refused(_)) => self.failures.store(0, Ordering::Relaxed),
        }
        result
    }

    /// Executes a script by its digest, and by its text when the database does not know it yet.
    ///
    /// # Errors
    /// As [`Self::command`].
    pub(crate) async fn script(&self, script: &Script, keys: &[&str], arguments: &[&str]) -> Result<Value, RedisError> {
        let count = keys.len().to_string();
        let command = |verb, body| {
            let mut command = vec![verb, body, count.as_str()];
            command.extend_from_slice(keys);
            command.extend_from_slice(arguments);
            command
        };
        match self.command(&command("EVALSHA", &script.sha)).await {
            Err(RedisError::Refused(cause)) if cause.starts_with("NOSCRIPT") => {
                self.command(&command("EVAL", script.text)).await
            }
            other => other,
        }
    }

    async fn send(&self, arguments: &[&str]) -> Result<Value, RedisError> {
        let unavailable = |cause: String| RedisError::Unavailable(cause);
        let credentials = self.credentials.get_or_try_init(|| self.read_credentials()).await?;
        let timeout: Duration = self.runtime.config().redis_timeout;
        let response = self
            .runtime
            .clients()
            .http()
            .post(&credentials.url)
            .bearer_auth(credentials.token.expose_secret())
            .timeout(timeout)
            .json(arguments)
            .send()
            .await
            .map_err(|error| unavailable(error.without_url().to_string()))?;
        let status = response.status();
        let answer: Answer = response
            .json()
            .await
            .map_err(|error| unavailable(error.without_url().to_string()))?;
        match answer {
            Answer { error: Some(error), .. } if status.is_client_error() && status.as_u16() == 400 => {
                Err(RedisError::Refused(error))
            }
            Answer { error: None, result } if status.is_success() => Ok(result.unwrap_or(Value::Null)),
            _ => Err(unavailable(format!("status {status}"))),
        }
    }

    async fn read_credentials(&self) -> Result<Credentials, RedisError> {
        let id = &self.runtime.config().upstash_secret;
        let secret = self
            .runtime
            .clients()
            .secrets()
            .get(id, Stage::Current)
            .await
            .map_err(|error| RedisError::Unavailable(error.to_string()))?
            .ok_or_else(|| RedisError::Unavailable("its secret does not exist".to_owned()))?;
        serde_json::from_str(secret.value.expose_secret())
            .map_err(|_| RedisError::Unavailable("its secret is not {\"url\", \"token\"}".to_owned()))
    }
}

/// A Lua script and its SHA-1, under which a database remembers it.
pub(crate) struct Script {
    text: &'static str,
    sha: String,
}

impl Script {
    pub(crate) fn new(text: &'static str) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
        Self {
            text,
            sha: digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}
