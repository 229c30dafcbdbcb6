use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Action,
    ids::{InvitationId, TripId, UserId},
    policy::TripAction,
    text::TextRule,
    trip::{INVITATION_LIFE, Role, Trip},
    user::{Email, Username},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, Json, Path, Reply};
use tripsage_runtime::Mail;
use tripsage_store::trips::{InvitationRow, TripChange};
use utoipa::ToSchema;

use crate::{
    App,
    capability::{Capability, Kind},
    editing::{Edited, change},
    invitations::Invitation,
    mails::Letter,
    people::{Collaborator, Found, Named, shown_name},
};

/// People named in one request at most.
const MAX_NAMED: usize = 50;

/// With whom to share a trip, and what they may do. At least one person has to be named.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareTrip {
    /// E-mail addresses. Who does not use the product yet gets an invitation.
    #[schema(max_items = 50, example = json!(["ben@example.com"]))]
    user_emails: Option<Vec<String>>,
    /// Usernames.
    #[schema(max_items = 50)]
    usernames: Option<Vec<String>>,
    /// Ids of users.
    #[schema(max_items = 50)]
    user_ids: Option<Vec<String>>,
    /// `view`, `edit` or `admin`; `view` unless given.
    #[schema(example = "edit")]
    permission_level: Option<String>,
    /// A few words to them, for the mail.
    #[schema(max_length = 500)]
    message: Option<String>,
}

/// With whom a trip was shared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedTrip {
    /// Who takes part.
    collaborators: Vec<SharedWith>,
    /// Who has to accept first.
    invitations: Vec<Invited>,
}

/// Somebody who takes part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedWith {
    #[serde(flatten)]
    collaborator: Collaborator,
    /// `added`, `updated` or `unchanged`.
    outcome: &'static str,
    /// Whether a mail was handed over.
    mailed: bool,
}

/// Somebody who was invited.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Invited {
    #[serde(flatten)]
    invitation: Invitation,
    /// Whether a mail was handed over. Share again to send another.
    mailed: bool,
}

struct Share {
    named: Named,
    role: Role,
    message: Option<String>,
}

impl ShareTrip {
    fn into_command(self) -> Result<Share, Invalid> {
        let mut checks = Checks::default();
        let lists = [&self.user_emails, &self.usernames, &self.user_ids];
        let count: usize = lists.iter().map(|list| list.as_ref().map_or(0, Vec::len)).sum();
        checks.ensure(
            count > 0,
            "user_emails",
            "required",
            "is required, or usernames or user_ids",
        );
        let few = count <= MAX_NAMED;
        checks.ensure(
            few,
            "user_emails",
            "max_items",
            format!("must name at most {MAX_NAMED} people"),
        );
        let id = |text: &str| text.parse().map_err(|_| Rule::new("id", "must be the id of a user"));
        let named = Named {
            emails: each(&mut checks, "user_emails", self.user_emails, few, Email::parse),
            usernames: each(&mut checks, "usernames", self.usernames, few, Username::parse),
            ids: each(&mut checks, "user_ids", self.user_ids, few, id),
        };
        let role = checks.optional("permission_level", self.permission_level, |name| {
            Role::parse_granted(&name)
        });
        let message = checks.optional("message", self.message, |text| TextRule::multiline(0, 500).parse(&text));
        checks.finish()?;
        Ok(Share {
            named,
            role: role.unwrap_or(Role::Viewer),
            message: message.filter(|text| !text.is_empty()),
        })
    }
}

/// Parses the elements of a list that is not too long; each violation names its element.
fn each<T>(
    checks: &mut Checks,
    list: &str,
    values: Option<Vec<String>>,
    few: bool,
    parse: impl Fn(&str) -> Result<T, Rule>,
) -> Vec<T> {
    let values = values.filter(|_| few).unwrap_or_default();
    let parsed = values.iter().enumerate();
    parsed
        .filter_map(|(index, value)| checks.take(&format!("{list}[{index}]"), parse(value)))
        .collect()
}

/// Shares a trip. Users take part at once, others are invited by mail; who takes part already gets the permission
/// level, except the owner and the caller.
#[utoipa::path(post, path = "/api/v1/trips/{trip_id}/share", operation_id = "shareTrip", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)), request_body = ShareTrip,
    responses((status = 200, description = "Who takes part, and who is invited", body = Envelope<SharedTrip>), Errors))]
pub(crate) async fn share_trip(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    Json(request): Json<ShareTrip>,
) -> Result<Reply<SharedTrip>, ApiError> {
    // Before anybody is looked up: who may not share learns nothing about users.
    app.find_trip(id).await?.permit(caller.user, TripAction::Share)?;
    let command = request.into_command()?;
    let found = app.find_people(&command.named).await?;
    let drafts = Draft::of(&context, id, &caller, &found.strangers, command.role);
    let people: Vec<UserId> = found.users.iter().map(|user| user.id).collect();
    let load = |trip: &Trip| {
        trip.permit(caller.user, TripAction::Share)?;
        Ok(app.db.list_invitations(id))
    };
    let edited = app
        .edit_trip_with(&context, id, load, |trip, invitations| {
            let renewed = |row: &InvitationRow| {
                drafts.iter().any(|draft| draft.row.email == row.email) || found.has_address(&row.email)
            };
            let (ended, others): (Vec<_>, Vec<_>) = invitations.into_iter().partition(renewed);
            let open = others.iter().filter(|row| context.now < row.ends_at).count() + drafts.len();
            let after = trip.shared(caller.user, &people, command.role, open, context.now)?;
            if after == *trip && drafts.is_empty() && ended.is_empty() {
                return Ok(None);
            }
            let mut change = change(trip, after, "trip.shared", &caller, &context);
            for row in &ended {
                change.uninvite(row)?;
            }
            for draft in &drafts {
                change.invite(&draft.row)?;
            }
            audit(&mut change, &context, &caller);
            Ok(Some(change))
        })
        .await?;
    let mailed = app
        .tell(&caller, &edited, &found, &drafts, command.message.as_deref())
        .await?;
    Ok(Reply::ok("Trip shared", answer(&edited, &found, drafts, &mailed)))
}

fn audit(change: &mut TripChange<'_>, context: &Context, caller: &Caller) {
    let target = format!("trip/{}", change.after.id);
    change
        .audit
        .push(context.record(caller.user, Action::TripShared, target));
}

/// An invitation with what only its mail says.
struct Draft {
    row: InvitationRow,
    email: Email,
    token: String,
}

impl Draft {
    fn of(context: &Context, trip: TripId, caller: &Caller, strangers: &[Email], role: Role) -> Vec<Self> {
        let mut drafts: Vec<Self> = Vec::new();
        for email in strangers {
            let canonical = email.canonical();
            if drafts.iter().any(|draft| draft.row.email == canonical) {
                continue;
            }
            let id = InvitationId::random(&*context.ports.entropy);
            let (capability, token) = Capability::mint(Kind::Invitation, context, trip, id.uuid());
            let ends_at = context.now + INVITATION_LIFE;
            let row = InvitationRow {
                id,
                email: canonical,
                role: role.name().to_owned(),
                invited_by: caller.user,
                created_at: context.now,
                ends_at,
                digest: capability.digest,
                expires_at: ends_at.as_second(),
            };
            drafts.push(Self {
                row,
                email: email.clone(),
                token,
            });
        }
        drafts
    }
}

impl Found {
    fn has_address(&self, canonical: &str) -> bool {
        self.users.iter().any(|user| user.email.eq_ignore_ascii_case(canonical))
    }
}

/// Whether somebody takes part only since this edit.
fn is_new(edited: &Edited, user: UserId) -> bool {
    edited.before.role_of(user).is_none() && edited.after.role_of(user).is_some()
}

impl App {
    /// Mails everybody who is new; says of each address whether that went well.
    async fn tell(
        &self,
        caller: &Caller,
        edited: &Edited,
        found: &Found,
        drafts: &[Draft],
        message: Option<&str>,
    ) -> Result<Vec<String>, ApiError> {
        let added: Vec<_> = found.users.iter().filter(|user| is_new(edited, user.id)).collect();
        if added.is_empty() && drafts.is_empty() {
            return Ok(Vec::new());
        }
        let sender = self.db.find_user(caller.user).await?;
        let from = sender.map_or_else(|| "Somebody".to_owned(), |loaded| shown_name(&loaded.item));
        let letter = Letter {
            from: &from,
            trip: &edited.after.content.title,
            message,
        };
        let base = format!("{}/api/v1/trips", self.edge.runtime().config().public_url);
        let mails: Vec<Mail> = added
            .iter()
            .map(|user| letter.for_member(&user.email, &format!("{base}/{}", edited.after.id)))
            .chain(drafts.iter().map(|draft| {
                let address = format!("{base}/invitations/{}/accept", draft.token);
                letter.for_invited(draft.email.as_str(), &address)
            }))
            .collect();
        let sent = self.send_all(&mails).await;
        Ok(mails
            .into_iter()
            .zip(sent)
            .filter_map(|(mail, sent)| sent.then_some(mail.to))
            .collect())
    }
}

fn answer(edited: &Edited, found: &Found, drafts: Vec<Draft>, mailed: &[String]) -> SharedTrip {
    let was_mailed = |address: &str| mailed.iter().any(|to| to == address);
    let collaborators = found.users.iter().filter_map(|user| {
        let member = edited.after.members.iter().find(|member| member.user == user.id)?;
        let outcome = match edited.before.role_of(user.id) {
            None => "added",
            Some(role) if role == member.role => "unchanged",
            Some(_) => "updated",
        };
        Some(SharedWith {
            collaborator: Collaborator::new(member, &found.users, true),
            outcome,
            mailed: was_mailed(&user.email),
        })
    });
    let invitations = drafts.into_iter().map(|draft| Invited {
        mailed: was_mailed(draft.email.as_str()),
        invitation: Invitation::from(draft.row),
    });
    SharedTrip {
        collaborators: collaborators.collect(),
        invitations: invitations.collect(),
    }
}
