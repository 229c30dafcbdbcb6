//! Reviews of guides, by those whom they have guided.

use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use tripsage_cache::Tag;
use tripsage_domain::{
    audit::Action,
    guide::{BookingStatus, Guide, GuideBooking},
    ids::{GuideBookingId, GuideId, ReviewId},
    policy::{GuideBookingAction, ReviewAction, may_review},
    validation::{Checks, Invalid},
};
use tripsage_http::{
    ApiError, Caller, Code, Context, CursorScope, Envelope, Errors, Json, MaybeCaller, PageQuery, Path, Principal,
    Query, Reply,
};
use tripsage_store::{
    StoreError, Transaction,
    guides::{BookedBy, ReviewRow},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    Tries,
    fields::{TEXT, between},
    guide_body::TITLE,
    review_body::ReviewResponse,
};
use crate::App;

/// What is said of a guide.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateReview {
    /// The completed booking that it is about; the newest one without a review when it is not given.
    #[schema(format = Uuid)]
    booking_id: Option<String>,
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    rating: Option<u32>,
    /// What it is called.
    #[schema(max_length = 200)]
    review_title: Option<String>,
    /// What it says.
    #[schema(max_length = 2000)]
    review_text: Option<String>,
    /// How safe it was.
    #[schema(minimum = 1, maximum = 5)]
    safety_rating: Option<u32>,
    /// How much the guide knew.
    #[schema(minimum = 1, maximum = 5)]
    knowledge_rating: Option<u32>,
    /// How well they said it.
    #[schema(minimum = 1, maximum = 5)]
    communication_rating: Option<u32>,
    /// How professional they were.
    #[schema(minimum = 1, maximum = 5)]
    professionalism_rating: Option<u32>,
    /// Whether it was worth the money.
    #[schema(minimum = 1, maximum = 5)]
    value_for_money_rating: Option<u32>,
}

/// What a review says, apart from what it is about.
#[derive(Debug, Clone)]
struct Said {
    booking: Option<GuideBookingId>,
    rating: u32,
    title: Option<String>,
    text: Option<String>,
    aspects: [Option<u32>; 5],
}

impl CreateReview {
    fn into_said(self) -> Result<Said, Invalid> {
        let mut checks = Checks::default();
        let stars = |stars: u32| between(stars, 1, 5);
        let booking = checks.optional("booking_id", self.booking_id, |text| {
            let wrong = || tripsage_domain::validation::Rule::new("id", "must be the id of a booking");
            text.parse().map_err(|_| wrong())
        });
        let rating = checks.required("rating", self.rating, stars);
        let title = checks.optional("review_title", self.review_title, |text| TITLE.parse(&text));
        let text = checks.optional("review_text", self.review_text, |text| TEXT.parse(&text));
        let aspects = [
            checks.optional("safety_rating", self.safety_rating, stars),
            checks.optional("knowledge_rating", self.knowledge_rating, stars),
            checks.optional("communication_rating", self.communication_rating, stars),
            checks.optional("professionalism_rating", self.professionalism_rating, stars),
            checks.optional("value_for_money_rating", self.value_for_money_rating, stars),
        ];
        checks.build(|| {
            Some(Said {
                booking,
                rating: rating?,
                title,
                text,
                aspects,
            })
        })
    }
}

/// Reviews a guide, after a booking that was completed; each booking once.
#[utoipa::path(post, path = "/api/v1/women-safety/guides/{guide_id}/reviews", operation_id = "createGuideReview",
    tag = "safety", security(("bearer" = [])), params(("guide_id" = String, Path, format = Uuid)),
    request_body = CreateReview,
    responses((status = 201, description = "The review", body = Envelope<ReviewResponse>), Errors))]
pub(crate) async fn create_guide_review(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Path(guide): Path<GuideId>,
    Json(request): Json<CreateReview>,
) -> Result<Reply<ReviewResponse>, ApiError> {
    let id = ReviewId::from_uuid(context.new_id("guide review"));
    // Whether there is such a guide comes first.
    app.find_guide(guide).await?;
    let said = request.into_said()?;
    if context.resumed()
        && let Some(written) = app.written_before(&caller, guide, id).await?
    {
        let shown = app.with_helpful(vec![written]).await?.pop();
        let shown = shown.ok_or_else(|| ApiError::not_found("review"))?;
        return Ok(Reply::created("Review added", shown));
    }
    let record = context.record(caller.user, Action::GuideReviewed, format!("guide/{guide}"));
    let mut tries = Tries::new(&context);
    let written = loop {
        let found = app.find_guide(guide).await?;
        let booking = app.booking_to_review(&caller, guide, said.booking).await?;
        let review = review(id, &caller, &booking, &said, context.now);
        let transaction = Transaction::reviewing_guide(&found, &booking, &review)?.audited(&record)?;
        if tries.commit(&app.db, transaction).await? {
            break review;
        }
    };
    app.edge.bump(&Tag::Guides).await;
    Ok(Reply::created("Review added", ReviewResponse::new(written, 0)))
}

fn review(id: ReviewId, caller: &Caller, booking: &GuideBooking, said: &Said, now: Timestamp) -> ReviewRow {
    let [safety, knowledge, communication, professionalism, value_for_money] = said.aspects;
    ReviewRow {
        id,
        guide: booking.guide,
        traveler: Some(caller.user),
        booking: booking.id,
        rating: said.rating,
        title: said.title.clone(),
        text: said.text.clone(),
        safety,
        knowledge,
        communication,
        professionalism,
        value_for_money,
        tour_date: booking.terms.start,
        tour_type: booking.terms.activity_type.clone(),
        group_size: booking.terms.group_size,
        created_at: now,
        hidden: None,
    }
}

/// Where in the list to go on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListReviews {
    /// The `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
    /// Entries per page.
    #[param(minimum = 1, maximum = 100)]
    pub(super) per_page: Option<u32>,
}

/// Reviews of a guide, newest first. One that a moderator has hidden is there for its author and for moderators. A page may
/// hold fewer than were asked for and still have more after it.
#[utoipa::path(get, path = "/api/v1/women-safety/guides/{guide_id}/reviews", operation_id = "listGuideReviews",
    tag = "safety", params(("guide_id" = String, Path, format = Uuid), ListReviews),
    responses((status = 200, description = "A page of reviews", body = Envelope<Vec<ReviewResponse>>), Errors))]
pub(crate) async fn list_guide_reviews(
    State(app): State<App>,
    MaybeCaller(caller): MaybeCaller,
    context: Context,
    Path(guide): Path<GuideId>,
    Query(query): Query<ListReviews>,
) -> Result<Reply<Vec<ReviewResponse>>, ApiError> {
    let found = app.find_guide(guide).await?.guide;
    let per_page = PageQuery::checked_per_page(query.per_page)?;
    let id = guide.to_string();
    let scope = CursorScope {
        operation: "listGuideReviews",
        caller: &id,
        selection: "",
    };
    let pages = app.edge.cursor_pages(scope, per_page, context.now);
    let after = pages.after(query.cursor.as_deref()).await?;
    let is_seen = |review: &ReviewRow| sees(caller.as_ref(), &found, review);
    let page = app.db.list_guide_reviews(guide, pages.size(), after, is_seen).await?;
    let pagination = pages.pagination(page.next.as_deref()).await?;
    let reviews = app.with_helpful(page.items).await?;
    Ok(Reply::ok("Reviews found", reviews).page(pagination))
}

/// Whether somebody may read a review.
pub(super) fn sees(caller: Option<&Principal>, guide: &Guide, review: &ReviewRow) -> bool {
    let hidden = review.hidden.is_some();
    may_review(caller, review.traveler, guide.user, hidden, ReviewAction::View).is_ok()
}

impl App {
    /// Reviews as clients read them, with how many found each of them helpful.
    pub(super) async fn with_helpful(&self, rows: Vec<ReviewRow>) -> Result<Vec<ReviewResponse>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<ReviewId> = rows.iter().map(|row| row.id).collect();
        let standings = self.db.find_review_standings(&ids).await?;
        let shown = rows.into_iter().map(|row| {
            let standing = standings.iter().find(|standing| standing.id == row.id);
            let helpful = standing.map_or(0, |standing| standing.helpful);
            ReviewResponse::new(row, helpful)
        });
        Ok(shown.collect())
    }

    /// The review that an earlier attempt at the same request has written.
    async fn written_before(
        &self,
        caller: &Caller,
        guide: GuideId,
        id: ReviewId,
    ) -> Result<Option<ReviewRow>, ApiError> {
        let by = BookedBy::Traveler(caller.user);
        let is_it = |booking: &GuideBooking| booking.review.is_some_and(|review| review.id == id);
        let page = self.db.list_guide_bookings(by, Some(guide), 1, None, is_it).await?;
        Ok(match page.bookings.first() {
            Some(booking) => self.db.find_guide_review(booking).await?,
            None => None,
        })
    }

    /// The completed booking that the caller may review: the one that is named, or the newest that has no review.
    async fn booking_to_review(
        &self,
        caller: &Caller,
        guide: GuideId,
        named: Option<GuideBookingId>,
    ) -> Result<GuideBooking, ApiError> {
        let completed = |booking: &GuideBooking| booking.guide == guide && booking.status == BookingStatus::Completed;
        let reviewed = || ApiError::new(Code::AlreadyExists).message("the booking was reviewed already");
        let not_yet = || ApiError::new(Code::Forbidden).message("only a completed booking can be reviewed");
        if let Some(id) = named {
            let booking = self.find_guide_booking(caller, id, GuideBookingAction::Review).await?;
            return match booking {
                booking if !completed(&booking) => Err(not_yet()),
                booking if booking.review.is_some() => Err(reviewed()),
                booking => Ok(booking),
            };
        }
        let by = BookedBy::Traveler(caller.user);
        let open = |booking: &GuideBooking| completed(booking) && booking.review.is_none();
        let page = self.db.list_guide_bookings(by, Some(guide), 1, None, open).await?;
        if let Some(booking) = page.bookings.into_iter().next() {
            return Ok(booking);
        }
        let page = self.db.list_guide_bookings(by, Some(guide), 1, None, completed).await?;
        Err(if page.bookings.is_empty() {
            not_yet()
        } else {
            reviewed()
        })
    }
}
