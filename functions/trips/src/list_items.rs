use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use tripsage_domain::{
    ids::TripId,
    trip::{Item, ItemStatus, ItemType, When},
    validation::{Checks, Invalid},
};
use tripsage_http::{ApiError, Caller, Context, CursorScope, Envelope, Errors, PageQuery, Path, Query, Reply};
use utoipa::IntoParams;

use crate::{App, item_body::ItemResponse, trip_body::date};

/// Which items to list.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListItems {
    /// Only items of this type.
    #[serde(rename = "type")]
    item_type: Option<String>,
    /// Only items with this status.
    status: Option<String>,
    /// Only items that are on this day.
    #[param(value_type = Option<String>, format = Date)]
    date: Option<String>,
    /// Only items that end on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// Only items that begin on this day or earlier.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// The items of a trip: by day; in a day, those without a time first and the others by time; those without a date last.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/items", operation_id = "listItems", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid), ListItems),
    responses((status = 200, description = "A page of items", body = Envelope<Vec<ItemResponse>>), Errors))]
pub(crate) async fn list_items(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(id): Path<TripId>,
    Query(query): Query<ListItems>,
) -> Result<Reply<Vec<ItemResponse>>, ApiError> {
    let pages = PageQuery {
        cursor: query.cursor.clone(),
        page: query.page,
        per_page: query.per_page,
    };
    let per_page = pages.checked()?;
    let selection = Selection::parse(&query)?;
    let (_, mut items) = app.view_plan(&caller, id).await?;
    items.retain(|item| selection.includes(item));
    let (user, selected) = (caller.user.to_string(), format!("{id} {selection:?}"));
    let scope = CursorScope {
        operation: "listItems",
        caller: &user,
        selection: &selected,
    };
    let mut start = None;
    if let Some(cursor) = &query.cursor {
        let last = app.edge.cursors(context.now).await?.open(scope, cursor)?;
        start = Some(items.iter().take_while(|item| place(item) <= last).count());
    }
    let (page, mut pagination, more) = pages.slice(per_page, items, start);
    if let (Some(_), Some(last)) = (more, page.last()) {
        pagination.next_cursor = Some(app.edge.cursors(context.now).await?.seal(scope, &place(last))?);
    }
    Ok(Reply::ok("Items found", page.iter().map(ItemResponse::new).collect()).page(pagination))
}

/// What is listed. Its debug text tells two selections apart, and binds a cursor to its own.
#[derive(Debug)]
struct Selection {
    item_type: Option<ItemType>,
    status: Option<ItemStatus>,
    date: Option<Date>,
    from: Option<Date>,
    to: Option<Date>,
}

impl Selection {
    fn parse(query: &ListItems) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        let selection = Self {
            item_type: checks.optional("type", query.item_type.as_deref(), ItemType::parse),
            status: checks.optional("status", query.status.as_deref(), ItemStatus::parse),
            date: checks.optional("date", query.date.clone(), date),
            from: checks.optional("from", query.from.clone(), date),
            to: checks.optional("to", query.to.clone(), date),
        };
        checks.finish()?;
        Ok(selection)
    }

    fn includes(&self, item: &Item) -> bool {
        let plan = &item.plan;
        let start = plan.start.as_ref().map(When::date);
        let end = plan.end.as_ref().map(When::date).or(start);
        let until = |day: Option<Date>| day.is_none_or(|day| start.is_some_and(|start| start <= day));
        let since = |day: Option<Date>| day.is_none_or(|day| end.is_some_and(|end| end >= day));
        self.item_type.is_none_or(|kind| plan.details.item_type() == kind)
            && self.status.is_none_or(|status| plan.status == status)
            && until(self.date)
            && since(self.date)
            && until(self.to)
            && since(self.from)
    }
}

/// A text that sorts as [`Item::in_order`] does; dates and instants lie between 1900 and 2200.
fn place(item: &Item) -> String {
    let start = item.plan.start.as_ref();
    let date = start.map_or_else(|| "9999".to_owned(), |when| when.date().to_string());
    let instant = start
        .and_then(When::instant)
        .map_or(0, |at| at.as_second() + 10_000_000_000);
    format!("{date} {instant:020} {:020} {}", item.position, item.id)
}
