use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};
use tripsage_domain::{key::check, service::Service, validation::Rule};
use tripsage_runtime::{ExposeSecret, SecretString};

/// A key as a client sends it. It can be neither printed nor serialised, and what is wrong with it is said without
/// repeating any of it.
#[derive(Clone)]
pub(crate) struct KeyText(SecretString);

impl KeyText {
    /// The key, when it looks like one of this service.
    pub(crate) fn parse(self, service: Service) -> Result<SecretString, Rule> {
        check(service, self.0.expose_secret())?;
        Ok(self.0)
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText([REDACTED])")
    }
}

impl<'de> Deserialize<'de> for KeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The deserialiser's own error would quote what it was given.
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom("it has to be a text"))?;
        Ok(Self(text.into()))
    }
}
