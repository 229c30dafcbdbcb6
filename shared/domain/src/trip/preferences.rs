//! How the members of a trip like to travel, and what they want to spend.

use std::collections::BTreeMap;

use crate::{
    money::{Currency, Money},
    text::TextRule,
    validation::{Checks, Invalid, Rule},
};

/// Entries of each list of preferences at most.
pub const MAX_ENTRIES: usize = 50;

/// What a trip may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What all amounts are counted in.
    pub currency: Currency,
    /// For everything.
    pub total: Option<Money>,
    /// What was spent so far, by the travellers' own account.
    pub spent: Option<Money>,
    /// How much of it is meant for what, such as `accommodation`.
    pub categories: BTreeMap<String, Money>,
}

impl Budget {
    /// What has been given to a category; `None` when there are none.
    pub fn allocated(&self) -> Option<i64> {
        (!self.categories.is_empty()).then(|| self.categories.values().map(|money| money.minor).sum())
    }

    /// What is left of the total; negative when too much was spent.
    pub fn remaining(&self) -> Option<i64> {
        Some(self.total?.minor - self.spent.map_or(0, |spent| spent.minor))
    }
}

/// The name of a budget category: lower-case letters, digits and `_`.
///
/// # Errors
/// `characters` or a length.
pub fn category(name: &str) -> Result<String, Rule> {
    let name = TextRule::line(1, 40).parse(name)?;
    if name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    {
        Ok(name)
    } else {
        Err(Rule::new(
            "characters",
            "must have only lower-case letters, digits and `_`",
        ))
    }
}

/// Where to sleep.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccommodationWishes {
    /// Such as `hotel`.
    pub kind: Option<String>,
    /// 0 to 5.
    pub min_rating: Option<f64>,
    /// In the currency of the budget, or in US dollars.
    pub max_price_per_night: Option<Money>,
    /// Such as `wifi`.
    pub amenities: Vec<String>,
    /// Such as `city centre`.
    pub location_preference: Option<String>,
}

/// A value of an open map.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Scalar {
    Text(String),
    Integer(i64),
    Number(f64),
    Flag(bool),
}

/// How to get around.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TransportWishes {
    /// What the systems before this one kept here differs; whatever it is, it is scalar.
    pub flight_preferences: BTreeMap<String, Scalar>,
    /// Such as `metro`.
    pub local_transportation: Vec<String>,
    /// On one day, 1 to 72.
    pub max_travel_time_hours: Option<u32>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preferences {
    /// What it may cost.
    pub budget: Option<Budget>,
    /// Where to sleep.
    pub accommodation: Option<AccommodationWishes>,
    /// How to get around.
    pub transportation: Option<TransportWishes>,
    /// Such as `hiking`.
    pub activities: Vec<String>,
    /// Such as `vegan`.
    pub dietary_restrictions: Vec<String>,
    /// Such as `wheelchair`.
    pub accessibility_needs: Vec<String>,
    /// 1 to 100.
    pub group_size: Option<u32>,
    /// Such as `relaxed`.
    pub trip_style: Option<String>,
}

impl Preferences {
    /// Checks what belongs together.
    ///
    /// # Errors
    /// When the categories of the budget add up to more than its total.
    pub fn checked(self) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        if let Some(budget) = &self.budget {
            let affordable = budget
                .total
                .zip(budget.allocated())
                .is_none_or(|(total, allocated)| allocated <= total.minor);
            checks.ensure(
                affordable,
                "budget.categories",
                "order",
                "must not add up to more than the total",
            );
        }
        checks.finish()?;
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_adds_up() {
        let money = |minor| Money::new(minor, Currency::USD).unwrap();
        let budget = |total: i64, parts: &[i64]| Preferences {
            budget: Some(Budget {
                currency: Currency::USD,
                total: Some(money(total)),
                spent: Some(money(30)),
                categories: parts
                    .iter()
                    .enumerate()
                    .map(|(i, part)| (format!("c{i}"), money(*part)))
                    .collect(),
            }),
            ..Preferences::default()
        };
        let fits = budget(100, &[40, 60]).checked().unwrap().budget.unwrap();
        assert_eq!((fits.allocated(), fits.remaining()), (Some(100), Some(70)));
        assert!(budget(100, &[40, 61]).checked().is_err());
        assert_eq!(budget(10, &[]).budget.unwrap().remaining(), Some(-20));
    }

    #[test]
    fn a_category_is_a_plain_name() {
        assert!(category("food_2").is_ok());
        for name in ["", "Food", "a-b", "é", &"a".repeat(41)] {
            assert!(category(name).is_err(), "{name}");
        }
    }
}
