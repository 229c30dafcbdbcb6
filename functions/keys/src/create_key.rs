use axum::extract::State;
use jiff::Timestamp;
use tripsage_domain::{
    audit::Action,
    ids::KeyId,
    key::{MAX_KEYS, Operation},
    service::Service,
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Reply};
use tripsage_runtime::SecretString;
use tripsage_store::{
    Transaction,
    provider_keys::{KEY_CHANGED, KEYS_FULL, KeyRow},
};

use crate::{
    App,
    key_body::{self, CreateKey, KeyResponse},
};

struct Wanted {
    name: String,
    service: Service,
    secret: Option<SecretString>,
    description: Option<String>,
    ends_at: Option<Timestamp>,
    daily_limit: Option<u32>,
    validate: bool,
}

impl CreateKey {
    fn checked(self, now: Timestamp) -> Result<Wanted, Invalid> {
        let mut checks = Checks::default();
        let name = checks.take("name", key_body::NAME.parse(&self.name));
        let service = checks.take("service", key_body::service(&self.service));
        let secret = match (self.key, service) {
            (Some(key), Some(service)) => checks.take("key", key.parse(service).map(Some)),
            (None, Some(Service::DuffelWebhook)) => Some(None),
            (None, _) => checks.take("key", Err(Rule::new("required", "is required"))),
            (Some(_), None) => None,
        };
        let description = self.description.as_deref();
        let description = checks.optional("description", description, |text| key_body::DESCRIPTION.parse(text));
        let ends_at = checks.optional("expires_at", self.expires_at.as_deref(), |text| {
            key_body::future(text, now)
        });
        let daily_limit = checks.optional("daily_limit", self.daily_limit, key_body::daily_limit);
        checks.build(|| {
            Some(Wanted {
                name: name?,
                service: service?,
                secret: secret?,
                description,
                ends_at,
                daily_limit,
                validate: self.validate.unwrap_or(true),
            })
        })
    }
}

/// Stores a key, sealed. Its service is asked first, and what it refuses is not stored.
#[utoipa::path(post, path = "/api/v1/keys", operation_id = "createKey", tag = "keys",
    security(("bearer" = [])), request_body = CreateKey,
    responses((status = 201, description = "The key, without the key", body = Envelope<KeyResponse>), Errors))]
pub(crate) async fn create_key(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<CreateKey>,
) -> Result<Reply<KeyResponse>, ApiError> {
    let wanted = request.checked(context.now)?;
    app.begin(&caller, &context, Operation::Create).await?;
    let row = app.made(&caller, &context, wanted).await?;
    let record = context.record(
        caller.user,
        Action::KeyCreated,
        format!("key/{}/{}", row.id, row.service),
    );
    let transaction = Transaction::default()
        .inserting_provider_key(caller.user, &row)?
        .audited(&record)?;
    let row = match app.commit(transaction.fenced(context.claim())).await {
        // An earlier attempt at this very request has stored it.
        Err(error) if error.is_conflict(KEY_CHANGED) && context.resumed() => app.find_key(&caller, row.id).await?.item,
        Err(error) if error.is_conflict(KEYS_FULL) => {
            let message = format!("there may be {MAX_KEYS} keys; remove one first");
            return Err(ApiError::new(Code::Conflict).message(message));
        }
        result => result.map(|()| row)?,
    };
    app.bump(&caller).await;
    let location = format!("/api/v1/keys/{}", row.id);
    let reply = Reply::created("Key stored", app.show(caller.user, &row, context.now));
    Ok(reply.etag(1).location(&location))
}

impl App {
    async fn made(&self, caller: &Caller, context: &Context, wanted: Wanted) -> Result<KeyRow, ApiError> {
        let now = context.now;
        let id = KeyId::from_uuid(context.new_id("key"));
        let mut row = KeyRow {
            id,
            service: wanted.service.name().to_owned(),
            name: wanted.name,
            description: wanted.description,
            hint: String::new(),
            ends_at: wanted.ends_at,
            daily_limit: wanted.daily_limit,
            sealed: Vec::new(),
            newest: 0,
            created_at: now,
            updated_at: now,
            last_validated: None,
            last_used: None,
            uses: 0,
        };
        if let Some(secret) = wanted.secret {
            let standing = self
                .admit(caller.user, wanted.service, &secret, wanted.validate, now)
                .await?;
            let mut sealed = self
                .vault
                .seal(caller.user, wanted.service, id, 1, &secret, now)
                .await?;
            sealed.standing = standing;
            row.enter(sealed, now);
        }
        Ok(row)
    }
}
