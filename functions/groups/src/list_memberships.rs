use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_domain::{group::JoinStatus, ids::GroupId};
use tripsage_http::{ApiError, Caller, Context, CursorScope, Envelope, Errors, PageQuery, Pagination, Query, Reply};
use utoipa::{IntoParams, ToSchema};

use crate::{App, group_body::GroupBody, today};

/// Where in the list to begin.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListMemberships {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// A group in which the caller stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Membership {
    /// What the caller is in it, or will be.
    role: &'static str,
    /// `accepted` or `pending`.
    join_status: &'static str,
    /// Whether the caller was invited: a pending invitation waits for their answer.
    invited: bool,
    /// The group.
    group: GroupBody,
}

/// A page of the groups in which the caller stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Memberships {
    /// In no order that means anything.
    memberships: Vec<Membership>,
    /// As beside `data`.
    pagination: Pagination,
}

/// The caller's groups, with the invitations and requests that wait. Groups that are deleted are left out, so that a page
/// may have fewer entries than asked for.
#[utoipa::path(get, path = "/api/v1/travel-groups/memberships", operation_id = "listGroupMemberships", tag = "groups",
    security(("bearer" = [])), params(ListMemberships),
    responses((status = 200, description = "A page of them", body = Envelope<Memberships>), Errors))]
pub(crate) async fn list_group_memberships(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListMemberships>,
) -> Result<Reply<Memberships>, ApiError> {
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    let user = caller.user.to_string();
    let scope = CursorScope {
        operation: "listGroupMemberships",
        caller: &user,
        selection: "",
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let after: Option<GroupId> = after.and_then(|text| text.parse().ok());
    let page = app.db.list_memberships(caller.user, after, pages.size()).await?;
    let ids: Vec<GroupId> = page.items.iter().map(|row| row.group).collect();
    let last = page.next.and(ids.last()).map(ToString::to_string);
    let groups = app.db.find_groups(&ids).await?;
    let rows = page.items.iter().filter(|row| row.status != JoinStatus::Blocked);
    let memberships = rows
        .filter_map(|row| {
            let group = groups.iter().find(|group| group.id == row.group)?;
            let sees = row.status == JoinStatus::Accepted || group.shows_members();
            Some(Membership {
                role: row.role.name(),
                join_status: row.status.name(),
                invited: row.invited,
                group: GroupBody::new(group, today(&context), sees),
            })
        })
        .collect();
    let pagination = pages.pagination(last.as_deref()).await?;
    let body = Memberships {
        memberships,
        pagination: pagination.clone(),
    };
    Ok(Reply::ok("Memberships found", body).page(pagination))
}
