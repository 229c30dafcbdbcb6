//! Read-only links to a trip: making, listing and revoking them.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Action,
    ids::{LinkId, TripId},
    policy::TripAction,
    text::TextRule,
    trip::{Trip, TripError},
    user::{MIN_PASSWORD_LENGTH, Password},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Json, Path, Reply};
use tripsage_store::trips::{LinkRow, LinkSections, MAX_LINKS};
use utoipa::ToSchema;

use crate::{
    App,
    capability::{Capability, Kind},
    editing::change,
    invitations::Removed,
};

/// A link lasts for a year at most when it ends at all.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// A new read-only link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateLink {
    /// What to call it.
    #[schema(max_length = 100, example = "For the parents")]
    label: Option<String>,
    /// Until when it works; within a year. Without it, until it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<String>,
    /// What whoever opens it has to know besides; at least 8 characters.
    #[schema(min_length = 8)]
    passphrase: Option<String>,
    /// What it shows.
    #[serde(default)]
    sections: Sections,
}

/// What a link shows besides the trip itself.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sections {
    /// The items.
    itinerary: bool,
    /// What items cost.
    costs: bool,
    /// Notes of items.
    notes: bool,
    /// Names of who takes part.
    members: bool,
}

impl Default for Sections {
    fn default() -> Self {
        Self {
            itinerary: true,
            costs: false,
            notes: false,
            members: false,
        }
    }
}

/// A read-only link, without what opens it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Link {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it is called.
    label: Option<String>,
    /// What it shows.
    sections: Sections,
    /// Whether a passphrase is needed.
    has_passphrase: bool,
    /// Who made it.
    #[schema(format = Uuid)]
    created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when it works.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was last opened, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// Whether it works: it has not expired, and who made it may still share the trip.
    is_active: bool,
}

/// A new link, with what opens it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NewLink {
    #[serde(flatten)]
    link: Link,
    /// What opens it; shown only here.
    token: String,
    /// Where it leads.
    url: String,
}

struct Draft {
    label: Option<String>,
    ends_at: Option<Timestamp>,
    passphrase: Option<Password>,
    sections: LinkSections,
}

impl CreateLink {
    fn into_command(self, now: Timestamp) -> Result<Draft, Invalid> {
        let mut checks = Checks::default();
        let label = checks.optional("label", self.label, |text| TextRule::line(1, 100).parse(&text));
        let ends_at = checks.optional("expires_at", self.expires_at, |text| ending(&text, now));
        let passphrase = checks.optional("passphrase", self.passphrase, |text| {
            Password::choose(&text, MIN_PASSWORD_LENGTH, &[])
        });
        let Sections {
            itinerary,
            costs,
            notes,
            members,
        } = self.sections;
        checks.ensure(
            itinerary || !(costs || notes),
            "sections.itinerary",
            "required",
            "must be shown when costs or notes are",
        );
        checks.finish()?;
        Ok(Draft {
            label,
            ends_at,
            passphrase,
            sections: LinkSections {
                itinerary,
                costs,
                notes,
                members,
            },
        })
    }
}

fn ending(text: &str, now: Timestamp) -> Result<Timestamp, Rule> {
    let at: Timestamp = text
        .parse()
        .map_err(|_| Rule::new("date_time", "must be an instant such as 2027-04-01T12:00:00Z"))?;
    if now < at && at.duration_since(now) <= LONGEST {
        Ok(at)
    } else {
        Err(Rule::new("range", "must be in the future, and within a year"))
    }
}

impl Link {
    fn new(row: LinkRow, trip: &Trip, now: Timestamp) -> Self {
        let is_active = row.is_live(now) && trip.stands_by(row.created_by, row.created_at, TripAction::Share);
        Self {
            id: row.id.to_string(),
            label: row.label,
            sections: Sections {
                itinerary: row.sections.itinerary,
                costs: row.sections.costs,
                notes: row.sections.notes,
                members: row.sections.members,
            },
            has_passphrase: row.passphrase.is_some(),
            created_by: row.created_by.to_string(),
            created_at: row.created_at,
            expires_at: row.ends_at,
            last_used_at: row.last_used_at,
            is_active,
        }
    }
}

/// Makes a read-only link: whoever has it sees the trip without signing in. Its token is shown only in this answer.
#[utoipa::path(post, path = "/api/v1/trips/{trip_id}/links", operation_id = "createLink", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)), request_body = CreateLink,
    responses((status = 201, description = "The link", body = Envelope<NewLink>), Errors))]
pub(crate) async fn create_link(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    Json(request): Json<CreateLink>,
) -> Result<Reply<NewLink>, ApiError> {
    // Before the passphrase is hashed: that is work which not everybody may cause.
    app.find_trip(id).await?.permit(caller.user, TripAction::Share)?;
    let draft = request.into_command(context.now)?;
    let link = LinkId::from_uuid(context.new_id("link"));
    let (capability, token) = Capability::mint(Kind::Link, &context, id, link.uuid());
    let passphrase = match draft.passphrase {
        Some(passphrase) => Some(
            app.hasher
                .hash(&passphrase, &*context.ports.entropy)
                .await
                .map_err(ApiError::internal)?,
        ),
        None => None,
    };
    let row = LinkRow {
        id: link,
        label: draft.label,
        sections: draft.sections,
        passphrase,
        created_by: caller.user,
        created_at: context.now,
        ends_at: draft.ends_at,
        last_used_at: None,
        digest: capability.digest,
        expires_at: draft.ends_at.map(Timestamp::as_second),
    };
    let load = |trip: &Trip| {
        trip.permit(caller.user, TripAction::Share)?;
        Ok(app.db.list_links(id))
    };
    let edited = app
        .edit_trip_with(&context, id, load, |trip, links| {
            if context.resumed() && links.iter().any(|other| other.id == link) {
                return Err(ApiError::new(Code::SecretShownOnce));
            }
            if links.iter().filter(|link| link.is_live(context.now)).count() >= MAX_LINKS {
                return Err(TripError::Full(MAX_LINKS, "links").into());
            }
            let mut change = change(trip, trip.clone(), "link.created", &caller, &context);
            change.add_link(&row)?;
            let target = format!("trip/{id}/link/{link}");
            change
                .audit
                .push(context.record(caller.user, Action::LinkCreated, target));
            Ok(Some(change))
        })
        .await?;
    let url = format!("{}/api/v1/shared/{token}", app.edge.runtime().config().public_url);
    let link = Link::new(row, &edited.after, context.now);
    Ok(Reply::created("Link created", NewLink { link, token, url }).secret())
}

/// The read-only links to a trip.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/links", operation_id = "listLinks", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The links, newest first", body = Envelope<Vec<Link>>), Errors))]
pub(crate) async fn list_links(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
) -> Result<Reply<Vec<Link>>, ApiError> {
    let trip = app.find_trip(id).await?;
    trip.permit(caller.user, TripAction::Share)?;
    let mut rows = app.db.list_links(id).await?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.created_at, row.id)));
    let links = rows.into_iter().map(|row| Link::new(row, &trip, context.now));
    Ok(Reply::ok("Links found", links.collect()))
}

/// Revokes a read-only link: it leads nowhere any more.
#[utoipa::path(delete, path = "/api/v1/trips/{trip_id}/links/{link_id}", operation_id = "deleteLink", tag = "trips",
    security(("bearer" = [])),
    params(("trip_id" = String, Path, format = Uuid), ("link_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is revoked", body = Envelope<Removed>), Errors))]
pub(crate) async fn delete_link(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path((id, link)): Path<(TripId, LinkId)>,
) -> Result<Reply<Removed>, ApiError> {
    let load = |trip: &Trip| {
        trip.permit(caller.user, TripAction::Share)?;
        Ok(app.db.find_link(id, link))
    };
    app.edit_trip_with(&context, id, load, |trip, row| {
        let row = row.ok_or_else(|| ApiError::not_found("link"))?;
        let mut change = change(trip, trip.clone(), "link.revoked", &caller, &context);
        change.remove_link(&row)?;
        let target = format!("trip/{id}/link/{link}");
        change
            .audit
            .push(context.record(caller.user, Action::LinkRevoked, target));
        Ok(Some(change))
    })
    .await?;
    let id = link.to_string();
    Ok(Reply::ok("Link revoked", Removed { id }))
}
