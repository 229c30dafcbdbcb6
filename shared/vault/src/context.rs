//! What a ciphertext is bound to. KMS authenticates it as the encryption context: whoever decrypts has to say exactly
//! the same, and CloudTrail shows it with each call. `template.yaml` lets functions use each KMS key only with its
//! purpose and the stage's own name.

use std::collections::HashMap;

use tripsage_domain::{
    ids::{KeyId, UserId},
    service::Service,
};

/// Something that a ciphertext is bound to.
pub(crate) trait Context {
    /// The encryption context. Changing it makes everything unreadable that was sealed before.
    fn encryption_context(&self) -> HashMap<String, String>;
}

/// One version of one key of one user for one service in one stage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound<'a> {
    pub(crate) stage: &'a str,
    pub(crate) user: UserId,
    pub(crate) service: Service,
    pub(crate) key: KeyId,
    pub(crate) version: u32,
}

impl Context for Bound<'_> {
    fn encryption_context(&self) -> HashMap<String, String> {
        [
            ("purpose", "byok".to_owned()),
            ("stage", self.stage.to_owned()),
            ("user", self.user.to_string()),
            ("service", self.service.name().to_owned()),
            ("credential", self.key.to_string()),
            ("version", self.version.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// The safety settings of one user in one stage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SettingsOf<'a> {
    pub(crate) stage: &'a str,
    pub(crate) user: UserId,
}

impl Context for SettingsOf<'_> {
    fn encryption_context(&self) -> HashMap<String, String> {
        [
            ("purpose", "safety-settings".to_owned()),
            ("stage", self.stage.to_owned()),
            ("user", self.user.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}
