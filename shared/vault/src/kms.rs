use aws_sdk_kms::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::{decrypt::DecryptError, re_encrypt::ReEncryptError},
    primitives::Blob,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use tripsage_runtime::{ExposeSecret, Runtime, SecretString};

use crate::{VaultError, context::Context};

/// KMS, as the vault uses it. A call takes at most two seconds with all its attempts: see the client's configuration.
pub(crate) struct Kms {
    runtime: Runtime,
    key: &'static str,
}

/// What an error says, and nothing of what was sent or received: an answer that cannot be read could hold a plaintext.
fn unavailable<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> VaultError {
    let cause = match error {
        SdkError::TimeoutError(_) => "KMS does not answer in time",
        SdkError::DispatchFailure(_) => "KMS cannot be reached",
        SdkError::ServiceError(service) => service.err().code().unwrap_or("KMS refuses"),
        _ => "KMS gives an answer that cannot be read",
    };
    VaultError::Unavailable(cause.to_owned())
}

impl Kms {
    /// With the KMS key whose ARN the variable `key` of the environment holds.
    pub(crate) fn new(runtime: &Runtime, key: &'static str) -> Self {
        Self {
            runtime: runtime.clone(),
            key,
        }
    }

    fn client(&self) -> &Client {
        self.runtime.clients().kms()
    }

    /// ARN of the KMS key that seals.
    pub(crate) fn key(&self) -> Result<&str, VaultError> {
        let key = self.runtime.config().required(self.key);
        key.map_err(|error| VaultError::Unavailable(error.to_string()))
    }

    /// The ciphertext, in base64, and the ARN of the KMS key.
    pub(crate) async fn encrypt(
        &self,
        to: &impl Context,
        secret: &SecretString,
    ) -> Result<(String, String), VaultError> {
        let call = self
            .client()
            .encrypt()
            .key_id(self.key()?)
            .set_encryption_context(Some(to.encryption_context()))
            .plaintext(Blob::new(secret.expose_secret().as_bytes()));
        let output = call.send().await.map_err(|error| unavailable(&error))?;
        sealed(output.ciphertext_blob, output.key_id)
    }

    /// The secret, if the ciphertext was made by this KMS key and is bound to exactly this.
    pub(crate) async fn decrypt(
        &self,
        bound: &impl Context,
        ciphertext: &str,
        kms_key: &str,
    ) -> Result<SecretString, VaultError> {
        let call = self
            .client()
            .decrypt()
            .key_id(kms_key)
            .set_encryption_context(Some(bound.encryption_context()))
            .ciphertext_blob(blob(ciphertext)?);
        let output = call.send().await.map_err(|error| match error.as_service_error() {
            Some(
                DecryptError::InvalidCiphertextException(_)
                | DecryptError::IncorrectKeyException(_)
                // The KMS key is destroyed: nothing will ever open it again.
                | DecryptError::NotFoundException(_),
            ) => VaultError::Unreadable,
            _ => unavailable(&error),
        })?;
        let plaintext = output.plaintext.ok_or(VaultError::Unreadable)?.into_inner();
        let text = String::from_utf8(plaintext).map_err(|_| VaultError::Unreadable)?;
        Ok(SecretString::from(text))
    }

    /// The same secret under the present KMS key. The plaintext does not leave KMS.
    pub(crate) async fn reencrypt(
        &self,
        bound: &impl Context,
        ciphertext: &str,
        kms_key: &str,
    ) -> Result<(String, String), VaultError> {
        let call = self
            .client()
            .re_encrypt()
            .source_key_id(kms_key)
            .set_source_encryption_context(Some(bound.encryption_context()))
            .destination_key_id(self.key()?)
            .set_destination_encryption_context(Some(bound.encryption_context()))
            .ciphertext_blob(blob(ciphertext)?);
        let output = call.send().await.map_err(|error| match error.as_service_error() {
            Some(ReEncryptError::InvalidCiphertextException(_) | ReEncryptError::IncorrectKeyException(_)) => {
                VaultError::Unreadable
            }
            _ => unavailable(&error),
        })?;
        sealed(output.ciphertext_blob, output.key_id)
    }
}

fn blob(ciphertext: &str) -> Result<Blob, VaultError> {
    let bytes = STANDARD.decode(ciphertext).map_err(|_| VaultError::Unreadable)?;
    Ok(Blob::new(bytes))
}

fn sealed(ciphertext: Option<Blob>, key: Option<String>) -> Result<(String, String), VaultError> {
    let missing = || VaultError::Unavailable("KMS gives half an answer".to_owned());
    let ciphertext = STANDARD.encode(ciphertext.ok_or_else(missing)?.as_ref());
    Ok((ciphertext, key.ok_or_else(missing)?))
}
