//! Groups that travel together.

mod create_group;
mod delete_group;
mod editing;
mod get_group;
mod group_body;
mod hand_over;
mod invite;
mod join_group;
mod list_groups;
mod list_memberships;
mod match_groups;
mod members;
mod people;
mod update_group;

use axum::Router;
use jiff::{civil::Date, tz::TimeZone};
use tripsage_cache::Tag;
use tripsage_domain::principal::Area;
use tripsage_http::{Context, Edge, EdgeOptions, describe, operations};
use tripsage_runtime::Runtime;
use tripsage_store::Db;
use utoipa::openapi::OpenApi;

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) edge: Edge,
    pub(crate) db: Db,
}

/// The day on which a request arrived, in UTC.
pub(crate) fn today(context: &Context) -> Date {
    context.now.to_zoned(TimeZone::UTC).date()
}

operations!(App: [
    list_groups::list_groups,
    create_group::create_group,
    match_groups::match_groups,
    list_memberships::list_group_memberships,
    get_group::get_group,
    update_group::replace_group,
    update_group::patch_group,
    delete_group::delete_group,
    delete_group::restore_group,
    hand_over::hand_group_over,
    join_group::join_group,
    join_group::leave_group,
    join_group::accept_group_invitation,
    join_group::decline_group_invitation,
    invite::invite_to_group,
    members::list_group_members,
    members::update_group_member,
    members::delete_group_member,
    members::approve_group_member,
    members::reject_group_member,
    members::block_group_member,
]);

/// The routes, with the edge around them.
pub fn router(runtime: &Runtime) -> Router {
    let edge = Edge::new(
        runtime,
        EdgeOptions {
            area: Some(Area::Community),
            tags: &[Tag::Groups],
            remember_answers: true,
            ..EdgeOptions::default()
        },
    );
    let app = App {
        edge: edge.clone(),
        db: edge.db().clone(),
    };
    edge.serve(routes().with_state(app))
}

/// The description of the operations.
pub fn openapi() -> OpenApi {
    describe(document())
}
