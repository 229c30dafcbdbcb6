use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    text::TextRule,
    validation::{Checks, Rule},
};
use tripsage_http::{ApiError, Caller, Context, CursorScope, Envelope, Errors, PageQuery, Query, Reply};
use tripsage_store::audit::{AuditRow, TrailFilter};
use utoipa::{IntoParams, ToSchema};

use crate::App;

/// Which entries to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListActivity {
    /// Only this action, such as `trip.created`.
    action: Option<String>,
    /// Only entries from this instant on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<String>,
    /// Only entries before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// Something that the caller did, or that happened to their account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ActivityEntry {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What happened.
    #[schema(example = "trip.created")]
    action: String,
    /// `success` or `failure`.
    outcome: String,
    /// What it happened to.
    target: String,
    /// Address of the client.
    ip: String,
    /// What the client called itself.
    user_agent: String,
    /// Id of the request.
    request_id: String,
}

impl From<AuditRow> for ActivityEntry {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            action: row.action,
            outcome: row.outcome,
            target: row.target,
            ip: row.ip,
            user_agent: row.user_agent,
            request_id: row.request_id,
        }
    }
}

/// The caller's audit trail, newest first. A page may hold fewer entries than asked for and still have more after it.
#[utoipa::path(get, path = "/api/v1/users/me/activity", operation_id = "listActivity", tag = "users",
    security(("bearer" = [])), params(ListActivity),
    responses((status = 200, description = "A page of the trail", body = Envelope<Vec<ActivityEntry>>), Errors))]
pub(crate) async fn list_activity(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListActivity>,
) -> Result<Reply<Vec<ActivityEntry>>, ApiError> {
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    let mut checks = Checks::default();
    let filter = TrailFilter {
        action: checks.optional("action", query.action, |text| TextRule::line(1, 100).parse(&text)),
        family: None,
        from: checks.optional("from", query.from, instant),
        until: checks.optional("to", query.to, instant),
    };
    checks.finish()?;
    let (user, selection) = (caller.user.to_string(), format!("{filter:?}"));
    let scope = CursorScope {
        operation: "listActivity",
        caller: &user,
        selection: &selection,
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let page = app.db.search_audit(caller.user, &filter, pages.size(), after).await?;
    let pagination = pages.pagination(page.next.as_deref()).await?;
    let entries = page.items.into_iter().map(ActivityEntry::from).collect();
    Ok(Reply::ok("Activity found", entries).page(pagination))
}

fn instant(text: String) -> Result<Timestamp, Rule> {
    text.parse()
        .map_err(|_| Rule::new("instant", "must be an instant such as 2027-03-03T10:00:00Z"))
}
