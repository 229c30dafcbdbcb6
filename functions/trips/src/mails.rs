//! Mails to people with whom a trip is shared. Whether they arrive never decides whether the trip is shared.

use std::time::Duration;

use futures_util::future::join_all;
use tripsage_runtime::Mail;

use crate::App;

/// How long the answer to a request waits for its mails to be handed over.
const PATIENCE: Duration = Duration::from_secs(4);

/// What a mail about a shared trip says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Letter<'a> {
    /// Name of who shares.
    pub(crate) from: &'a str,
    /// Title of the trip.
    pub(crate) trip: &'a str,
    /// What they add.
    pub(crate) message: Option<&'a str>,
}

impl Letter<'_> {
    /// To somebody who takes part from now on.
    pub(crate) fn for_member(self, to: &str, address: &str) -> Mail {
        self.mail(to, &format!("Open it in TripSage: {address}"))
    }

    /// To somebody who has to accept first.
    pub(crate) fn for_invited(self, to: &str, address: &str) -> Mail {
        let instructions = format!(
            "Sign in to TripSage with this e-mail address, or register with it, and accept the invitation:\n\n\
             {address}\n\n\
             The link works once, for you alone, for seven days. If you do not know who this is, ignore this mail."
        );
        self.mail(to, &instructions)
    }

    fn mail(&self, to: &str, instructions: &str) -> Mail {
        let Self { from, trip, message } = self;
        let message = message.map_or_else(String::new, |message| format!("{from} writes:\n\n{message}\n\n"));
        Mail {
            to: to.to_owned(),
            subject: format!("{from} shares the trip \u{201c}{trip}\u{201d} with you"),
            text: format!("{from} shares the trip \u{201c}{trip}\u{201d} with you.\n\n{message}{instructions}\n"),
        }
    }
}

impl App {
    /// Hands the mails over, all at once; says of each whether that went well.
    pub(crate) async fn send_all(&self, mails: &[Mail]) -> Vec<bool> {
        let mailer = self.edge.runtime().clients().mailer();
        let sending = mails.iter().map(|mail| async move {
            match tokio::time::timeout(PATIENCE, mailer.send(mail)).await {
                Ok(Ok(())) => true,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "a mail about a shared trip was not sent");
                    false
                }
                Err(_) => {
                    tracing::warn!("a mail about a shared trip was not handed over in time");
                    false
                }
            }
        });
        join_all(sending).await
    }
}
