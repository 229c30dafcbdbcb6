//! Booking a guide, and the bookings of the caller.

use axum::extract::State;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde::Deserialize;
use tripsage_domain::{
    audit::Action,
    guide::{BookingStatus, GuideBooking, MAX_GROUP, Terms},
    ids::{GuideBookingId, GuideId},
    policy::{GuideBookingAction, may_guide_booking},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{
    ApiError, Caller, Code, Context, CursorScope, Envelope, Errors, Json, PageQuery, Path, Query, Reply,
};
use tripsage_store::{Transaction, guides::BookedBy};
use utoipa::{IntoParams, ToSchema};

use super::{
    Tries,
    booking_body::GuideBookingResponse,
    fields::{LINE, TEXT, between, date, word},
};
use crate::App;

/// How far ahead a booking begins, at most.
const MAX_YEARS_AHEAD: i64 = 2;

/// What is to be booked. What it costs follows from the guide's rate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookGuide {
    /// Where.
    #[schema(min_length = 1, max_length = 100, example = "Jaipur")]
    destination: Option<String>,
    /// The first day.
    #[schema(format = Date, example = "2027-04-01")]
    start_date: Option<String>,
    /// The last day.
    #[schema(format = Date, example = "2027-04-03")]
    end_date: Option<String>,
    /// For how many; one when it is not given.
    #[schema(minimum = 1, maximum = 50)]
    group_size: Option<u32>,
    /// What is done.
    #[schema(max_length = 100)]
    activity_type: Option<String>,
    /// What has to be thought of.
    #[schema(max_length = 2000)]
    special_requirements: Option<String>,
    /// What else the guide should know.
    #[serde(alias = "notes_from_traveler")]
    #[schema(max_length = 2000)]
    notes: Option<String>,
}

impl BookGuide {
    fn into_terms(self, today: Date) -> Result<(Terms, Option<String>), Invalid> {
        let mut checks = Checks::default();
        let destination = checks.required("destination", self.destination, |text| LINE.parse(&text));
        let start = checks.required("start_date", self.start_date, |text| {
            let start = date(&text)?;
            if start < today || start > today.saturating_add(MAX_YEARS_AHEAD.years()) {
                let message = format!("must be today or later, and within {MAX_YEARS_AHEAD} years");
                return Err(Rule::new("range", message));
            }
            Ok(start)
        });
        let end = checks.required("end_date", self.end_date, |text| date(&text));
        let group_size = checks.take("group_size", between(self.group_size.unwrap_or(1), 1, MAX_GROUP));
        let activity_type = checks.optional("activity_type", self.activity_type, |text| LINE.parse(&text));
        let special_requirements = checks.optional("special_requirements", self.special_requirements, |text| {
            TEXT.parse(&text)
        });
        let notes = checks.optional("notes", self.notes, |text| TEXT.parse(&text));
        checks.build(|| {
            let terms = Terms {
                destination: destination?,
                start: start?,
                end: end?,
                group_size: group_size?,
                activity_type,
                special_requirements,
            };
            Some((terms, notes))
        })
    }
}

/// Books a guide. The booking is `pending` until the guide confirms it.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/book", operation_id = "bookGuide", tag = "safety",
    security(("bearer" = [])), params(("guide_id" = String, Path, format = Uuid)), request_body = BookGuide,
    responses((status = 201, description = "The booking", body = Envelope<GuideBookingResponse>), Errors))]
pub(crate) async fn book_guide(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(guide): Path<GuideId>,
    Json(request): Json<BookGuide>,
) -> Result<Reply<GuideBookingResponse>, ApiError> {
    let id = GuideBookingId::from_uuid(context.new_id("guide booking"));
    let booking = if context.resumed() {
        app.find_guide_booking(&caller, id, GuideBookingAction::TakePart)
            .await?
    } else {
        // Whether there is such a guide comes first.
        app.find_guide(guide).await?;
        let (terms, notes) = request.into_terms(context.now.to_zoned(TimeZone::UTC).date())?;
        app.book(&caller, &context, guide, id, &terms, notes.as_deref()).await?
    };
    let location = format!("/api/v1/women-safety/bookings/{id}");
    let reply = Reply::created("Guide booked", GuideBookingResponse::from(&booking));
    Ok(reply.etag(booking.version).location(&location))
}

/// Which bookings to list.
#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListGuideBookings {
    /// `traveler`: those that the caller has made, also when it is not given; `guide`: those of the guide that the caller is.
    r#as: Option<String>,
    /// Only bookings with this status.
    status: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// The caller's bookings, newest first. A page may hold fewer entries than asked for and still have more after it.
#[utoipa::path(get, path = "/api/v1/women-safety/bookings", operation_id = "listGuideBookings", tag = "safety",
    security(("bearer" = [])), params(ListGuideBookings),
    responses((status = 200, description = "A page of bookings", body = Envelope<Vec<GuideBookingResponse>>), Errors))]
pub(crate) async fn list_guide_bookings(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<ListGuideBookings>,
) -> Result<Reply<Vec<GuideBookingResponse>>, ApiError> {
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    let mut checks = Checks::default();
    let as_guide = checks.optional("as", query.r#as.as_deref(), |side| match side {
        "traveler" => Ok(false),
        "guide" => Ok(true),
        _ => Err(Rule::new("one_of", "must be one of traveler, guide")),
    });
    let status: Option<BookingStatus> = checks.optional("status", query.status.as_deref(), word);
    checks.finish()?;
    let by = if as_guide.unwrap_or_default() {
        app.db.find_guide_of(caller.user).await?.map(BookedBy::Guide)
    } else {
        Some(BookedBy::Traveler(caller.user))
    };
    let (user, selection) = (caller.user.to_string(), format!("{as_guide:?} {status:?}"));
    let scope = CursorScope {
        operation: "listGuideBookings",
        caller: &user,
        selection: &selection,
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    // Who is no guide has no bookings as one.
    let Some(by) = by else {
        return Ok(Reply::ok("Bookings found", Vec::new()).page(pages.pagination(None).await?));
    };
    let wanted = |booking: &GuideBooking| status.is_none_or(|status| booking.status == status);
    let page = app
        .db
        .list_guide_bookings(by, None, pages.size(), after, wanted)
        .await?;
    let pagination = pages.pagination(page.next.as_deref()).await?;
    let bookings = page.bookings.iter().map(GuideBookingResponse::from).collect();
    Ok(Reply::ok("Bookings found", bookings).page(pagination))
}

/// A booking, for the two who take part in it.
#[utoipa::path(get, path = "/api/v1/women-safety/bookings/{booking_id}", operation_id = "getGuideBooking", tag = "safety",
    security(("bearer" = [])), params(("booking_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The booking", body = Envelope<GuideBookingResponse>), Errors))]
pub(crate) async fn get_guide_booking(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<GuideBookingId>,
) -> Result<Reply<GuideBookingResponse>, ApiError> {
    let booking = app
        .find_guide_booking(&caller, id, GuideBookingAction::TakePart)
        .await?;
    Ok(Reply::ok("Booking found", GuideBookingResponse::from(&booking)).etag(booking.version))
}

impl App {
    /// A booking on which the caller may do `action`.
    pub(super) async fn find_guide_booking(
        &self,
        caller: &Caller,
        id: GuideBookingId,
        action: GuideBookingAction,
    ) -> Result<GuideBooking, ApiError> {
        let booking = self.db.find_guide_booking(id).await?;
        let booking = booking.ok_or_else(|| ApiError::not_found("booking"))?;
        let side = booking.side_of(caller.user);
        may_guide_booking(side, action).map_err(|denial| ApiError::denied(denial, "booking"))?;
        Ok(booking)
    }

    async fn book(
        &self,
        caller: &Caller,
        context: &Context,
        guide: GuideId,
        id: GuideBookingId,
        terms: &Terms,
        notes: Option<&str>,
    ) -> Result<GuideBooking, ApiError> {
        let record = context.record(caller.user, Action::GuideBooked, format!("guide-booking/{id}"));
        let mut tries = Tries::new(context);
        loop {
            let found = self.find_guide(guide).await?;
            let of = &found.guide;
            if of.user == caller.user {
                return Err(ApiError::new(Code::Forbidden).message("guides cannot book themselves"));
            }
            let most = of.profile.max_group_size;
            if terms.group_size > most {
                let message = format!("must be at most {most}: the guide takes no larger group");
                return Err(ApiError::field("group_size", "range", message));
            }
            of.bookable(context.now)
                .map_err(|error| ApiError::new(Code::Conflict).message(error.to_string()))?;
            let booking = GuideBooking::new(
                id,
                guide,
                of.user,
                caller.user,
                terms.clone(),
                notes.map(str::to_owned),
                of.profile.hourly_rate,
                context.now,
            )
            .map_err(|rule| Invalid::from(rule.of("end_date")))?;
            let transaction = Transaction::inserting_guide_booking(&found, &booking)?.audited(&record)?;
            if tries.commit(&self.db, transaction).await? {
                return Ok(booking);
            }
        }
    }
}
