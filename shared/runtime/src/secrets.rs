use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext, operation::get_secret_value::GetSecretValueError};
use jiff::Timestamp;
pub use secrecy::{ExposeSecret, SecretString};

/// A secret could not be read.
#[derive(Debug, thiserror::Error)]
#[error("secret {id} cannot be read: {cause}")]
pub struct SecretError {
    id: String,
    cause: String,
}

/// Which version of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The newest.
    Current,
    /// The one before.
    Previous,
}

/// A secret's value. Its debug text hides it.
#[derive(Debug, Clone)]
pub struct Secret {
    /// What is secret.
    pub value: SecretString,
    /// When this version was put.
    pub created: Timestamp,
}

/// Secrets Manager.
#[derive(Debug, Clone)]
pub struct Secrets {
    client: Client,
}

impl Secrets {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Reads one version of a secret; `None` when there is no such version.
    ///
    /// # Errors
    /// When Secrets Manager does not answer, refuses, or the secret is not text.
    pub async fn get(&self, id: &str, stage: Stage) -> Result<Option<Secret>, SecretError> {
        let label = match stage {
            Stage::Current => "AWSCURRENT",
            Stage::Previous => "AWSPREVIOUS",
        };
        let fail = |cause: String| SecretError {
            id: id.to_owned(),
            cause,
        };
        match self
            .client
            .get_secret_value()
            .secret_id(id)
            .version_stage(label)
            .send()
            .await
        {
            Ok(output) => {
                let value = output.secret_string.ok_or_else(|| fail("it is not text".to_owned()))?;
                let created = output.created_date.map_or(0, |at| at.secs());
                Ok(Some(Secret {
                    value: SecretString::from(value),
                    created: Timestamp::from_second(created).map_err(|_| fail("its date is not valid".to_owned()))?,
                }))
            }
            Err(error) => match error.as_service_error() {
                Some(GetSecretValueError::ResourceNotFoundException(_)) => Ok(None),
                _ => Err(fail(DisplayErrorContext(&error).to_string())),
            },
        }
    }
}
