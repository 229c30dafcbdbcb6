use axum::extract::State;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    group::{Content, Group, Match, Reason, Wishes, matched},
    ids::GroupId,
    text::TextRule,
    user::profile::Gender,
    validation::Checks,
};
use tripsage_http::{ApiError, Caller, Context, Envelope, Errors, PageQuery, Pagination, Query, Reply};
use tripsage_store::{
    catalogue::{Facet, Kind, Order, Query as CatalogueQuery, Walk, Within},
    groups::{day_number, measures, tag_facet},
};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    group_body::{GroupBody, date},
    today,
};

/// Groups that are looked at for one answer: those of the newest that share an interest.
const CANDIDATES: usize = 100;

/// Entries on a page when the client does not say.
const PER_PAGE: u32 = 15;

/// What the caller wishes for, beside what their profile says.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MatchGroups {
    /// Interests, separated by commas; those of the profile count as well.
    #[param(max_length = 500)]
    interests: Option<String>,
    /// First day on which they could travel; together with `end_date`.
    #[param(value_type = Option<String>, format = Date)]
    start_date: Option<String>,
    /// Last day on which they could travel.
    #[param(value_type = Option<String>, format = Date)]
    end_date: Option<String>,
    /// Where they want to go.
    #[param(max_length = 200)]
    destination: Option<String>,
    /// How they like to travel; that of the profile, if not given.
    #[param(max_length = 50)]
    style: Option<String>,
    /// `true`: groups of women only, too. What the safety settings say, if not given.
    women_only: Option<bool>,
    /// Number of the page, from 1.
    #[param(minimum = 1, maximum = 50)]
    page: Option<u32>,
    /// Entries per page; 15 if not given.
    #[param(minimum = 1, maximum = 100)]
    per_page: Option<u32>,
}

/// Why a group suits the caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchReason {
    /// `interests`, `dates`, `destination` or `style`.
    kind: &'static str,
    /// The same for people.
    text: String,
    /// Interests that are shared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    interests: Vec<String>,
    /// Days of the journey on which the caller could travel.
    #[serde(skip_serializing_if = "Option::is_none")]
    overlap_days: Option<i32>,
}

/// A group that suits the caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchedGroup {
    /// The group.
    #[serde(flatten)]
    group: GroupBody,
    /// How well it suits, from 0 to 100, of what was wished for: interests count 50, dates 25, the destination 15, and
    /// the style 10, each as far as something was wished for.
    score: u32,
    /// Why.
    reasons: Vec<MatchReason>,
}

/// A page of groups that suit the caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchedGroups {
    /// The best first; of equals the one that begins first.
    matched_groups: Vec<MatchedGroup>,
    /// As beside `data`.
    pagination: Pagination,
}

/// Groups that suit the caller: with a place left and an interest in common, in which they do not stand yet. Groups of
/// women only are among them for women who prefer that. The newest 100 that share an interest are looked at.
#[utoipa::path(get, path = "/api/v1/travel-groups/matching", operation_id = "matchGroups", tag = "groups",
    security(("bearer" = [])), params(MatchGroups),
    responses((status = 200, description = "A page of them", body = Envelope<MatchedGroups>), Errors))]
pub(crate) async fn match_groups(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    Query(query): Query<MatchGroups>,
) -> Result<Reply<MatchedGroups>, ApiError> {
    let pages = PageQuery {
        cursor: None,
        page: query.page,
        per_page: Some(query.per_page.unwrap_or(PER_PAGE)),
    };
    let per_page = pages.checked()?;
    let wants_women_only = query.women_only;
    let mut wishes = query.into_wishes()?;
    let user = app.db.find_user(caller.user).await?;
    let user = user.ok_or_else(|| ApiError::not_found("user"))?.item;
    wishes.interests.extend(user.travel_interests);
    wishes.style = wishes.style.or(user.travel_style);
    let women_only = user.gender == Some(Gender::Woman) && app.prefers_women_only(&caller, wants_women_only).await?;
    let groups = app.candidates(&caller, &context, &wishes, women_only).await?;
    let (page, pagination, _) = pages.slice(per_page, matched(groups, &wishes), None);
    let today = today(&context);
    let body = |found: Match| MatchedGroup {
        group: GroupBody::new(&found.group, today, found.group.shows_members()),
        score: found.score,
        reasons: found.reasons.into_iter().map(MatchReason::from).collect(),
    };
    let matched_groups = page.into_iter().map(body).collect();
    let body = MatchedGroups {
        matched_groups,
        pagination: pagination.clone(),
    };
    Ok(Reply::ok("Groups matched", body).page(pagination))
}

impl MatchGroups {
    fn into_wishes(self) -> Result<Wishes, ApiError> {
        let mut checks = Checks::default();
        let interests = checks.optional("interests", self.interests, |text| {
            let names: Vec<String> = text
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect();
            Content::parse_tags(&names)
        });
        let both = self.start_date.is_some() == self.end_date.is_some();
        checks.ensure(both, "end_date", "required", "must be given together with start_date");
        let start = checks.optional("start_date", self.start_date, date);
        let end = checks.optional("end_date", self.end_date, date);
        let dates = start.zip(end);
        let ordered = dates.is_none_or(|(start, end)| start <= end);
        checks.ensure(ordered, "end_date", "order", "must not be before start_date");
        let text = |most| move |text: String| TextRule::line(1, most).parse(&text);
        let destination = checks.optional("destination", self.destination, text(200));
        let style = checks.optional("style", self.style, text(50));
        checks.finish()?;
        Ok(Wishes {
            interests: interests.unwrap_or_default(),
            dates,
            destination,
            style,
        })
    }
}

impl From<Reason> for MatchReason {
    fn from(reason: Reason) -> Self {
        let (mut interests, mut overlap_days) = (Vec::new(), None);
        let (kind, text) = match reason {
            Reason::Interests(shared) => {
                let text = format!("shares your interest in {}", shared.join(", "));
                interests = shared;
                ("interests", text)
            }
            Reason::Dates(overlap, journey) => {
                overlap_days = Some(overlap);
                let text = format!("you could travel on {overlap} of its {journey} days");
                ("dates", text)
            }
            Reason::Destination(place) => ("destination", format!("goes to {place}")),
            Reason::Style(style) => ("style", format!("travels the way you do: {style}")),
        };
        Self {
            kind,
            text,
            interests,
            overlap_days,
        }
    }
}

impl App {
    /// Groups that may suit, with a place left, in which the caller does not stand.
    async fn candidates(
        &self,
        caller: &Caller,
        context: &Context,
        wishes: &Wishes,
        women_only: bool,
    ) -> Result<Vec<Group>, ApiError> {
        let interests: Vec<Facet> = wishes
            .interests
            .iter()
            .filter_map(|interest| tag_facet(interest))
            .collect();
        if interests.is_empty() {
            return Ok(Vec::new());
        }
        let today = today(context);
        let query = CatalogueQuery {
            kind: Kind::Group,
            all_of: vec![interests],
            ranges: vec![
                Within::at_least(measures::FREE, 1),
                Within::at_least(measures::END, day_number(today)),
            ],
            listed_since: None,
            order: Order::Newest,
            limit: CANDIDATES,
            skip: 0,
        };
        let found = self.db.walk(&query, &Walk::begin(context.now)).await?;
        let ids: Vec<GroupId> = found.ids.iter().copied().map(GroupId::from_uuid).collect();
        let (mut groups, own) =
            tokio::try_join!(self.db.find_groups(&ids), self.db.find_memberships(caller.user, &ids))?;
        groups.retain(|group| {
            let stands = own.iter().any(|row| row.group == group.id);
            let suits = women_only || !group.content.is_women_only;
            !stands && suits && group.free() > 0 && !group.has_ended(today)
        });
        Ok(groups)
    }

    /// Whether groups of women only are wished for: as the request says, or else the caller's safety settings.
    async fn prefers_women_only(&self, caller: &Caller, asked: Option<bool>) -> Result<bool, ApiError> {
        match asked {
            Some(asked) => Ok(asked),
            None => Ok(self.db.women_only_preference(caller.user).await?),
        }
    }
}
