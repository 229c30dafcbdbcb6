use std::{collections::BTreeMap, time::Duration};

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tripsage_domain::{audit::Action, ids::ExportId};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, Path, Query, Reply};
use tripsage_store::{
    StoreError, Transaction,
    exports::{EXPORT_CHANGED, ExportRow, ExportStatus, KEPT},
    personal_data::{INLINE, Made},
};
use utoipa::{IntoParams, ToSchema};

use crate::{App, signed_in};

/// Between two exports of one user.
const PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// Characters of an archive that one answer holds; Lambda answers with at most 6 MB.
const WHOLE: u64 = 4_000_000;

/// How far an export is, and its archive when it is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// `pending` or `completed`.
    status: ExportStatusName,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when its archive can be read.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// How many parts the archive has, to be read with `?part=`.
    parts: u64,
    /// What is stored about the caller, by section; absent while it is not made, and when it is too large for one
    /// answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    archive: Option<BTreeMap<String, Vec<Value>>>,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportStatusName {
    /// It is too large to be made at once, and will be made by a job.
    Pending,
    /// Its archive is there.
    Completed,
}

impl ExportResponse {
    fn new(export: &ExportRow, archive: Option<BTreeMap<String, Vec<Value>>>) -> Self {
        Self {
            id: export.id.to_string(),
            status: match export.status {
                ExportStatus::Pending => ExportStatusName::Pending,
                ExportStatus::Completed => ExportStatusName::Completed,
            },
            created_at: export.created_at,
            expires_at: export.created_at + KEPT,
            parts: export.parts,
            archive,
        }
    }
}

/// Collects everything that is stored about the caller. Once an hour; the archive can be read for a day.
///
/// Most archives are made at once; a large one is made by a job. The archive holds the caller's own data: no hashes or
/// secrets, and of what they do with others only their own part.
#[utoipa::path(post, path = "/api/v1/users/me/export", operation_id = "createExport", tag = "users",
    security(("bearer" = [])),
    responses((status = 201, description = "It is made", body = Envelope<ExportResponse>),
              (status = 202, description = "It will be made", body = Envelope<ExportResponse>), Errors))]
pub(crate) async fn create_export(
    State(app): State<App>,
    caller: Caller,
    context: Context,
) -> Result<Reply<ExportResponse>, ApiError> {
    signed_in(&caller)?;
    let now = context.now;
    let id = ExportId::from_uuid(context.new_id("export"));
    let old = app.db.find_export(caller.user).await?;
    let is_ours = old.as_ref().is_some_and(|old| old.item.id == id);
    if let Some(old) = old.as_ref().filter(|_| !is_ours) {
        let next = old.item.created_at + PAUSE;
        if now < next {
            let wait = Duration::try_from(next.duration_since(now)).unwrap_or_default();
            let error = ApiError::new(Code::RateLimited).message("an export was asked for less than an hour ago");
            return Err(error.retry_after(wait));
        }
    }
    if !is_ours {
        let record = context.record(caller.user, Action::DataExport, format!("export/{id}"));
        let transaction = Transaction::default()
            .beginning_export(caller.user, old.map(|old| old.version), &ExportRow::new(id, now))?
            .audited(&record)?;
        match app.db.commit(transaction.fenced(context.claim())).await {
            Err(StoreError::Conflict(EXPORT_CHANGED)) => {
                let error = ApiError::new(Code::RateLimited).message("an export was asked for less than an hour ago");
                return Err(error.retry_after(Duration::from_secs(3600)));
            }
            result => result?,
        }
    }
    let path = format!("/api/v1/users/me/export/{id}");
    match app.db.make_export(caller.user, now, Some(INLINE)).await? {
        Made::Completed(export) => {
            Ok(Reply::created("Export completed", ExportResponse::new(&export, None)).location(&path))
        }
        Made::TooLarge | Made::Gone => {
            let export = app.find_export(&caller, id, now).await?;
            Ok(Reply::accepted("Export begun", ExportResponse::new(&export, None)).location(&path))
        }
    }
}

/// What to read of an archive.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GetExport {
    /// Only this part, from 1: for archives that are too large for one answer.
    #[param(minimum = 1)]
    part: Option<u64>,
}

/// How far an export is, and its archive when it is there.
#[utoipa::path(get, path = "/api/v1/users/me/export/{export_id}", operation_id = "getExport", tag = "users",
    security(("bearer" = [])), params(("export_id" = String, Path, format = Uuid), GetExport),
    responses((status = 200, description = "The export", body = Envelope<ExportResponse>), Errors))]
pub(crate) async fn get_export(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ExportId>,
    Query(query): Query<GetExport>,
) -> Result<Reply<ExportResponse>, ApiError> {
    signed_in(&caller)?;
    let export = app.find_export(&caller, id, context.now).await?;
    if let Some(number) = query.part {
        let part = app.db.find_export_part(caller.user, id, number).await?;
        let part = part.ok_or_else(|| ApiError::not_found("part"))?;
        let archive = assemble(&[part])?;
        return Ok(Reply::ok("Part found", ExportResponse::new(&export, Some(archive))));
    }
    if export.status == ExportStatus::Pending || export.size > WHOLE {
        return Ok(Reply::ok("Export found", ExportResponse::new(&export, None)));
    }
    let archive = assemble(&app.db.list_export_parts(caller.user, &export).await?)?;
    Ok(Reply::ok("Export found", ExportResponse::new(&export, Some(archive))))
}

#[derive(Deserialize)]
struct Entry {
    section: String,
    data: Value,
}

/// The entries of some parts, by section.
fn assemble(parts: &[String]) -> Result<BTreeMap<String, Vec<Value>>, ApiError> {
    let mut archive: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for part in parts {
        let entries: Vec<Entry> = serde_json::from_str(part).map_err(ApiError::internal)?;
        for Entry { section, data } in entries {
            archive.entry(section).or_default().push(data);
        }
    }
    Ok(archive)
}

impl App {
    async fn find_export(&self, caller: &Caller, id: ExportId, now: Timestamp) -> Result<ExportRow, ApiError> {
        let export = self.db.find_export(caller.user).await?.map(|export| export.item);
        // Time to live deletes late.
        let export = export.filter(|export| export.id == id && export.is_kept(now));
        export.ok_or_else(|| ApiError::not_found("export"))
    }
}
