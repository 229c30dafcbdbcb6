use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::State;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    ports::Entropy,
    user::Email,
    validation::{Checks, Rule},
};
use tripsage_http::{ApiError, Code, Context, Envelope, Errors, Json, Reply};
use tripsage_store::{
    Loaded, StoreError, Transaction,
    keys::{Digest, email_digest},
    one_time::CodeRow,
};
use utoipa::ToSchema;

use crate::{
    App,
    bodies::{Nothing, SignedInBody},
    key_material::KeyPurpose,
    sign_in::{Method, Remember},
};

/// How long a code works.
const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// Between two codes for one address.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// Codes for one address in an hour.
const MOST_AN_HOUR: u32 = 5;

/// Where the code is to go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestOtpRequest {
    /// The e-mail address of the account.
    #[schema(example = "test@example.com")]
    email: String,
}

/// Mails a one-time code of six digits, if there is an account with this address. The answer is the same if not.
///
/// A code works for five minutes and can be tried five times; a new one replaces it. One a minute and five an hour
/// are sent.
#[utoipa::path(post, path = "/api/v1/auth/otp/request", operation_id = "requestOtp", tag = "auth",
    request_body = RequestOtpRequest,
    responses((status = 202, description = "If there is such an account, the mail is on its way",
               body = Envelope<Nothing>), Errors))]
pub(crate) async fn request_otp(
    State(app): State<App>,
    context: Context,
    Json(request): Json<RequestOtpRequest>,
) -> Result<Reply<Nothing>, ApiError> {
    let mut checks = Checks::default();
    let email = checks.take("email", Email::parse(&request.email));
    let email = checks.build(|| email)?;
    app.in_even_time(app.mail_code(&context, &email)).await?;
    Ok(Reply::accepted(
        "If there is an account with this address, a code is on its way",
        Nothing {},
    ))
}

/// An address and the code that was mailed to it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerifyOtpRequest {
    /// The e-mail address of the account.
    #[schema(example = "test@example.com")]
    email: String,
    /// Six digits.
    #[schema(example = "123456")]
    otp: String,
}

/// Signs in with a one-time code.
#[utoipa::path(post, path = "/api/v1/auth/otp/verify", operation_id = "verifyOtp", tag = "auth",
    request_body = VerifyOtpRequest,
    responses((status = 200, description = "Signed in", body = Envelope<SignedInBody>), Errors))]
pub(crate) async fn verify_otp(
    State(app): State<App>,
    context: Context,
    Json(request): Json<VerifyOtpRequest>,
) -> Result<Reply<SignedInBody>, ApiError> {
    let mut checks = Checks::default();
    let email = checks.take("email", Email::parse(&request.email));
    let code = checks.take("otp", six_digits(&request.otp));
    let (email, code) = checks.build(|| Some((email?, code?)))?;
    let digest = email_digest(&email);
    let (id, user) = app.find_by_email(&email).await?;
    let row = app.db.try_code(&digest, context.now).await?;
    let mac = app.code_mac(context.now, &digest, code).await?;
    let equal = |row: &CodeRow| verify_slices_are_equal(row.mac.as_bytes(), mac.as_bytes()).is_ok();
    let (Some(user), Some(row)) = (&user, row.filter(equal)) else {
        app.record_failure(&context, id, user.is_some(), Action::OtpFailed)
            .await?;
        return Err(ApiError::new(Code::InvalidToken));
    };
    let transaction = Transaction::default().using_code(&digest, &row);
    let how = (Method::OneTimeCode, Remember::Yes);
    let signed_in = app.sign_in(&context, user, how, transaction, Action::OtpSuccess).await;
    match signed_in {
        Ok(signed_in) => Ok(signed_in.reply(Reply::ok)),
        // Of several at the same time, one signs in.
        Err(error) if error.code() == Code::EditConflict => Err(ApiError::new(Code::InvalidToken)),
        Err(error) => Err(error),
    }
}

fn six_digits(text: &str) -> Result<&str, Rule> {
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(text)
    } else {
        Err(Rule::new("digits", "must be six digits"))
    }
}

/// Six digits, each sequence as likely as any other.
fn random_code(entropy: &dyn Entropy) -> String {
    // What is left above the largest multiple of a million is drawn again: a remainder alone would favour low codes.
    const BOUND: u32 = u32::MAX - u32::MAX % 1_000_000;
    loop {
        let mut bytes = [0; 4];
        entropy.fill(&mut bytes);
        let number = u32::from_be_bytes(bytes);
        if number < BOUND {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

/// How many codes were asked for, and since when, once one more is; or how long there may be none.
fn one_more(old: Option<&CodeRow>, now: Timestamp) -> Result<(u32, Timestamp), SignedDuration> {
    const HOUR: SignedDuration = SignedDuration::from_hours(1);
    let Some(old) = old else { return Ok((1, now)) };
    let (since_last, since_first) = (now.duration_since(old.sent_at), now.duration_since(old.counted_since));
    if since_last < PAUSE {
        Err(PAUSE - since_last)
    } else if since_first >= HOUR {
        Ok((1, now))
    } else if old.requests >= MOST_AN_HOUR {
        Err(HOUR - since_first)
    } else {
        Ok((old.requests + 1, old.counted_since))
    }
}

impl App {
    async fn code_mac(&self, now: Timestamp, email: &Digest, code: &str) -> Result<String, ApiError> {
        let parts = [email.to_string(), code.to_owned()];
        let key = self.material.mac_key(now).await?;
        let mac = key.mac(KeyPurpose::OneTimeCode, &[parts[0].as_bytes(), parts[1].as_bytes()])?;
        Ok(URL_SAFE_NO_PAD.encode(mac))
    }

    async fn mail_code(&self, context: &Context, email: &Email) -> Result<(), ApiError> {
        let digest = email_digest(email);
        let (_, user) = self.find_by_email(email).await?;
        let old = self.db.find_code(&digest).await?;
        let code = self.replace_code(context, &digest, old).await?;
        if let Some(user) = user {
            let text = format!(
                "Hello {},\n\nyour TripSage code is {code}. It works once, within 5 minutes.\n\n\
                 If you did not ask for it, ignore this mail and tell nobody the code.\n",
                user.username
            );
            if let Err(error) = self.send_mail(&user.email, "Your TripSage code", text).await {
                // Saying so would tell that the account exists.
                tracing::error!(code = error.code().name(), "a mail with a one-time code was not sent");
            }
        }
        Ok(())
    }

    /// Makes a code in the place of the one before.
    async fn replace_code(
        &self,
        context: &Context,
        email: &Digest,
        old: Option<Loaded<CodeRow>>,
    ) -> Result<String, ApiError> {
        let now = context.now;
        let too_soon = |delay: SignedDuration| {
            ApiError::new(Code::RateLimited)
                .message("a code was asked for a moment ago")
                .retry_after(Duration::try_from(delay).unwrap_or_default())
        };
        let (requests, counted_since) = one_more(old.as_ref().map(|old| &old.item), now).map_err(too_soon)?;
        let code = random_code(&*context.ports.entropy);
        let row = CodeRow {
            mac: self.code_mac(now, email, &code).await?,
            usable: true,
            tries: 0,
            sent_at: now,
            ends_ms: (now + LIFE).as_millisecond(),
            requests,
            counted_since,
            expires_at: (now + SignedDuration::from_hours(1)).as_second(),
        };
        match self.db.replace_code(email, old.map(|old| old.version), &row).await {
            Ok(()) => Ok(code),
            Err(StoreError::Conflict(_)) => Err(too_soon(PAUSE)),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Counting(AtomicU32);

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            let number = self.0.fetch_sub(1, Ordering::Relaxed);
            buffer.copy_from_slice(&number.to_be_bytes());
        }
    }

    #[test]
    fn numbers_that_would_favour_low_codes_are_drawn_again() {
        let entropy = Counting(AtomicU32::new(4_294_000_002));
        assert_eq!(
            random_code(&entropy),
            "999999",
            "the numbers from 4294000000 on are skipped"
        );
    }

    #[test]
    fn one_code_a_minute_and_five_an_hour() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let row = |requests, sent, since| CodeRow {
            mac: String::new(),
            usable: true,
            tries: 0,
            sent_at: at(sent),
            ends_ms: 0,
            requests,
            counted_since: at(since),
            expires_at: 0,
        };
        let seconds = SignedDuration::from_secs;
        for (old, second, expected) in [
            (None, 0, Ok((1, at(0)))),
            (Some(row(1, 0, 0)), 59, Err(seconds(1))),
            (Some(row(1, 0, 0)), 60, Ok((2, at(0)))),
            (Some(row(5, 240, 0)), 300, Err(seconds(3300))),
            (Some(row(5, 240, 0)), 3600, Ok((1, at(3600)))),
        ] {
            assert_eq!(one_more(old.as_ref(), at(second)), expected, "at {second} s");
        }
    }
}
