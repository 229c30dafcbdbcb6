use axum::extract::State;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Action,
    ids::TokenId,
    principal::{Credential, Scope},
    text::TextRule,
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Path, Reply, TOKEN_PREFIX};
use tripsage_store::{Transaction, access_tokens::TOKEN_GONE, credentials::AccessTokenRow, keys::Digest};
use utoipa::ToSchema;

use crate::{App, bodies::Nothing};

/// Tokens of one user that are good at the same time.
const MOST: usize = 20;

/// Days that a token is good unless the request says otherwise, and at most.
const DAYS: (u16, u16) = (90, 366);

/// A personal access token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessTokenBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What its owner calls it.
    #[schema(example = "My laptop")]
    name: String,
    /// What it permits.
    #[schema(example = json!(["trips:read"]))]
    scopes: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<AccessTokenRow> for AccessTokenBody {
    fn from(row: AccessTokenRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            scopes: row.scopes,
            created_at: row.created_at,
            expires_at: row.ends_at,
        }
    }
}

/// Lists the caller's personal access tokens, the newest first.
#[utoipa::path(get, path = "/api/v1/auth/tokens", operation_id = "listAccessTokens", tag = "auth",
    security(("bearer" = [])),
    responses((status = 200, description = "The tokens", body = Envelope<Vec<AccessTokenBody>>), Errors))]
pub(crate) async fn list_access_tokens(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<Vec<AccessTokenBody>>, ApiError> {
    let mut tokens = app.live_tokens(&caller, context.now).await?;
    tokens.sort_by_key(|token| std::cmp::Reverse((token.created_at, token.id)));
    Ok(Reply::ok(
        "Personal access tokens",
        tokens.into_iter().map(AccessTokenBody::from).collect(),
    ))
}

/// A token that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAccessTokenRequest {
    /// What to call it, 1 to 100 characters.
    #[schema(example = "My laptop")]
    name: String,
    /// What it permits: `profile:read`, `profile:write`, `trips:read`, `trips:write`.
    #[schema(example = json!(["trips:read"]))]
    scopes: Vec<String>,
    /// How long it is good, 1 to 366 days.
    #[schema(default = 90, minimum = 1, maximum = 366)]
    expires_in_days: Option<u16>,
}

struct Wanted {
    name: String,
    scopes: Vec<Scope>,
    life: SignedDuration,
}

impl CreateAccessTokenRequest {
    fn checked(self) -> Result<Wanted, Invalid> {
        let mut checks = Checks::default();
        let name = checks.take("name", TextRule::line(1, 100).parse(&self.name));
        let scopes = checks.take("scopes", parse_scopes(&self.scopes));
        let (default, longest) = DAYS;
        let days = self.expires_in_days.unwrap_or(default);
        let message = format!("must be between 1 and {longest}");
        checks.ensure((1..=longest).contains(&days), "expires_in_days", "range", message);
        checks.build(|| {
            Some(Wanted {
                name: name?,
                scopes: scopes?,
                life: SignedDuration::from_hours(i64::from(days) * 24),
            })
        })
    }
}

fn parse_scopes(names: &[String]) -> Result<Vec<Scope>, Rule> {
    let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.name()).collect();
    let wrong = || Rule::new("scopes", format!("must name one or more of {}", known.join(", ")));
    let mut scopes: Vec<Scope> = names
        .iter()
        .map(|name| name.parse().map_err(|()| wrong()))
        .collect::<Result<_, _>>()?;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() { Err(wrong()) } else { Ok(scopes) }
}

/// A token that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedAccessToken {
    #[serde(flatten)]
    details: AccessTokenBody,
    /// The token itself. It is shown only now.
    #[schema(example = "tsp_...")]
    token: String,
}

/// Makes a personal access token: for programs that act for the caller, within its scopes. It is shown once.
#[utoipa::path(post, path = "/api/v1/auth/tokens", operation_id = "createAccessToken", tag = "auth",
    security(("bearer" = [])), request_body = CreateAccessTokenRequest,
    responses((status = 201, description = "The token", body = Envelope<CreatedAccessToken>), Errors))]
pub(crate) async fn create_access_token(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<CreateAccessTokenRequest>,
) -> Result<Reply<CreatedAccessToken>, ApiError> {
    let wanted = request.checked()?;
    let user = app.load_caller(&caller).await?.item;
    // Whoever acts with such a token counts as somebody with a confirmed address.
    if !user.email_verified {
        return Err(ApiError::new(Code::Unverified));
    }
    if app.live_tokens(&caller, context.now).await?.len() >= MOST {
        return Err(ApiError::new(Code::Conflict).message(format!("there may be {MOST} tokens; remove one first")));
    }
    let mut secret = [0; 32];
    context.ports.entropy.fill(&mut secret);
    let row = AccessTokenRow {
        id: TokenId::random(&*context.ports.entropy),
        user: user.id,
        name: wanted.name,
        digest: Digest::of(&[&secret]).to_string(),
        scopes: wanted.scopes.iter().map(|scope| scope.name().to_owned()).collect(),
        role: user.role,
        created_at: context.now,
        ends_at: context.now + wanted.life,
        expires_at: (context.now + wanted.life).as_second(),
    };
    let bytes = [row.user.uuid().as_bytes().as_slice(), row.id.uuid().as_bytes(), &secret].concat();
    let token = format!("{TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let record = context.record(row.user, Action::AccessTokenCreated, format!("token/{}", row.id));
    let transaction = Transaction::default().inserting_access_token(&row)?.audited(&record)?;
    app.db.commit(transaction).await?;
    let details = AccessTokenBody::from(row);
    Ok(Reply::created("Token created", CreatedAccessToken { details, token }).secret())
}

/// Revokes a personal access token.
#[utoipa::path(delete, path = "/api/v1/auth/tokens/{token_id}", operation_id = "deleteAccessToken", tag = "auth",
    security(("bearer" = [])), params(("token_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is revoked", body = Envelope<Nothing>), Errors))]
pub(crate) async fn delete_access_token(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TokenId>,
) -> Result<Reply<Nothing>, ApiError> {
    let record = context.record(caller.user, Action::AccessTokenRevoked, format!("token/{id}"));
    let transaction = Transaction::default()
        .removing_access_token(caller.user, id)
        .audited(&record)?;
    match app.db.commit(transaction).await {
        Err(error) if error.is_conflict(TOKEN_GONE) => return Err(ApiError::not_found("token")),
        other => other?,
    }
    app.edge.announce_revocation(&Credential::Token(id, Vec::new())).await;
    Ok(Reply::ok("Token revoked", Nothing {}))
}

impl App {
    async fn live_tokens(&self, caller: &Caller, now: Timestamp) -> Result<Vec<AccessTokenRow>, ApiError> {
        let mut tokens = self.db.list_access_tokens(caller.user).await?;
        tokens.retain(|token| now < token.ends_at);
        Ok(tokens)
    }
}
