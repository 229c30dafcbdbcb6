use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_http::{ApiError, Caller, Context, CursorScope, Envelope, Errors, PageQuery, Query, Reply};
use tripsage_store::audit::{AuditRow, TrailFilter};
use utoipa::ToSchema;

use crate::App;

/// Beginning of the names of what happens to keys.
const FAMILY: &str = "key.";

/// Something that happened to a key of the caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyAuditEntry {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What happened.
    #[schema(example = "key.used")]
    action: String,
    /// `success` or `failure`.
    outcome: String,
    /// Which key, for which service, for what: `key/<id>/duffel/search`.
    target: String,
    /// Address of the client.
    ip: String,
    /// What the client called itself.
    user_agent: String,
    /// Id of the request.
    request_id: String,
}

impl From<AuditRow> for KeyAuditEntry {
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

/// Everything that happened to the caller's keys, each decryption included, newest first. A page may hold fewer entries
/// than asked for and still have more after it.
#[utoipa::path(get, path = "/api/v1/keys/audit", operation_id = "listKeyAudit", tag = "keys",
    security(("bearer" = [])), params(PageQuery),
    responses((status = 200, description = "A page of the trail", body = Envelope<Vec<KeyAuditEntry>>), Errors))]
pub(crate) async fn list_key_audit(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<PageQuery>,
) -> Result<Reply<Vec<KeyAuditEntry>>, ApiError> {
    if query.page.is_some() {
        return Err(ApiError::field(
            "page",
            "unknown",
            "is not a known parameter; use `cursor`",
        ));
    }
    let per_page = query.checked()?;
    let user = caller.user.to_string();
    let scope = CursorScope {
        operation: "listKeyAudit",
        caller: &user,
        selection: FAMILY,
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let filter = TrailFilter {
        family: Some(FAMILY),
        ..TrailFilter::default()
    };
    let page = app.db.search_audit(caller.user, &filter, pages.size(), after).await?;
    let pagination = pages.pagination(page.next.as_deref()).await?;
    let entries = page.items.into_iter().map(KeyAuditEntry::from).collect();
    Ok(Reply::ok("Audit found", entries).page(pagination))
}
