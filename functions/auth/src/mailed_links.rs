//! Links that are mailed: they name the user and hold a secret, of which only the digest is kept.
//!
//! A link leads to a page of the front end at the product's own address, and carries its token behind the `#`, so
//! that no server logs it. The page hands the token to the API.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use tripsage_domain::ids::UserId;
use tripsage_http::{ApiError, Code, Context};
use tripsage_runtime::Mail;
use tripsage_store::{
    Loaded, StoreError,
    keys::{Digest, Purpose, email_digest},
    one_time::MailedLinkRow,
    users::UserRow,
};
use uuid::Uuid;

use crate::App;

const SECRET_BYTES: usize = 32;

/// Between two mails of one kind to one user.
pub(crate) const PAUSE: SignedDuration = SignedDuration::from_secs(60);

const fn life(purpose: Purpose) -> SignedDuration {
    match purpose {
        Purpose::VerifyEmail => SignedDuration::from_hours(24),
        Purpose::ResetPassword => SignedDuration::from_mins(30),
    }
}

/// A token of a link that was read and found good, but not used up yet.
pub(crate) struct OpenedLink {
    pub(crate) user: Loaded<UserRow>,
    pub(crate) row: Loaded<MailedLinkRow>,
}

/// What to do about a mail that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkOutcome {
    /// The token for it.
    Made,
    /// One was sent a moment ago.
    TooSoon(SignedDuration),
}

fn digest(purpose: Purpose, secret: &[u8]) -> Digest {
    Digest::of(&[b"link", purpose.name().as_bytes(), secret])
}

impl App {
    /// Makes a link and stores its digest; the links before it stop working. For an id that is nobody's this costs the
    /// same.
    pub(crate) async fn make_link(
        &self,
        context: &Context,
        user: UserId,
        email: &Digest,
        purpose: Purpose,
    ) -> Result<(LinkOutcome, String), ApiError> {
        let mut secret = [0; SECRET_BYTES];
        context.ports.entropy.fill(&mut secret);
        let token = URL_SAFE_NO_PAD.encode([user.uuid().as_bytes().as_slice(), &secret].concat());
        let old = self.db.find_mailed_link(user, purpose).await?;
        let since = old.as_ref().map(|old| context.now.duration_since(old.item.sent_at));
        if let Some(since) = since
            && since < PAUSE
        {
            return Ok((LinkOutcome::TooSoon(PAUSE - since), token));
        }
        let row = MailedLinkRow::new(&digest(purpose, &secret), email, context.now, life(purpose));
        let version = old.map(|old| old.version);
        match self.db.replace_mailed_link(user, purpose, version, &row).await {
            Ok(()) => Ok((LinkOutcome::Made, token)),
            Err(StoreError::Conflict(_)) => Ok((LinkOutcome::TooSoon(PAUSE), token)),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a link and mails it to the user.
    pub(crate) async fn mail_link(
        &self,
        context: &Context,
        user: &UserRow,
        purpose: Purpose,
    ) -> Result<LinkOutcome, ApiError> {
        let email = email_digest(&user.email()?);
        let (outcome, token) = self.make_link(context, user.id, &email, purpose).await?;
        if outcome == LinkOutcome::Made {
            self.send_link(user, purpose, &token).await?;
        }
        Ok(outcome)
    }

    /// Mails a link that was made.
    pub(crate) async fn send_link(&self, user: &UserRow, purpose: Purpose, token: &str) -> Result<(), ApiError> {
        let base = &self.edge.runtime().config().public_url;
        let (page, subject, why, hours) = match purpose {
            Purpose::VerifyEmail => (
                "verify-email",
                "Confirm your e-mail address",
                "somebody registered at TripSage with this address",
                "24 hours",
            ),
            Purpose::ResetPassword => (
                "reset-password",
                "Reset your password",
                "somebody asked for a new password for your TripSage account",
                "30 minutes",
            ),
        };
        let text = format!(
            "Hello {},\n\n{why}. If that was you, open this link:\n\n{base}/{page}#token={token}\n\n\
             If your app asks for a token instead, it is:\n\n{token}\n\n\
             It works once, within {hours}. If it was not you, ignore this mail.\n",
            user.username
        );
        self.send_mail(&user.email, subject, text).await
    }

    /// Hands a mail over.
    ///
    /// # Errors
    /// 503 when it cannot be.
    pub(crate) async fn send_mail(&self, to: &str, subject: &str, text: String) -> Result<(), ApiError> {
        let mail = Mail {
            to: to.to_owned(),
            subject: subject.to_owned(),
            text,
        };
        let sent = self.edge.runtime().clients().mailer().send(&mail).await;
        sent.map_err(|error| {
            ApiError::new(Code::DependencyUnavailable)
                .message("the mail cannot be sent now")
                .retry_after(std::time::Duration::from_secs(30))
                .because(error)
        })
    }

    /// Reads the token of a link.
    ///
    /// # Errors
    /// One 400 for whatever is wrong with it.
    pub(crate) async fn open_link(
        &self,
        context: &Context,
        token: &str,
        purpose: Purpose,
    ) -> Result<OpenedLink, ApiError> {
        let refused = || ApiError::new(Code::InvalidToken);
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| refused())?;
        let (id, secret) = bytes.split_at_checked(16).ok_or_else(refused)?;
        if secret.len() != SECRET_BYTES {
            return Err(refused());
        }
        let id = UserId::from_uuid(Uuid::from_slice(id).map_err(|_| refused())?);
        let (user, row) = tokio::try_join!(self.db.find_user(id), self.db.find_mailed_link(id, purpose))?;
        let (Some(user), Some(row)) = (user, row) else {
            return Err(refused());
        };
        let presented = digest(purpose, secret).to_string();
        let equal = verify_slices_are_equal(row.item.digest.as_bytes(), presented.as_bytes()).is_ok();
        let same_address = row.item.email == email_digest(&user.item.email()?).to_string();
        if equal && same_address && context.now < row.item.ends_at && user.item.is_active() {
            Ok(OpenedLink { user, row })
        } else {
            Err(refused())
        }
    }
}
