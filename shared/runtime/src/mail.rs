use aws_sdk_sesv2::{
    Client,
    error::DisplayErrorContext,
    types::{Body, Content, Destination, EmailContent, Message},
};

/// A mail could not be handed over.
#[derive(Debug, thiserror::Error)]
#[error("mail cannot be sent: {0}")]
pub struct MailError(String);

/// A plain-text mail to one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Where to.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Amazon SES.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    from: Option<String>,
}

impl Mailer {
    pub(crate) fn new(client: Client, from: Option<String>) -> Self {
        Self { client, from }
    }

    /// Hands the mail over to SES.
    ///
    /// # Errors
    /// When there is no sender configured, or SES refuses or does not answer. The text of the mail is never part of it.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let from = self
            .from
            .as_deref()
            .ok_or_else(|| MailError("MAIL_FROM is not set".to_owned()))?;
        let content = |text: &str| {
            Content::builder()
                .data(text)
                .charset("UTF-8")
                .build()
                .map_err(|error| MailError(error.to_string()))
        };
        let message = Message::builder()
            .subject(content(&mail.subject)?)
            .body(Body::builder().text(content(&mail.text)?).build())
            .build();
        self.client
            .send_email()
            .from_email_address(from)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await
            .map(|_| ())
            .map_err(|error| MailError(DisplayErrorContext(&error).to_string()))
    }
}
