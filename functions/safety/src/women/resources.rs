//! Reading matter: for everybody to read, for moderators to write.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_cache::{CompositeKey, Content, Tag};
use tripsage_domain::{
    audit::Action,
    ids::ResourceId,
    safety_resource::{Category, MAX_RESOURCES, Resource},
    validation::Checks,
    votes::{Ballot, Subject, Vote},
};
use tripsage_http::{
    Admitted, ApiError, Caller, Code, Context, CursorScope, Envelope, Errors, IfMatch, Json, MaybeCaller, OptionalJson,
    PageQuery, Pagination, Path, Query, Reply, ViewBody, ViewRequest,
};
use tripsage_store::{
    StoreError, Transaction,
    safety_resources::{EntryRow, RESOURCE_CHANGED, RESOURCES_FULL, ResourceStanding},
    votes::Attempt,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    fields::{LINE, word},
    moderator,
    resource_body::{ListedResource, ResourceFields, ResourceResponse, language},
};
use crate::App;

/// Version of what is cached of the list.
const SCHEMA: u32 = 1;

/// Which resources to list.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListResources {
    /// Only this category: `tips`, `emergency`, `legal`, `health`, `packing`, `cultural` or `navigation`.
    category: Option<String>,
    /// Only those for this part of the world, or this country.
    region: Option<String>,
    /// Only those in this language.
    language: Option<String>,
    /// Only those that moderators recommend, or only the others.
    featured: Option<bool>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// A page of resources.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResourcePage {
    /// Pinned ones first, then those that moderators recommend, then the newest.
    resources: Vec<ListedResource>,
    /// Where in the list the page is.
    pagination: Pagination,
}

/// How many found a resource helpful.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Helpfulness {
    /// How many did.
    helpful_count: i64,
    /// How many did not.
    unhelpful_count: i64,
    /// Whether this was the caller's first vote on it.
    is_new: bool,
}

/// A resource that was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedResource {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
}

/// Something to read about the safety of women, pinned first.
#[utoipa::path(get, path = "/api/v1/women-safety/resources", operation_id = "listSafetyResources", tag = "safety",
    params(ListResources),
    responses((status = 200, description = "A page of resources", body = Envelope<ResourcePage>), Errors))]
pub(crate) async fn list_safety_resources(
    State(app): State<App>,
    admitted: Admitted,
    context: Context,
    Query(query): Query<ListResources>,
) -> Result<Reply<ResourcePage>, ApiError> {
    let pages = PageQuery {
        cursor: query.cursor.clone(),
        page: query.page,
        per_page: query.per_page,
    };
    let per_page = pages.checked()?;
    let mut checks = Checks::default();
    let category: Option<Category> = checks.optional("category", query.category.as_deref(), word);
    let region = checks.optional("region", query.region.as_deref(), |text| LINE.parse(text));
    let region = region.map(|region| region.to_lowercase());
    let language = checks.optional("language", query.language.as_deref(), language);
    checks.finish()?;
    let selection = format!("{category:?} {region:?} {language:?} {:?}", query.featured);
    let scope = CursorScope {
        operation: "listSafetyResources",
        caller: "",
        selection: &selection,
    };
    let cursors = app.edge.cursors(context.now).await?;
    let start = match &query.cursor {
        Some(cursor) => Some(
            cursors
                .open(scope, cursor)?
                .parse()
                .map_err(|_| ApiError::new(Code::InvalidCursor))?,
        ),
        None => None,
    };
    let mut entries = app.resource_entries(&admitted).await?;
    entries.retain(|entry| {
        category.is_none_or(|category| entry.category == category)
            && region.as_ref().is_none_or(|region| is_for(entry, region))
            && language.as_ref().is_none_or(|language| entry.language == *language)
            && query.featured.is_none_or(|featured| entry.featured == featured)
    });
    let (entries, mut pagination, next) = pages.slice(per_page, entries, start);
    if let Some(next) = next {
        pagination.next_cursor = Some(cursors.seal(scope, &next.to_string())?);
    }
    let ids: Vec<ResourceId> = entries.iter().map(|entry| entry.id).collect();
    let standings = app.db.find_resource_standings(&ids).await?;
    let standing = |id: ResourceId| standings.iter().find(|standing| standing.id == Some(id));
    let listed = entries.into_iter().map(|entry| {
        let standing = standing(entry.id).copied().unwrap_or_default();
        ListedResource::new(entry, standing)
    });
    let page = ResourcePage {
        resources: listed.collect(),
        pagination: pagination.clone(),
    };
    Ok(Reply::ok("Resources found", page).page(pagination))
}

fn is_for(entry: &EntryRow, region: &str) -> bool {
    let mut places = entry.target_region.iter().chain(&entry.target_countries);
    places.any(|place| place.to_lowercase() == region)
}

/// Something to read.
#[utoipa::path(get, path = "/api/v1/women-safety/resources/{resource_id}", operation_id = "getSafetyResource",
    tag = "safety", params(("resource_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The resource", body = Envelope<ResourceResponse>), Errors))]
pub(crate) async fn get_safety_resource(
    State(app): State<App>,
    Path(id): Path<ResourceId>,
) -> Result<Reply<ResourceResponse>, ApiError> {
    let resource = app.find_resource(id).await?;
    let standing = app.standing_of(id).await?;
    Ok(Reply::ok("Resource found", ResourceResponse::new(&resource, standing)))
}

/// Says that a resource is helpful. Everybody has one vote; saying so twice is the same as once.
#[utoipa::path(post, path = "/api/v1/women-safety/resources/{resource_id}/helpful", operation_id = "markResourceHelpful",
    tag = "safety", security(("bearer" = [])), params(("resource_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "How many say so", body = Envelope<Helpfulness>), Errors))]
pub(crate) async fn mark_resource_helpful(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ResourceId>,
) -> Result<Reply<Helpfulness>, ApiError> {
    app.find_resource(id).await?;
    let standing = app.standing_of(id).await?;
    let attempt = Attempt {
        now: context.now,
        nonce: context.new_id("vote"),
        claim: context.claim(),
    };
    let (subject, ballot) = (Subject::Resource(id), Ballot::Cast(Vote::Up));
    let outcome = app.db.vote(caller.user, subject, None, ballot, attempt).await?;
    let standing = standing.with(outcome.before, outcome.after);
    let helpfulness = Helpfulness {
        helpful_count: standing.helpful.max(i64::from(outcome.after == Some(Vote::Up))),
        unhelpful_count: standing.unhelpful.max(0),
        is_new: outcome.before.is_none(),
    };
    Ok(Reply::ok("Vote counted", helpfulness))
}

/// Notes that somebody has seen a resource. A traveller counts once, and so does a session of somebody who is not signed in.
#[utoipa::path(post, path = "/api/v1/women-safety/resources/{resource_id}/view", operation_id = "viewSafetyResource",
    tag = "safety", params(("resource_id" = String, Path, format = Uuid)), request_body = ViewRequest,
    responses((status = 200, description = "How often it was seen", body = Envelope<ViewBody>), Errors))]
pub(crate) async fn view_safety_resource(
    State(app): State<App>,
    caller: MaybeCaller,
    context: Context,
    Path(id): Path<ResourceId>,
    OptionalJson(request): OptionalJson<ViewRequest>,
) -> Result<Reply<ViewBody>, ApiError> {
    let viewer = request.viewer(&caller)?;
    app.find_resource(id).await?;
    let standing = app.standing_of(id).await?;
    let (subject, nonce) = (Subject::Resource(id), context.new_id("view"));
    let is_new_view = !context.resumed()
        && app
            .db
            .note_view(subject, &viewer, context.now, nonce, context.claim())
            .await?;
    let view_count = standing.views.max(0) + i64::from(is_new_view);
    Ok(Reply::ok(
        "View noted",
        ViewBody {
            view_count,
            is_new_view,
        },
    ))
}

/// Writes something to read. For moderators.
#[utoipa::path(post, path = "/api/v1/women-safety/resources", operation_id = "createSafetyResource", tag = "safety",
    security(("bearer" = [])), request_body = ResourceFields,
    responses((status = 201, description = "The resource", body = Envelope<ResourceResponse>), Errors))]
pub(crate) async fn create_safety_resource(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<ResourceFields>,
) -> Result<Reply<ResourceResponse>, ApiError> {
    moderator(&caller)?;
    let resource = Resource {
        id: ResourceId::from_uuid(context.new_id("resource")),
        content: request.onto(None)?,
        created_at: context.now,
        updated_at: context.now,
        version: 1,
    };
    let id = resource.id;
    if !context.resumed() {
        let record = context.record(caller.user, Action::ResourceCreated, format!("resource/{id}"));
        let transaction = Transaction::inserting_resource(&resource)?.audited(&record)?;
        match app.db.commit(transaction.fenced(context.claim())).await {
            Err(StoreError::Conflict(RESOURCES_FULL)) => {
                let message = format!("there are at most {MAX_RESOURCES} resources");
                return Err(ApiError::new(Code::Conflict).message(message));
            }
            result => result?,
        }
        app.edge.bump(&Tag::Guides).await;
    }
    let location = format!("/api/v1/women-safety/resources/{id}");
    let shown = ResourceResponse::new(&resource, ResourceStanding::default());
    Ok(Reply::created("Resource created", shown)
        .etag(resource.version)
        .location(&location))
}

/// Replaces the fields of a resource that are given and keeps the others. For moderators.
#[utoipa::path(put, path = "/api/v1/women-safety/resources/{resource_id}", operation_id = "replaceSafetyResource",
    tag = "safety", security(("bearer" = [])), params(("resource_id" = String, Path, format = Uuid)),
    request_body = ResourceFields,
    responses((status = 200, description = "The resource", body = Envelope<ResourceResponse>), Errors))]
pub(crate) async fn replace_safety_resource(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ResourceId>,
    if_match: IfMatch,
    Json(request): Json<ResourceFields>,
) -> Result<Reply<ResourceResponse>, ApiError> {
    moderator(&caller)?;
    let before = app.find_resource(id).await?;
    if_match.check(before.version)?;
    let after = Resource {
        content: request.onto(Some(&before.content))?,
        updated_at: context.now,
        version: before.version + 1,
        ..before.clone()
    };
    let record = context.record(caller.user, Action::ResourceUpdated, format!("resource/{id}"));
    let transaction = Transaction::replacing_resource(&before, &after)?.audited(&record)?;
    app.db.commit(transaction.fenced(context.claim())).await?;
    app.edge.bump(&Tag::Guides).await;
    let shown = ResourceResponse::new(&after, app.standing_of(id).await?);
    Ok(Reply::ok("Resource updated", shown).etag(after.version))
}

/// Deletes a resource. For moderators.
#[utoipa::path(delete, path = "/api/v1/women-safety/resources/{resource_id}", operation_id = "deleteSafetyResource",
    tag = "safety", security(("bearer" = [])), params(("resource_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is deleted", body = Envelope<DeletedResource>), Errors))]
pub(crate) async fn delete_safety_resource(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<ResourceId>,
    if_match: IfMatch,
) -> Result<Reply<DeletedResource>, ApiError> {
    moderator(&caller)?;
    let resource = app.find_resource(id).await?;
    if_match.check(resource.version)?;
    let record = context.record(caller.user, Action::ResourceDeleted, format!("resource/{id}"));
    let transaction = Transaction::removing_resource(&resource).audited(&record)?;
    match app.db.commit(transaction.fenced(context.claim())).await {
        Err(StoreError::Conflict(RESOURCE_CHANGED)) => return Err(ApiError::new(Code::EditConflict)),
        result => result?,
    }
    app.edge.bump(&Tag::Guides).await;
    Ok(Reply::ok("Resource deleted", DeletedResource { id: id.to_string() }))
}

impl App {
    async fn find_resource(&self, id: ResourceId) -> Result<Resource, ApiError> {
        let found = self.db.find_resource(id).await?;
        found.ok_or_else(|| ApiError::not_found("resource"))
    }

    async fn standing_of(&self, id: ResourceId) -> Result<ResourceStanding, ApiError> {
        let standing = self.db.find_resource_standing(id).await?;
        Ok(standing.map(|loaded| loaded.item).unwrap_or_default())
    }

    /// The whole list, which is small and rarely changes: cached as one.
    async fn resource_entries(&self, admitted: &Admitted) -> Result<Vec<EntryRow>, ApiError> {
        let key = CompositeKey::new(Content::Feed, SCHEMA, &["safety resources"], &[Tag::Guides]);
        let make = || async {
            Ok::<_, ApiError>(tripsage_cache::Made {
                value: self.db.list_resources().await?,
                keep: true,
            })
        };
        let cached = self.edge.get_or_make(admitted, &key, make).await?;
        Ok(cached.value.to_vec())
    }
}
