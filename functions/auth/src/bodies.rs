//! What several operations answer with.

use jiff::Timestamp;
use serde::Serialize;
use tripsage_store::users::UserRow;
use utoipa::ToSchema;

/// The user themselves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct UserBody {
    /// Their id.
    #[schema(format = Uuid)]
    id: String,
    /// The name by which others find them.
    #[schema(example = "annlee")]
    username: String,
    /// Where mails go.
    #[schema(example = "ann@example.com")]
    email: String,
    /// Whether the address is confirmed.
    email_verified: bool,
    /// Their full name; not public.
    full_name: Option<String>,
    /// The name that others see.
    display_name: Option<String>,
    /// Where their picture is.
    avatar_url: Option<String>,
    /// A few sentences about them.
    bio: Option<String>,
    /// How they like to travel.
    travel_style: Option<String>,
    /// What they are interested in.
    travel_interests: Vec<String>,
    /// `user`, `moderator` or `admin`.
    #[schema(example = "user")]
    role: String,
    /// Whether they may use the product.
    is_active: bool,
    /// When they registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When something of this last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<&UserRow> for UserBody {
    fn from(user: &UserRow) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            full_name: user.full_name.clone(),
            display_name: user.display_name.clone(),
            avatar_url: user.avatar_url.clone(),
            bio: user.bio.clone(),
            travel_style: user.travel_style.clone(),
            travel_interests: user.travel_interests.clone(),
            role: user.role.clone(),
            is_active: user.is_active(),
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// Both tokens once more, for clients that look for them here.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TokenPair {
    /// The access token.
    pub(crate) access: String,
    /// The refresh token.
    pub(crate) refresh: String,
}

/// Somebody who has just signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SignedInBody {
    /// Who.
    pub(crate) user: UserBody,
    /// Goes into the `Authorization` header of every request.
    pub(crate) access_token: String,
    /// Gets the next pair of tokens, once.
    pub(crate) refresh_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    pub(crate) token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    pub(crate) expires_in: i64,
    /// Both tokens.
    pub(crate) tokens: TokenPair,
    /// Goes into the `X-CSRF-Token` header of requests that a browser sends with cookies; unchanged as long as the
    /// sign-in lasts.
    pub(crate) csrf_token: String,
}

/// Nothing more to say.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Nothing {}
