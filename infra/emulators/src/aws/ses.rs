//! SES v2 `SendEmail` with simple content. Mails are kept to be read, and go nowhere; every sender counts as verified.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{AwsError, Request};
use super::random;
use super::state::State;
use crate::StartError;
use crate::clock::Clock;

/// Older mails make room for newer ones.
const KEPT: usize = 1000;

/// A mail that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The message id that the sender was given.
    pub id: String,
    /// When, in milliseconds since the Unix epoch.
    pub sent_at: i64,
    /// Sender.
    pub from: String,
    /// Receivers, copies included.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// The text part.
    pub text: Option<String>,
    /// The HTML part.
    pub html: Option<String>,
}

/// SES.
pub struct Ses {
    mails: State<Vec<Mail>>,
    clock: Clock,
}

impl Ses {
    pub(super) fn open(file: Option<PathBuf>, clock: Clock) -> Result<Self, StartError> {
        Ok(Self {
            mails: State::open(file)?,
            clock,
        })
    }

    /// The mails that were sent, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.read(Clone::clone)
    }

    pub(super) fn send_email(&self, request: &Request) -> Result<Value, AwsError> {
        let refuse = |message: &str| AwsError::new("BadRequestException", message);
        let from = request
            .text("FromEmailAddress")?
            .ok_or_else(|| refuse("FromEmailAddress is required"))?;
        let destination = request.member("Destination").unwrap_or(&Value::Null);
        let mut to = Vec::new();
        for list in ["ToAddresses", "CcAddresses", "BccAddresses"] {
            for address in destination[list].as_array().into_iter().flatten() {
                to.push(address.as_str().unwrap_or_default().to_owned());
            }
        }
        if to.is_empty() {
            return Err(refuse("Destination has no address"));
        }
        let plausible = |address: &str| address.contains('@') && !address.contains(char::is_control);
        if let Some(bad) = to
            .iter()
            .map(String::as_str)
            .chain([from])
            .find(|address| !plausible(address))
        {
            return Err(refuse(&format!("{bad:?} is not an address")));
        }
        let simple = request
            .member("Content")
            .map_or(&Value::Null, |content| &content["Simple"]);
        let part = |value: &Value| value["Data"].as_str().map(str::to_owned);
        let subject = part(&simple["Subject"]).ok_or_else(|| refuse("Content.Simple.Subject is required"))?;
        let (text, html) = (part(&simple["Body"]["Text"]), part(&simple["Body"]["Html"]));
        if text.is_none() && html.is_none() {
            return Err(refuse("Content.Simple.Body is empty"));
        }
        let id = random::uuid()?;
        let mail = Mail {
            id: id.clone(),
            sent_at: (self.clock)(),
            from: from.to_owned(),
            to,
            subject,
            text,
            html,
        };
        self.mails.change(|mails| {
            mails.push(mail);
            mails.drain(..mails.len().saturating_sub(KEPT));
            Ok(())
        })?;
        Ok(json!({ "MessageId": id }))
    }
}
