use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use tripsage_domain::{
    itinerary::ItineraryError,
    policy::Denial,
    trip::TripError,
    validation::{Invalid, Violation},
};
use tripsage_store::StoreError;
use utoipa::ToSchema;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $status:ident;)*) => {
        /// Every error that the product answers with. `docs/errors.md` lists them; a test holds the two to each other.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[doc = $doc])* $name,)* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable name for programs.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// HTTP status.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// What it means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),*).trim_ascii_start(),)* }
            }
        }
    };
}

codes! {
    /// A field of the request breaks a rule; `details.field_errors` names each.
    Validation = "VALIDATION_ERROR", BAD_REQUEST;
    /// The body is not JSON as RFC 8259 and this API want it.
    MalformedJson = "MALFORMED_JSON", BAD_REQUEST;
    /// The cursor is not one that this API gave to this caller for this list, or it is older than a day.
    InvalidCursor = "INVALID_CURSOR", BAD_REQUEST;
    /// The one-time code, link, or state is unknown, used, or too old.
    InvalidToken = "INVALID_TOKEN", BAD_REQUEST;
    /// The operation needs an `Idempotency-Key`, or the key is not 1 to 255 visible ASCII characters.
    InvalidIdempotencyKey = "INVALID_IDEMPOTENCY_KEY", BAD_REQUEST;
    /// The service says that it does not know the key.
    KeyRefused = "KEY_REFUSED", BAD_REQUEST;
    /// There is no place left in the group.
    GroupFull = "GROUP_FULL", BAD_REQUEST;
    /// The group takes only people of whom something is so that is not so of this one; `details.context.requirement` says what.
    RequirementUnmet = "REQUIREMENT_UNMET", BAD_REQUEST;
    /// The organizer of a group hands it over, or deletes it, before they leave.
    OrganizerLeaves = "ORGANIZER_CANNOT_LEAVE", BAD_REQUEST;
    /// No credential was presented.
    MissingAuthorization = "MISSING_AUTHORIZATION", UNAUTHORIZED;
    /// The credential is not valid, or not any more.
    InvalidCredential = "INVALID_CREDENTIAL", UNAUTHORIZED;
    /// The e-mail address or username and the password do not belong together.
    LoginFailed = "LOGIN_FAILED", UNAUTHORIZED;
    /// A message does not carry the signature of the provider, or one that is too old.
    InvalidSignature = "INVALID_SIGNATURE", UNAUTHORIZED;
    /// The caller may see this, and may not do that to it.
    Forbidden = "INSUFFICIENT_PERMISSIONS", FORBIDDEN;
    /// The personal access token lacks the scope for the operation.
    InsufficientScope = "INSUFFICIENT_SCOPE", FORBIDDEN;
    /// The e-mail address has to be confirmed first.
    Unverified = "EMAIL_NOT_VERIFIED", FORBIDDEN;
    /// A browser sent this from a page that may not, or without its CSRF token.
    Csrf = "CSRF_REFUSED", FORBIDDEN;
    /// Suspicious use has locked the caller's provider keys; `details.context.locked_until` says until when at most.
    KeysLocked = "KEYS_LOCKED", FORBIDDEN;
    /// There is no such thing, or the caller may not know of it.
    NotFound = "NOT_FOUND", NOT_FOUND;
    /// The path exists, and not with this method.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED;
    /// The state of the thing does not permit this.
    Conflict = "CONFLICT", CONFLICT;
    /// The key cannot be decrypted any more; it has to be entered again.
    KeyNeedsReentry = "KEY_NEEDS_REENTRY", CONFLICT;
    /// The offer can no longer be had: search again.
    OfferGone = "OFFER_GONE", CONFLICT;
    /// The price is another one now; `details.context` has the old one, the new one and the difference where they are known.
    PriceChanged = "PRICE_CHANGED", CONFLICT;
    /// Somebody else changed the thing at the same time; read it again.
    EditConflict = "EDIT_CONFLICT", CONFLICT;
    /// It exists already.
    AlreadyExists = "ALREADY_EXISTS", CONFLICT;
    /// The same request is still running.
    RequestInProgress = "REQUEST_IN_PROGRESS", CONFLICT;
    /// The request was carried out; its answer held a secret that is shown only once.
    SecretShownOnce = "SECRET_SHOWN_ONCE", CONFLICT;
    /// The offer has expired: search again.
    OfferExpired = "OFFER_EXPIRED", CONFLICT;
    /// There is no key for the service that may be used for this: none of the caller's own, and for a booking the stage's does
    /// not count.
    KeyRequired = "KEY_REQUIRED", CONFLICT;
    /// The order did not reach the provider; nothing was ordered, and another `Idempotency-Key` begins anew.
    NotOrdered = "NOT_ORDERED", CONFLICT;
    /// What the cancellation gives back is quoted anew, because the quote has run out or is another one by now.
    QuoteChanged = "QUOTE_CHANGED", CONFLICT;
    /// The thing is no longer the version that `If-Match` names.
    PreconditionFailed = "PRECONDITION_FAILED", PRECONDITION_FAILED;
    /// The body is larger than 256 KB.
    TooLarge = "PAYLOAD_TOO_LARGE", PAYLOAD_TOO_LARGE;
    /// The body is not of a media type that this operation reads.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE", UNSUPPORTED_MEDIA_TYPE;
    /// The idempotency key was used for another request.
    IdempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED", UNPROCESSABLE_ENTITY;
    /// The caller's account at the provider has too little money.
    InsufficientBalance = "INSUFFICIENT_BALANCE", UNPROCESSABLE_ENTITY;
    /// The airline or house did not take the order; nothing was ordered.
    SupplierRefused = "SUPPLIER_REFUSED", UNPROCESSABLE_ENTITY;
    /// A provider understood the request and refuses it; `details.context.reason` says why, as far as it is known.
    ProviderRefused = "PROVIDER_REFUSED", UNPROCESSABLE_ENTITY;
    /// Too many requests; `Retry-After` says when to ask again.
    RateLimited = "RATE_LIMIT_EXCEEDED", TOO_MANY_REQUESTS;
    /// Something went wrong on our side; the request id helps to find out what.
    Internal = "INTERNAL_ERROR", INTERNAL_SERVER_ERROR;
    /// The database does not answer, or is overloaded; `Retry-After` says when to ask again.
    DatabaseUnavailable = "DATABASE_UNAVAILABLE", SERVICE_UNAVAILABLE;
    /// Another service that the operation needs does not answer; `Retry-After` says when to ask again.
    DependencyUnavailable = "DEPENDENCY_UNAVAILABLE", SERVICE_UNAVAILABLE;
    /// A provider of flights, stays, places or weather cannot be asked; `Retry-After` says when to ask again.
    ProviderUnavailable = "PROVIDER_UNAVAILABLE", SERVICE_UNAVAILABLE;
}

/// A field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field.
    #[schema(example = "destinations[0].name")]
    pub field: String,
    /// Stable name of the rule.
    #[schema(example = "required")]
    pub rule: Cow<'static, str>,
    /// What the field must be.
    #[schema(example = "is required")]
    pub message: String,
}

/// More about an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorDetails {
    /// The fields that break a rule.
    pub field_errors: Vec<FieldError>,
    /// Facts for programs, such as the current version after an edit conflict.
    #[schema(value_type = Object)]
    pub context: serde_json::Map<String, serde_json::Value>,
}

/// The body of every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Always `false`.
    #[schema(example = false)]
    pub success: bool,
    /// Always `error`.
    #[schema(example = "error")]
    pub status: &'static str,
    /// Always `true`.
    pub error: bool,
    /// Stable name for programs.
    #[schema(example = "VALIDATION_ERROR")]
    pub code: &'static str,
    /// For people.
    #[schema(example = "destination: is required")]
    pub message: String,
    /// One text for each broken rule.
    pub errors: Vec<String>,
    /// More about it.
    pub details: ErrorDetails,
    /// Id of the request.
    pub request_id: String,
}

/// An error as the client sees it. What caused it is logged once, and never shown.
#[derive(Debug, Clone)]
pub struct ApiError {
    code: Code,
    message: Option<Cow<'static, str>>,
    details: ErrorDetails,
    retry_after: Option<Duration>,
    cause: Option<Arc<str>>,
}

impl ApiError {
    /// An error with the code's own text.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            message: None,
            details: ErrorDetails::default(),
            retry_after: None,
            cause: None,
        }
    }

    /// Says more precisely what is wrong.
    #[must_use]
    pub fn message(mut self, message: impl Into<Cow<'static, str>>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.details.context.insert(name.to_owned(), value.into());
        self
    }

    /// Adds what caused it, for the log only.
    #[must_use]
    pub fn because(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string().into());
        self
    }

    /// Says when to ask again; whole seconds, at least one.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// There is no such thing, or the caller may not know of it.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound).message(format!("{what} not found"))
    }

    /// One field breaks one rule.
    pub fn field(field: &str, rule: &'static str, message: impl Into<String>) -> Self {
        Invalid::from(Violation::new(field, rule, message)).into()
    }

    /// A defect of ours.
    pub fn internal(cause: impl ToString) -> Self {
        Self::new(Code::Internal).because(cause)
    }

    /// What kind of error it is.
    pub fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn add_field_error(&mut self, error: FieldError) {
        self.details.field_errors.push(error);
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body, for a request with this id.
    pub fn body(&self, request_id: &str) -> ErrorBody {
        let errors: Vec<String> = self
            .details
            .field_errors
            .iter()
            .map(|e| format!("{}: {}", e.field, e.message))
            .collect();
        let message = match (&self.message, errors.first()) {
            (Some(message), _) => message.to_string(),
            (None, Some(first)) => first.clone(),
            (None, None) => self.code.meaning().to_owned(),
        };
        ErrorBody {
            success: false,
            status: "error",
            error: true,
            code: self.code.name(),
            errors: if errors.is_empty() {
                vec![message.clone()]
            } else {
                errors
            },
            message,
            details: self.details.clone(),
            request_id: request_id.to_owned(),
        }
    }
}

/// The body is written by the edge's outermost layer, which knows the request id and logs the cause.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.code.status();
        if let Some(after) = self.retry_after {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        let mut error = Self::new(Code::Validation);
        for Violation { field, rule, message } in invalid.into_violations() {
            error.add_field_error(FieldError {
                field,
                rule: rule.into(),
                message,
            });
        }
        error
    }
}

/// How long to wait when the database is the reason.
const DATABASE_RETRY: Duration = Duration::from_secs(2);

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            // A conflict that a handler did not turn into an answer of its own.
            StoreError::Conflict(_) => Self::new(Code::EditConflict).because(error),
            StoreError::Throttled(_) | StoreError::Unavailable(_) => Self::new(Code::DatabaseUnavailable)
                .retry_after(DATABASE_RETRY)
                .because(error),
            StoreError::Corrupt(_) => Self::internal(error),
        }
    }
}

impl ApiError {
    /// Refuses what the policy refused, saying no more than it allows. `what` is the thing that is or is not found.
    pub fn denied(denial: Denial, what: &str) -> Self {
        match denial {
            Denial::Hidden => Self::not_found(what),
            Denial::Forbidden => Self::new(Code::Forbidden),
        }
    }
}

impl From<ItineraryError> for ApiError {
    fn from(error: ItineraryError) -> Self {
        match error {
            ItineraryError::Denied(denial) => Self::denied(denial, "itinerary"),
            ItineraryError::Full(..) | ItineraryError::NotDeleted => {
                Self::new(Code::Conflict).message(error.to_string())
            }
        }
    }
}

impl From<TripError> for ApiError {
    fn from(error: TripError) -> Self {
        match error {
            TripError::Denied(denial) => Self::denied(denial, "trip"),
            TripError::Invalid(invalid) => invalid.into(),
            TripError::NoMember => Self::not_found("collaborator"),
            TripError::Transition { .. } | TripError::Full(..) | TripError::LastOwner | TripError::NotDeleted => {
                Self::new(Code::Conflict).message(error.to_string())
            }
        }
    }
}
