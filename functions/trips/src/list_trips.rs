use axum::extract::State;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    text::TextRule,
    trip::Status,
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{ApiError, Caller, Context, CursorScope, Envelope, Errors, PageQuery, Query, Reply};
use tripsage_store::trips::ListingRow;
use utoipa::{IntoParams, ToSchema};

use crate::{App, trip_body::date};

/// Which trips to list, and in what order.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListTrips {
    /// Only trips with this status.
    status: Option<String>,
    /// Only trips with a destination whose name contains this.
    destination: Option<String>,
    /// Only trips that end on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// Only trips that begin on this day or earlier.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    /// `owner`: the caller's own; `shared`: those of others.
    role: Option<String>,
    /// Only trips whose title or destinations contain this.
    q: Option<String>,
    /// Only trips with this tag.
    tag: Option<String>,
    /// `true`: the caller's own deleted trips, which can still be restored.
    deleted: Option<bool>,
    /// `created` (newest first, as if none were given), `updated`, `start_date` or `title`; a `-` before it reverses.
    sort: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Number of the page, from 1; not together with `cursor`.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// What a list shows of a trip.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedTrip {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it is called.
    title: String,
    /// First day.
    #[schema(value_type = String, format = Date)]
    start_date: Date,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    end_date: Date,
    /// Days from the first to the last, both included.
    duration_days: i32,
    /// Names of its destinations.
    destinations: Vec<String>,
    /// How far it is.
    status: String,
    /// Words to find it by.
    tags: Vec<String>,
    /// What the caller may do.
    permission_level: String,
    /// How many take part besides the owner.
    collaborator_count: usize,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its content or members last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// When it was deleted.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
}

/// The trips that the caller takes part in.
#[utoipa::path(get, path = "/api/v1/trips", operation_id = "listTrips", tag = "trips", security(("bearer" = [])),
    params(ListTrips),
    responses((status = 200, description = "A page of trips", body = Envelope<Vec<ListedTrip>>), Errors))]
pub(crate) async fn list_trips(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListTrips>,
) -> Result<Reply<Vec<ListedTrip>>, ApiError> {
    let pages = PageQuery {
        cursor: query.cursor.clone(),
        page: query.page,
        per_page: query.per_page,
    };
    let per_page = pages.checked()?;
    let selection = Selection::parse(&query)?;
    let mut trips = app.db.list_trips(caller.user).await?;
    trips.retain(|trip| selection.includes(trip));
    trips.sort_by_cached_key(|trip| selection.order.key(trip));
    if selection.order.descending {
        trips.reverse();
    }
    let (user, selected) = (caller.user.to_string(), format!("{selection:?}"));
    let scope = CursorScope {
        operation: "listTrips",
        caller: &user,
        selection: &selected,
    };
    // The cursor is needed only when there is one, or will be.
    let mut start = None;
    if let Some(cursor) = &query.cursor {
        let last = app.edge.cursors(context.now).await?.open(scope, cursor)?;
        let passed = |trip: &ListingRow| selection.order.has_passed(trip, &last);
        start = Some(trips.iter().take_while(|trip| passed(trip)).count());
    }
    let (page, mut pagination, more) = pages.slice(per_page, trips, start);
    if let (Some(_), Some(last)) = (more, page.last()) {
        let position = selection.order.key(last);
        pagination.next_cursor = Some(app.edge.cursors(context.now).await?.seal(scope, &position)?);
    }
    Ok(Reply::ok("Trips found", page.into_iter().map(ListedTrip::from).collect()).page(pagination))
}

/// What is listed and in what order. Its debug text tells two selections apart, and binds a cursor to its own.
#[derive(Debug)]
struct Selection {
    status: Option<&'static str>,
    destination: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    own: Option<bool>,
    words: Option<String>,
    tag: Option<String>,
    deleted: bool,
    order: Order,
}

#[derive(Debug, Clone, Copy)]
struct Order {
    by: By,
    descending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Created,
    Updated,
    Start,
    Title,
}

impl Selection {
    fn parse(query: &ListTrips) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        let text = |text: &String| Ok(TextRule::line(1, 100).parse(text)?.to_lowercase());
        let selection = Self {
            status: checks.optional("status", query.status.as_ref(), |name| Ok(Status::parse(name)?.name())),
            destination: checks.optional("destination", query.destination.as_ref(), text),
            from: checks.optional("from", query.from.clone(), date),
            to: checks.optional("to", query.to.clone(), date),
            own: checks.optional("role", query.role.as_deref(), |role| match role {
                "owner" => Ok(true),
                "shared" => Ok(false),
                _ => Err(Rule::new("one_of", "must be one of owner, shared")),
            }),
            words: checks.optional("q", query.q.as_ref(), text),
            tag: checks.optional("tag", query.tag.as_ref(), text),
            deleted: query.deleted.unwrap_or(false),
            order: checks
                .optional("sort", query.sort.as_deref(), Order::parse)
                .unwrap_or(Order {
                    by: By::Created,
                    descending: true,
                }),
        };
        checks.finish()?;
        Ok(selection)
    }

    fn includes(&self, trip: &ListingRow) -> bool {
        let contains = |text: &String, part: &String| text.to_lowercase().contains(part);
        let goes_to = |part: &String| trip.destinations.iter().any(|name| contains(name, part));
        let owned = trip.role == "owner";
        let visible = if self.deleted {
            trip.deleted_at.is_some() && owned
        } else {
            trip.deleted_at.is_none()
        };
        visible
            && self.status.is_none_or(|status| trip.status == status)
            && self.destination.as_ref().is_none_or(goes_to)
            && self.from.is_none_or(|from| trip.end_date >= from)
            && self.to.is_none_or(|to| trip.start_date <= to)
            && self.own.is_none_or(|own| own == owned)
            && self
                .words
                .as_ref()
                .is_none_or(|words| contains(&trip.title, words) || goes_to(words))
            && self
                .tag
                .as_ref()
                .is_none_or(|tag| trip.tags.iter().any(|other| other.to_lowercase() == *tag))
    }
}

impl Order {
    fn parse(text: &str) -> Result<Self, Rule> {
        let (reversed, name) = text.strip_prefix('-').map_or((false, text), |name| (true, name));
        // Times come newest first by themselves, dates and titles in their natural order.
        let (by, newest_first) = match name {
            "created" => (By::Created, true),
            "updated" => (By::Updated, true),
            "start_date" => (By::Start, false),
            "title" => (By::Title, false),
            _ => {
                return Err(Rule::new(
                    "one_of",
                    "must be one of created, updated, start_date, title, with or without `-`",
                ));
            }
        };
        Ok(Self {
            by,
            descending: newest_first != reversed,
        })
    }

    /// A text that sorts as the list does; the id makes it unique, so that a cursor stands at exactly one place.
    fn key(self, trip: &ListingRow) -> String {
        let value = match self.by {
            By::Created => format!("{:020}", trip.created_at.as_microsecond()),
            By::Updated => format!("{:020}", trip.updated_at.as_microsecond()),
            By::Start => trip.start_date.to_string(),
            By::Title => trip.title.to_lowercase(),
        };
        format!("{value}\u{0}{}", trip.id)
    }

    /// Whether the page before has shown this trip, or would have.
    fn has_passed(self, trip: &ListingRow, last: &str) -> bool {
        let key = self.key(trip);
        if self.descending {
            key.as_str() >= last
        } else {
            key.as_str() <= last
        }
    }
}

impl From<ListingRow> for ListedTrip {
    fn from(trip: ListingRow) -> Self {
        let days = trip
            .start_date
            .until(trip.end_date)
            .map_or(0, |span| span.get_days() + 1);
        Self {
            id: trip.id.to_string(),
            title: trip.title,
            start_date: trip.start_date,
            end_date: trip.end_date,
            duration_days: days,
            destinations: trip.destinations,
            status: trip.status,
            tags: trip.tags,
            permission_level: trip.role,
            collaborator_count: trip.members.saturating_sub(1),
            created_at: trip.created_at,
            updated_at: trip.updated_at,
            deleted_at: trip.deleted_at,
        }
    }
}
