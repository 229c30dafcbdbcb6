//! Templates: trips without dates, for oneself, for whoever has the id, or for everybody.

use axum::extract::State;
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    ids::{TemplateId, TripId},
    policy::TemplateAction,
    trip::{MAX_TEMPLATE_ITEMS, MAX_TEMPLATES, Template, TemplateVisibility},
    validation::{Checks, Rule},
};
use tripsage_http::{
    ApiError, Caller, Code, Context, CursorScope, Envelope, Errors, IfMatch, Json, PageQuery, Path, Query, Reply,
};
use tripsage_store::{
    StoreError, Transaction,
    trips::{TEMPLATES_FULL, TemplateListingRow, template_weight},
};
use utoipa::IntoParams;

use crate::{
    App,
    editing::FIRST_PAUSE,
    invitations::Removed,
    template_body::{CreateTemplate, ListedTemplate, TemplateResponse, UpdateTemplate},
};

/// Bytes of a template at most: a row of the table holds 400 KB.
const MAX_WEIGHT: usize = 300_000;

/// Which templates to list.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListTemplates {
    /// `mine` or `public`; both unless given.
    scope: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// Attempts at a write that another one is in the way of.
const ATTEMPTS: u32 = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Mine,
    Public,
    Both,
}

/// The caller's own templates and the public ones, newest first.
#[utoipa::path(get, path = "/api/v1/trips/templates", operation_id = "listTemplates", tag = "trips",
    security(("bearer" = [])), params(ListTemplates),
    responses((status = 200, description = "A page of templates", body = Envelope<Vec<ListedTemplate>>), Errors))]
pub(crate) async fn list_templates(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListTemplates>,
) -> Result<Reply<Vec<ListedTemplate>>, ApiError> {
    let mut checks = Checks::default();
    let scope = checks.optional("scope", query.scope.as_deref(), |name| match name {
        "mine" => Ok(Scope::Mine),
        "public" => Ok(Scope::Public),
        _ => Err(Rule::new("one_of", "must be one of mine, public")),
    });
    checks.finish()?;
    let scope = scope.unwrap_or(Scope::Both);
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    let (user, selection) = (caller.user.to_string(), format!("{scope:?}"));
    let bound = CursorScope {
        operation: "listTemplates",
        caller: &user,
        selection: &selection,
    };
    let pages = app.edge.cursor_pages(bound, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let size = pages.size();
    let mut rows = app.templates(&caller, scope, after, size + 1).await?;
    let has_more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| has_more).map(|last| last.position());
    let pagination = pages.pagination(next.as_deref()).await?;
    let listed = rows.into_iter().map(ListedTemplate::from).collect();
    Ok(Reply::ok("Templates found", listed).page(pagination))
}

/// Makes a template, of a trip that the caller takes part in or from nothing. Of a trip's items everything stays but
/// what belongs to its travellers: bookings, notes, preferences.
#[utoipa::path(post, path = "/api/v1/trips/templates", operation_id = "createTemplate", tag = "trips",
    security(("bearer" = [])), request_body = CreateTemplate,
    responses((status = 201, description = "The template", body = Envelope<TemplateResponse>), Errors))]
pub(crate) async fn create_template(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Json(request): Json<CreateTemplate>,
) -> Result<Reply<TemplateResponse>, ApiError> {
    let mut template = app.drafted(&caller, &context, request).await?;
    if template_weight(&template)? > MAX_WEIGHT {
        return Err(ApiError::new(Code::Conflict).message("the items are too long for a template"));
    }
    let target = format!("template/{}", template.id);
    let record = context.record(caller.user, Action::TemplateCreated, target);
    let transaction = || {
        let inserted = Transaction::inserting_template(&template)?.audited(&record)?;
        Ok(inserted.fenced(context.claim()))
    };
    match app.commit_template(&context, transaction).await {
        Ok(()) => {}
        Err(StoreError::Conflict("template")) if context.resumed() => {
            template = app.find_template(template.id, &caller, TemplateAction::View).await?;
        }
        Err(StoreError::Conflict(TEMPLATES_FULL)) => {
            let message = format!("a user has at most {MAX_TEMPLATES} templates");
            return Err(ApiError::new(Code::Conflict).message(message));
        }
        Err(error) => return Err(error.into()),
    }
    let location = format!("/api/v1/trips/templates/{}", template.id);
    let reply = Reply::created("Template created", TemplateResponse::from(&template));
    Ok(reply.etag(template.version).location(&location))
}

/// A template that the caller may see.
#[utoipa::path(get, path = "/api/v1/trips/templates/{template_id}", operation_id = "getTemplate", tag = "trips",
    security(("bearer" = [])), params(("template_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The template", body = Envelope<TemplateResponse>), Errors))]
pub(crate) async fn get_template(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TemplateId>,
) -> Result<Reply<TemplateResponse>, ApiError> {
    let template = app.find_template(id, &caller, TemplateAction::View).await?;
    Ok(Reply::ok("Template found", TemplateResponse::from(&template)).etag(template.version))
}

/// Replaces the fields of a template that are given and keeps the others.
#[utoipa::path(put, path = "/api/v1/trips/templates/{template_id}", operation_id = "replaceTemplate", tag = "trips",
    security(("bearer" = [])), params(("template_id" = String, Path, format = Uuid)), request_body = UpdateTemplate,
    responses((status = 200, description = "The template", body = Envelope<TemplateResponse>), Errors))]
pub(crate) async fn replace_template(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TemplateId>,
    if_match: IfMatch,
    Json(request): Json<UpdateTemplate>,
) -> Result<Reply<TemplateResponse>, ApiError> {
    let before = app.find_template(id, &caller, TemplateAction::Edit).await?;
    if_match.check(before.version)?;
    let patch = request.into_patch()?;
    let after = Template {
        visibility: patch.visibility.unwrap_or(before.visibility),
        content: patch.onto(&before.content).checked()?,
        updated_at: context.now,
        version: before.version + 1,
        ..before.clone()
    };
    let record = context.record(caller.user, Action::TemplateUpdated, format!("template/{id}"));
    let transaction = || Transaction::replacing_template(&before, &after)?.audited(&record);
    app.commit_template(&context, transaction).await?;
    Ok(Reply::ok("Template updated", TemplateResponse::from(&after)).etag(after.version))
}

/// Deletes a template. Trips that were made of it stay.
#[utoipa::path(delete, path = "/api/v1/trips/templates/{template_id}", operation_id = "deleteTemplate", tag = "trips",
    security(("bearer" = [])), params(("template_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "It is deleted", body = Envelope<Removed>), Errors))]
pub(crate) async fn delete_template(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TemplateId>,
    if_match: IfMatch,
) -> Result<Reply<Removed>, ApiError> {
    let template = app.find_template(id, &caller, TemplateAction::Edit).await?;
    if_match.check(template.version)?;
    let record = context.record(caller.user, Action::TemplateDeleted, format!("template/{id}"));
    let transaction = || Transaction::removing_template(&template)?.audited(&record);
    app.commit_template(&context, transaction).await?;
    let id = id.to_string();
    Ok(Reply::ok("Template deleted", Removed { id }))
}

impl App {
    /// A template on which the caller may do `action`.
    pub(crate) async fn find_template(
        &self,
        id: TemplateId,
        caller: &Caller,
        action: TemplateAction,
    ) -> Result<Template, ApiError> {
        let template = self.db.find_template(id).await?;
        let template = template.ok_or_else(|| ApiError::not_found("template"))?;
        template
            .permit(caller, action)
            .map_err(|denial| ApiError::denied(denial, "template"))?;
        Ok(template)
    }

    /// Commits, and does so again when other writes were in the way: all templates of a user share one counter.
    async fn commit_template(
        &self,
        context: &Context,
        transaction: impl Fn() -> Result<Transaction, StoreError>,
    ) -> Result<(), StoreError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            match self.db.commit(transaction()?).await {
                Err(StoreError::Throttled(_)) => tokio::time::sleep(self.jittered(context, pause)).await,
                result => return result,
            }
            pause *= 2;
        }
        self.db.commit(transaction()?).await
    }

    async fn templates(
        &self,
        caller: &Caller,
        scope: Scope,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<TemplateListingRow>, ApiError> {
        let own = async {
            match scope {
                Scope::Public => Ok(Vec::new()),
                Scope::Mine | Scope::Both => self.db.list_templates(caller.user).await,
            }
        };
        let public = async {
            match scope {
                Scope::Mine => Ok(Vec::new()),
                Scope::Public | Scope::Both => self.db.list_public_templates(after.clone(), limit).await,
            }
        };
        let (mut rows, public) = tokio::try_join!(own, public)?;
        rows.retain(|row| after.as_ref().is_none_or(|after| row.position() < *after));
        // The caller's own public templates are in both lists.
        let others = public
            .into_iter()
            .filter(|row| scope == Scope::Public || row.owner != caller.user);
        rows.extend(others);
        rows.sort_by_cached_key(|row| std::cmp::Reverse(row.position()));
        rows.truncate(limit);
        Ok(rows)
    }

    async fn drafted(&self, caller: &Caller, context: &Context, request: CreateTemplate) -> Result<Template, ApiError> {
        let (content, plans, visibility) = match &request.trip_id {
            None => {
                let (content, visibility) = request.into_content()?;
                (content, Vec::new(), visibility)
            }
            Some(text) => {
                let id: TripId = text
                    .parse()
                    .map_err(|_| ApiError::field("trip_id", "id", "must be the id of a trip"))?;
                let patch = request.into_patch()?;
                let (trip, items) = self.view_plan(caller, id).await?;
                if items.len() > MAX_TEMPLATE_ITEMS {
                    return Err(ApiError::new(Code::Conflict)
                        .message(format!("a template has at most {MAX_TEMPLATE_ITEMS} items")));
                }
                let visibility = patch.visibility.unwrap_or(TemplateVisibility::Private);
                let content = Template::content_of(&trip.content);
                (
                    patch.onto(&content),
                    Template::plans_of(&trip.content, &items),
                    visibility,
                )
            }
        };
        Ok(Template {
            id: TemplateId::from_uuid(context.new_id("template")),
            owner: caller.user,
            visibility,
            content,
            plans,
            created_at: context.now,
            updated_at: context.now,
            version: 1,
        })
    }
}
