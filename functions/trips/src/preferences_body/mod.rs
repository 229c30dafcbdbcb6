//! Preferences of a trip as clients write and read them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tripsage_domain::{
    money::{Currency, Money},
    text::{TextRule, tags},
    trip::{AccommodationWishes, Budget, MAX_ENTRIES, Preferences, Scalar, TransportWishes, category},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::Amount;
use utoipa::ToSchema;

const WORD: TextRule = TextRule::line(1, 100);

/// How the members of a trip like to travel.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PreferencesFields {
    /// What it may cost.
    budget: Option<BudgetFields>,
    /// Where to sleep.
    accommodation: Option<AccommodationFields>,
    /// How to get around.
    transportation: Option<TransportFields>,
    /// Such as `hiking`.
    #[schema(max_items = 50)]
    activities: Vec<String>,
    /// Such as `vegan`.
    #[schema(max_items = 50)]
    dietary_restrictions: Vec<String>,
    /// Such as `wheelchair`.
    #[schema(max_items = 50)]
    accessibility_needs: Vec<String>,
    /// How many travel together.
    #[schema(minimum = 1, maximum = 100)]
    group_size: Option<u32>,
    /// Such as `relaxed`.
    #[schema(max_length = 100)]
    trip_style: Option<String>,
}

/// A budget, in either of the two shapes that clients use: `total_budget` with `categories`, or `total` with an amount
/// for each category (`accommodation_budget` and so on). Answers have `total`, `total_budget` and `categories`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BudgetFields {
    /// ISO 4217 code; USD unless given.
    #[schema(example = "EUR")]
    currency: Option<String>,
    /// For everything.
    total: Option<Amount>,
    /// The same as `total`.
    total_budget: Option<Amount>,
    /// What was spent so far.
    spent: Option<Amount>,
    /// Sum of the categories; computed, and what is sent is not kept.
    allocated: Option<Amount>,
    /// `total` less `spent`; computed, and what is sent is not kept.
    remaining: Option<serde_json::Value>,
    /// How much is meant for what.
    categories: BTreeMap<String, Amount>,
    /// The category `accommodation`.
    #[serde(skip_serializing)]
    accommodation_budget: Option<Amount>,
    /// The category `transportation`.
    #[serde(skip_serializing)]
    transportation_budget: Option<Amount>,
    /// The category `food`.
    #[serde(skip_serializing)]
    food_budget: Option<Amount>,
    /// The category `activities`.
    #[serde(skip_serializing)]
    activities_budget: Option<Amount>,
    /// The category `miscellaneous`.
    #[serde(skip_serializing)]
    miscellaneous_budget: Option<Amount>,
}

/// Where to sleep.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AccommodationFields {
    /// Such as `hotel`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// 0 to 5.
    #[schema(minimum = 0, maximum = 5)]
    min_rating: Option<f64>,
    /// In the currency of the budget.
    max_price_per_night: Option<Amount>,
    /// Such as `wifi`.
    #[schema(max_items = 50)]
    amenities: Vec<String>,
    /// Such as `city centre`.
    location_preference: Option<String>,
}

/// How to get around.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TransportFields {
    /// An open map of texts, numbers, and `true` or `false`.
    #[schema(value_type = Object)]
    flight_preferences: BTreeMap<String, serde_json::Value>,
    /// Such as `metro`.
    #[schema(max_items = 50)]
    local_transportation: Vec<String>,
    /// On one day.
    #[schema(minimum = 1, maximum = 72)]
    max_travel_time_hours: Option<u32>,
}

impl PreferencesFields {
    pub(crate) fn into_preferences(self) -> Result<Preferences, Invalid> {
        let mut checks = Checks::default();
        let budget = self
            .budget
            .and_then(|budget| checks.nested("budget", budget.into_budget()));
        let currency = budget.as_ref().map_or(Currency::USD, |budget| budget.currency);
        let accommodation = self
            .accommodation
            .and_then(|wishes| checks.nested("accommodation", wishes.into_wishes(currency)));
        let transportation = self
            .transportation
            .and_then(|wishes| checks.nested("transportation", wishes.into_wishes()));
        let preferences = Preferences {
            budget,
            accommodation,
            transportation,
            activities: words(&mut checks, "activities", &self.activities),
            dietary_restrictions: words(&mut checks, "dietary_restrictions", &self.dietary_restrictions),
            accessibility_needs: words(&mut checks, "accessibility_needs", &self.accessibility_needs),
            group_size: checks.optional("group_size", self.group_size, |size| between(size, 1, 100)),
            trip_style: checks.optional("trip_style", self.trip_style, |text| WORD.parse(&text)),
        };
        checks.finish()?;
        preferences.checked()
    }

    pub(crate) fn new(preferences: &Preferences) -> Self {
        Self {
            budget: preferences.budget.as_ref().map(BudgetFields::new),
            accommodation: preferences.accommodation.as_ref().map(AccommodationFields::new),
            transportation: preferences.transportation.as_ref().map(TransportFields::new),
            activities: preferences.activities.clone(),
            dietary_restrictions: preferences.dietary_restrictions.clone(),
            accessibility_needs: preferences.accessibility_needs.clone(),
            group_size: preferences.group_size,
            trip_style: preferences.trip_style.clone(),
        }
    }
}

fn words(checks: &mut Checks, field: &str, list: &[String]) -> Vec<String> {
    checks.take(field, tags(list, MAX_ENTRIES, WORD)).unwrap_or_default()
}

fn between(number: u32, least: u32, most: u32) -> Result<u32, Rule> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(Rule::new("range", format!("must be between {least} and {most}")))
    }
}

impl BudgetFields {
    fn into_budget(self) -> Result<Budget, Invalid> {
        let mut checks = Checks::default();
        let currency = match self.currency {
            Some(code) => checks.take("currency", Currency::parse(&code)),
            None => Some(Currency::USD),
        };
        let Some(currency) = currency else {
            return checks.build(|| None);
        };
        let amount = |checks: &mut Checks, field: &str, amount: Option<Amount>| {
            checks.optional(field, amount, |amount| amount.parse(currency))
        };
        let total = amount(&mut checks, "total", self.total);
        let total_budget = amount(&mut checks, "total_budget", self.total_budget);
        let agree = total.zip(total_budget).is_none_or(|(a, b)| a == b);
        checks.ensure(agree, "total_budget", "same", "must be the same as `total`");
        let spent = amount(&mut checks, "spent", self.spent);
        let few = self.categories.len() <= MAX_ENTRIES;
        checks.ensure(
            few,
            "categories",
            "max_items",
            format!("must have at most {MAX_ENTRIES} entries"),
        );
        let mut categories = BTreeMap::new();
        for (name, value) in self.categories.into_iter().take(MAX_ENTRIES) {
            let field = "categories";
            let name = checks.take(field, category(&name));
            let value = amount(&mut checks, field, Some(value));
            categories.extend(name.zip(value));
        }
        for (name, value) in [
            ("accommodation", self.accommodation_budget),
            ("transportation", self.transportation_budget),
            ("food", self.food_budget),
            ("activities", self.activities_budget),
            ("miscellaneous", self.miscellaneous_budget),
        ] {
            let Some(value) = amount(&mut checks, &format!("{name}_budget"), value) else {
                continue;
            };
            let other = categories.insert(name.to_owned(), value);
            let agree = other.is_none_or(|other| other == value);
            checks.ensure(
                agree,
                &format!("{name}_budget"),
                "same",
                format!("must be the same as `categories.{name}`"),
            );
        }
        checks.finish()?;
        Ok(Budget {
            currency,
            total: total.or(total_budget),
            spent,
            categories,
        })
    }

    fn new(budget: &Budget) -> Self {
        let shown = |minor: i64| {
            Amount::new(&Money {
                minor,
                currency: budget.currency,
            })
        };
        let remaining = budget.remaining().map(|minor| {
            Money {
                minor,
                currency: budget.currency,
            }
            .decimal()
            .into()
        });
        Self {
            currency: Some(budget.currency.code().to_owned()),
            total: budget.total.as_ref().map(Amount::new),
            total_budget: budget.total.as_ref().map(Amount::new),
            spent: budget.spent.as_ref().map(Amount::new),
            allocated: budget.allocated().map(shown),
            remaining,
            categories: budget
                .categories
                .iter()
                .map(|(name, money)| (name.clone(), Amount::new(money)))
                .collect(),
            ..Self::default()
        }
    }
}

impl AccommodationFields {
    fn into_wishes(self, currency: Currency) -> Result<AccommodationWishes, Invalid> {
        let mut checks = Checks::default();
        let rating = |rating: f64| {
            if (0.0..=5.0).contains(&rating) {
                Ok(rating)
            } else {
                Err(Rule::new("range", "must be between 0 and 5"))
            }
        };
        let wishes = AccommodationWishes {
            kind: checks.optional("type", self.kind, |text| WORD.parse(&text)),
            min_rating: checks.optional("min_rating", self.min_rating, rating),
            max_price_per_night: checks.optional("max_price_per_night", self.max_price_per_night, |amount| {
                amount.parse(currency)
            }),
            amenities: words(&mut checks, "amenities", &self.amenities),
            location_preference: checks.optional("location_preference", self.location_preference, |text| {
                WORD.parse(&text)
            }),
        };
        checks.finish()?;
        Ok(wishes)
    }

    fn new(wishes: &AccommodationWishes) -> Self {
        Self {
            kind: wishes.kind.clone(),
            min_rating: wishes.min_rating,
            max_price_per_night: wishes.max_price_per_night.as_ref().map(Amount::new),
            amenities: wishes.amenities.clone(),
            location_preference: wishes.location_preference.clone(),
        }
    }
}

impl TransportFields {
    fn into_wishes(self) -> Result<TransportWishes, Invalid> {
        let mut checks = Checks::default();
        let few = self.flight_preferences.len() <= MAX_ENTRIES;
        let message = format!("must have at most {MAX_ENTRIES} entries");
        checks.ensure(few, "flight_preferences", "max_items", message);
        let mut flight_preferences = BTreeMap::new();
        for (name, value) in self.flight_preferences.into_iter().take(MAX_ENTRIES) {
            let name = checks.take("flight_preferences", WORD.parse(&name));
            let value = checks.take("flight_preferences", scalar(value));
            flight_preferences.extend(name.zip(value));
        }
        let wishes = TransportWishes {
            flight_preferences,
            local_transportation: words(&mut checks, "local_transportation", &self.local_transportation),
            max_travel_time_hours: checks.optional("max_travel_time_hours", self.max_travel_time_hours, |hours| {
                between(hours, 1, 72)
            }),
        };
        checks.finish()?;
        Ok(wishes)
    }

    fn new(wishes: &TransportWishes) -> Self {
        let json = |value: &Scalar| match value {
            Scalar::Text(text) => text.clone().into(),
            Scalar::Integer(number) => (*number).into(),
            Scalar::Number(number) => (*number).into(),
            Scalar::Flag(flag) => (*flag).into(),
        };
        let flights = wishes.flight_preferences.iter();
        Self {
            flight_preferences: flights.map(|(name, value)| (name.clone(), json(value))).collect(),
            local_transportation: wishes.local_transportation.clone(),
            max_travel_time_hours: wishes.max_travel_time_hours,
        }
    }
}

fn scalar(value: serde_json::Value) -> Result<Scalar, Rule> {
    use serde_json::Value;
    let wrong = || Rule::new("type", "must have only texts, numbers, true and false as values");
    match value {
        Value::String(text) => Ok(Scalar::Text(TextRule::line(0, 200).parse(&text)?)),
        Value::Bool(flag) => Ok(Scalar::Flag(flag)),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Ok(Scalar::Integer(integer)),
            (None, Some(float)) if float.abs() < 1e15 => Ok(Scalar::Number(float)),
            _ => Err(Rule::new("range", "must not have numbers beyond 10^15")),
        },
        Value::Null | Value::Array(_) | Value::Object(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests;
