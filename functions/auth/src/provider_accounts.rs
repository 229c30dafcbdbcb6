use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    audit::Action,
    ids::UserId,
    principal::Role,
    user::{Email, Newcomer, Provider, Username, newcomer, profile},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Path, Reply};
use tripsage_store::{
    Transaction,
    users::{EMAIL_TAKEN, LINK_TAKEN, ProviderLinkRow, USERNAME_TAKEN, UserRow},
};
use utoipa::ToSchema;

use crate::{
    App,
    bodies::Nothing,
    provider_sign_in::ProviderName,
    providers::Person,
    sign_in::{Method, Remember, SignedIn, with_cookies},
};

/// An account elsewhere that is connected.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectedAccount {
    /// `github` or `google`.
    #[schema(example = "github")]
    provider: String,
    /// What the account is called there.
    label: String,
    /// Since when it is connected.
    #[schema(value_type = String, format = DateTime)]
    linked_at: Timestamp,
}

impl From<ProviderLinkRow> for ConnectedAccount {
    fn from(link: ProviderLinkRow) -> Self {
        Self {
            provider: link.provider,
            label: link.label,
            linked_at: link.linked_at,
        }
    }
}

/// What became of somebody who came back from a provider.
pub(crate) enum Arrived {
    SignedIn(Box<SignedIn>),
    Connected(ConnectedAccount),
}

/// Where to go to connect an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Authorization {
    /// To be opened in this browser.
    authorization_url: String,
}

/// Begins to connect the caller's account at the provider: gives the address to open.
#[utoipa::path(get, path = "/api/v1/auth/{provider}/connect", operation_id = "connectProvider", tag = "auth",
    security(("bearer" = [])), params(("provider" = ProviderName, Path)),
    responses((status = 200, description = "The address to open", body = Envelope<Authorization>), Errors))]
pub(crate) async fn connect_provider(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(provider): Path<ProviderName>,
) -> Result<Reply<Authorization>, ApiError> {
    let departure = app.depart(&context, provider.into(), Some(caller.user)).await?;
    let body = Authorization {
        authorization_url: departure.url,
    };
    let reply = Reply::ok("Open the address to connect the account", body);
    Ok(with_cookies(reply, &departure.cookies))
}

/// Disconnects the caller's account at the provider, unless nothing else is left to sign in with.
#[utoipa::path(post, path = "/api/v1/auth/{provider}/disconnect", operation_id = "disconnectProvider", tag = "auth",
    security(("bearer" = [])), params(("provider" = ProviderName, Path)),
    responses((status = 200, description = "It is disconnected", body = Envelope<Nothing>), Errors))]
pub(crate) async fn disconnect_provider(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(provider): Path<ProviderName>,
) -> Result<Reply<Nothing>, ApiError> {
    let provider = Provider::from(provider);
    let (links, password) = tokio::try_join!(
        app.db.list_provider_links(caller.user),
        app.db.find_password(caller.user)
    )?;
    let Some(link) = links.iter().find(|link| link.item.provider == provider.name()) else {
        return Err(ApiError::not_found("connected account"));
    };
    let only =
        || ApiError::new(Code::Conflict).message("nothing else is left to sign in with; choose a password first");
    let other = match password {
        Some(_) => None,
        None => Some(
            links
                .iter()
                .filter_map(|link| link.item.provider.parse().ok())
                .find(|other| *other != provider)
                .ok_or_else(only)?,
        ),
    };
    let record = context.record(
        caller.user,
        Action::ProviderUnlinked,
        format!("provider/{}", provider.name()),
    );
    let transaction = Transaction::default()
        .unlinking(link)?
        .while_signing_in_with(caller.user, other)
        .audited(&record)?;
    app.db.commit(transaction).await?;
    Ok(Reply::ok("Account disconnected", Nothing {}))
}

/// Usernames that are tried for somebody new.
const NAMES: usize = 4;

impl App {
    /// Decides what becomes of somebody who came back from a provider.
    pub(crate) async fn receive(
        &self,
        context: &Context,
        provider: Provider,
        user: Option<UserId>,
        person: &Person,
    ) -> Result<Arrived, ApiError> {
        if let Some(user) = user {
            return self
                .connect(context, provider, user, person)
                .await
                .map(Arrived::Connected);
        }
        let signed_in = match self.db.find_user_by_link(provider, &person.subject).await? {
            Some(user) if user.item.is_active() => {
                self.enter(
                    context,
                    provider,
                    &user.item,
                    Transaction::default(),
                    Action::LoginSuccess,
                )
                .await
            }
            Some(_) => Err(ApiError::new(Code::LoginFailed).message("the account may not be used")),
            None => self.receive_newcomer(context, provider, person).await,
        };
        signed_in.map(|signed_in| Arrived::SignedIn(Box::new(signed_in)))
    }

    async fn enter(
        &self,
        context: &Context,
        provider: Provider,
        user: &UserRow,
        transaction: Transaction,
        action: Action,
    ) -> Result<SignedIn, ApiError> {
        let how = (Method::Provider(provider), Remember::Yes);
        self.sign_in(context, user, how, transaction, action).await
    }

    /// Connects an account for a user who asked for it.
    async fn connect(
        &self,
        context: &Context,
        provider: Provider,
        user: UserId,
        person: &Person,
    ) -> Result<ConnectedAccount, ApiError> {
        let known = self.db.find_user(user).await?;
        known
            .filter(|user| user.item.is_active())
            .ok_or_else(|| ApiError::new(Code::InvalidCredential))?;
        let link = link(context, provider, user, person);
        let transaction = Transaction::default()
            .linking(provider, &link)?
            .audited(&linked(context, provider, user))?;
        match self.db.commit(transaction).await {
            Err(error) if error.is_conflict(LINK_TAKEN) => Err(ApiError::new(Code::AlreadyExists).message(format!(
                "this account, or another one at {}, is connected already",
                provider.name()
            ))),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(link.into()),
        }
    }

    /// Signs somebody in for the first time with an account that nobody has connected.
    async fn receive_newcomer(
        &self,
        context: &Context,
        provider: Provider,
        person: &Person,
    ) -> Result<SignedIn, ApiError> {
        let unconfirmed = || {
            let message = format!("the account at {} has no confirmed e-mail address", provider.name());
            ApiError::new(Code::Conflict).message(message)
        };
        let email = person.email.as_ref();
        let here = match email {
            Some(email) => self.db.find_user_by_email(email).await?.map(|user| user.item),
            None => None,
        };
        let confirmed_here = here.as_ref().map(|user| user.email_verified);
        match (newcomer(email.is_some(), confirmed_here), email, here) {
            (Newcomer::Register, Some(email), None) => self.register_newcomer(context, provider, person, email).await,
            (Newcomer::Connect, _, Some(user)) if user.is_active() => {
                let transaction = Transaction::default()
                    .linking(provider, &link(context, provider, user.id, person))?
                    .audited(&linked(context, provider, user.id))?;
                self.enter(context, provider, &user, transaction, Action::LoginSuccess)
                    .await
            }
            (Newcomer::Connect | Newcomer::SignInFirst, ..) => Err(sign_in_first(provider)),
            (Newcomer::ConfirmFirst | Newcomer::Register, ..) => Err(unconfirmed()),
        }
    }

    async fn register_newcomer(
        &self,
        context: &Context,
        provider: Provider,
        person: &Person,
        email: &Email,
    ) -> Result<SignedIn, ApiError> {
        let id = UserId::random(&*context.ports.entropy);
        let link = link(context, provider, id, person);
        let session_of =
            |user: &UserRow| crate::sign_in::new_session(context, user, Method::Provider(provider), Remember::Yes);
        for attempt in 0..NAMES {
            let suffix = if attempt == 0 {
                String::new()
            } else {
                random_suffix(context)
            };
            let local_part = person.label.split('@').next().unwrap_or_default();
            let user = new_user(context, id, person, email, &Username::like(local_part, &suffix));
            let transaction = Transaction::default()
                .inserting_user(&user, None, Some((provider, &link)))?
                .audited(&linked(context, provider, id))?;
            let session = session_of(&user);
            match self
                .begin_session(context, &session, transaction, Action::UserCreated)
                .await
            {
                Ok(()) => return self.tokens(context, &user, &session).await,
                Err(error) if error.is_conflict(USERNAME_TAKEN) => {}
                Err(error) if error.is_conflict(EMAIL_TAKEN) || error.is_conflict(LINK_TAKEN) => {
                    return Err(sign_in_first(provider));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ApiError::new(Code::Conflict).message("no username is free; register with one of your choice"))
    }
}

fn sign_in_first(provider: Provider) -> ApiError {
    ApiError::new(Code::AlreadyExists).message(format!(
        "there is an account with this e-mail address; sign in, and connect {}",
        provider.name()
    ))
}

fn link(context: &Context, provider: Provider, user: UserId, person: &Person) -> ProviderLinkRow {
    ProviderLinkRow {
        user,
        provider: provider.name().to_owned(),
        subject: person.subject.clone(),
        label: person.label.clone(),
        linked_at: context.now,
    }
}

fn linked(context: &Context, provider: Provider, user: UserId) -> tripsage_domain::audit::Record {
    context.record(user, Action::ProviderLinked, format!("provider/{}", provider.name()))
}

fn random_suffix(context: &Context) -> String {
    let mut bytes = [0; 2];
    context.ports.entropy.fill(&mut bytes);
    format!("-{:04x}", u16::from_be_bytes(bytes))
}

fn new_user(context: &Context, id: UserId, person: &Person, email: &Email, username: &Username) -> UserRow {
    let name = person.name.as_deref().and_then(|name| profile::full_name(name).ok());
    UserRow {
        id,
        email: email.as_str().to_owned(),
        email_verified: true,
        username: username.as_str().to_owned(),
        display_name: name.clone(),
        full_name: name,
        bio: None,
        avatar_url: None,
        travel_style: None,
        travel_interests: Vec::new(),
        gender: None,
        role: Role::User.name().to_owned(),
        created_at: context.now,
        updated_at: context.now,
        suspended_at: None,
        deletion_due: None,
    }
}
