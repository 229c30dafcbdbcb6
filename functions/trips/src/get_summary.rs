use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use jiff::civil::Date;
use serde::Serialize;
use tripsage_domain::{
    ids::TripId,
    money::{Currency, Money},
    trip::{Budget, Cost, Costs, Item, ItemStatus, ItemType, completion, costs},
};
use tripsage_http::{ApiError, Caller, Envelope, Errors, Path, Reply};
use utoipa::ToSchema;

use crate::App;

/// A trip in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SummaryResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// What it is called.
    title: String,
    /// Its days.
    date_range: DateRange,
    /// Days from the first to the last, both included.
    duration_days: i32,
    /// Names of its destinations.
    destinations: Vec<String>,
    /// Stays that are not cancelled.
    accommodation_summary: Counts,
    /// Flights and other transport that are not cancelled.
    transportation_summary: Counts,
    /// What it may cost and what it does.
    budget_summary: BudgetSummary,
    /// Whether anything is planned.
    has_itinerary: bool,
    /// How far the planning is: the mean of the shares of days with something planned, of nights with a place to sleep
    /// or on the way, and of bookable items that are booked; shares that do not apply are left out, cancelled items do
    /// not count.
    #[schema(minimum = 0, maximum = 100)]
    completion_percentage: u32,
}

/// First and last day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DateRange {
    #[schema(value_type = String, format = Date)]
    start_date: Date,
    #[schema(value_type = String, format = Date)]
    end_date: Date,
}

/// How many items there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counts {
    /// All of them.
    total: usize,
    /// Those that are booked.
    booked: usize,
}

/// What a trip may cost, from its preferences, and what its items cost. Amounts in other currencies than the budget's are
/// in `by_currency` and nowhere else: different currencies are never added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BudgetSummary {
    /// The budget's, or the only one that items have, or USD.
    currency: &'static str,
    /// The budget.
    total: Option<String>,
    /// Items in this currency that are not cancelled.
    planned: String,
    /// Those that are booked.
    spent: String,
    /// The budget less what is spent; negative when it is overspent.
    remaining: Option<String>,
    /// For each category with a budget or a cost.
    breakdown: BTreeMap<String, CategorySummary>,
    /// What the items cost in each currency.
    by_currency: Vec<CurrencySummary>,
}

/// One category of the budget.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CategorySummary {
    /// What it may cost.
    budget: Option<String>,
    /// Items that are not cancelled.
    planned: String,
    /// Those that are booked.
    spent: String,
}

/// What items cost in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CurrencySummary {
    /// ISO 4217 code.
    currency: &'static str,
    /// Items that are not cancelled.
    planned: String,
    /// Those that are booked.
    spent: String,
    /// The same for each category.
    categories: BTreeMap<&'static str, CategorySummary>,
}

/// A trip in short: dates, money, and how far the planning is.
#[utoipa::path(get, path = "/api/v1/trips/{trip_id}/summary", operation_id = "getTripSummary", tag = "trips",
    security(("bearer" = [])), params(("trip_id" = String, Path, format = Uuid)),
    responses((status = 200, description = "The summary", body = Envelope<SummaryResponse>), Errors))]
pub(crate) async fn get_trip_summary(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TripId>,
) -> Result<Reply<SummaryResponse>, ApiError> {
    let (trip, items) = app.view_plan(&caller, id).await?;
    let content = &trip.content;
    let response = SummaryResponse {
        id: id.to_string(),
        title: content.title.clone(),
        date_range: DateRange {
            start_date: content.start_date,
            end_date: content.end_date,
        },
        duration_days: content.duration_days(),
        destinations: content.destinations.iter().map(|place| place.name.clone()).collect(),
        accommodation_summary: Counts::of(&items, &[ItemType::Accommodation]),
        transportation_summary: Counts::of(&items, &[ItemType::Flight, ItemType::Transport]),
        budget_summary: BudgetSummary::new(content.preferences.budget.as_ref(), &costs(&items)),
        has_itinerary: !items.is_empty(),
        completion_percentage: completion(content, &items),
    };
    Ok(Reply::ok("Summary found", response).etag(trip.sequence))
}

impl Counts {
    fn of(items: &[Item], types: &[ItemType]) -> Self {
        let all = items
            .iter()
            .filter(|item| types.contains(&item.plan.details.item_type()));
        let kept: Vec<&Item> = all.filter(|item| item.plan.status != ItemStatus::Cancelled).collect();
        Self {
            total: kept.len(),
            booked: kept
                .iter()
                .filter(|item| item.plan.status == ItemStatus::Booked)
                .count(),
        }
    }
}

fn decimal(minor: i64, currency: Currency) -> String {
    Money { minor, currency }.decimal()
}

impl BudgetSummary {
    fn new(budget: Option<&Budget>, costs: &[Costs]) -> Self {
        let only = match costs {
            [one] => Some(one.currency),
            _ => None,
        };
        let currency = budget.map(|budget| budget.currency).or(only).unwrap_or(Currency::USD);
        let own = costs.iter().find(|costs| costs.currency == currency);
        let spent = own.map_or(0, |own| own.total.booked);
        let total = budget.and_then(|budget| budget.total);
        let mut names: BTreeSet<&str> = own.iter().flat_map(|own| own.categories.keys().copied()).collect();
        names.extend(
            budget
                .iter()
                .flat_map(|budget| budget.categories.keys().map(String::as_str)),
        );
        let category = |name: &str| {
            let cost = own
                .and_then(|own| own.categories.get(name))
                .copied()
                .unwrap_or_default();
            let planned = budget.and_then(|budget| budget.categories.get(name));
            CategorySummary::new(cost, currency, planned.copied())
        };
        Self {
            currency: currency.code(),
            total: total.map(Money::decimal),
            planned: decimal(own.map_or(0, |own| own.total.planned), currency),
            spent: decimal(spent, currency),
            remaining: total.map(|total| decimal(total.minor - spent, currency)),
            breakdown: names
                .into_iter()
                .map(|name| (name.to_owned(), category(name)))
                .collect(),
            by_currency: costs.iter().map(CurrencySummary::new).collect(),
        }
    }
}

impl CategorySummary {
    fn new(cost: Cost, currency: Currency, budget: Option<Money>) -> Self {
        Self {
            budget: budget.map(Money::decimal),
            planned: decimal(cost.planned, currency),
            spent: decimal(cost.booked, currency),
        }
    }
}

impl CurrencySummary {
    fn new(costs: &Costs) -> Self {
        let categories = costs.categories.iter();
        Self {
            currency: costs.currency.code(),
            planned: decimal(costs.total.planned, costs.currency),
            spent: decimal(costs.total.booked, costs.currency),
            categories: categories
                .map(|(name, cost)| (*name, CategorySummary::new(*cost, costs.currency, None)))
                .collect(),
        }
    }
}
