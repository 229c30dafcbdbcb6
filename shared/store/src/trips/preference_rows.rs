//! Preferences of a trip as they are stored, within its content.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tripsage_domain::{
    money::{Currency, Money},
    trip::{AccommodationWishes, Budget, Preferences, Scalar, TransportWishes},
};

use crate::{StoreError, trips::rows::corrupt};

/// An amount of money: its decimal text and the currency's code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MoneyRow {
    amount: String,
    currency: String,
}

impl From<&Money> for MoneyRow {
    fn from(money: &Money) -> Self {
        Self {
            amount: money.decimal(),
            currency: money.currency.code().to_owned(),
        }
    }
}

impl MoneyRow {
    pub(crate) fn into_money(self) -> Result<Money, StoreError> {
        let currency = Currency::parse(&self.currency).map_err(corrupt)?;
        Money::parse_decimal(&self.amount, currency).map_err(corrupt)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PreferencesRow {
    budget: Option<BudgetRow>,
    accommodation: Option<AccommodationRow>,
    transportation: Option<TransportRow>,
    activities: Vec<String>,
    dietary_restrictions: Vec<String>,
    accessibility_needs: Vec<String>,
    group_size: Option<u32>,
    trip_style: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct BudgetRow {
    currency: String,
    total: Option<MoneyRow>,
    spent: Option<MoneyRow>,
    categories: BTreeMap<String, MoneyRow>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct AccommodationRow {
    kind: Option<String>,
    min_rating: Option<f64>,
    max_price_per_night: Option<MoneyRow>,
    amenities: Vec<String>,
    location_preference: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TransportRow {
    flight_preferences: BTreeMap<String, ScalarRow>,
    local_transportation: Vec<String>,
    max_travel_time_hours: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum ScalarRow {
    Flag(bool),
    Integer(i64),
    Number(f64),
    Text(String),
}

impl From<&Preferences> for PreferencesRow {
    fn from(preferences: &Preferences) -> Self {
        Self {
            budget: preferences.budget.as_ref().map(BudgetRow::from),
            accommodation: preferences.accommodation.as_ref().map(AccommodationRow::from),
            transportation: preferences.transportation.as_ref().map(TransportRow::from),
            activities: preferences.activities.clone(),
            dietary_restrictions: preferences.dietary_restrictions.clone(),
            accessibility_needs: preferences.accessibility_needs.clone(),
            group_size: preferences.group_size,
            trip_style: preferences.trip_style.clone(),
        }
    }
}

impl PreferencesRow {
    pub(crate) fn into_preferences(self) -> Result<Preferences, StoreError> {
        Ok(Preferences {
            budget: self.budget.map(BudgetRow::into_budget).transpose()?,
            accommodation: self.accommodation.map(AccommodationRow::into_wishes).transpose()?,
            transportation: self.transportation.map(TransportRow::into_wishes),
            activities: self.activities,
            dietary_restrictions: self.dietary_restrictions,
            accessibility_needs: self.accessibility_needs,
            group_size: self.group_size,
            trip_style: self.trip_style,
        })
    }
}

impl From<&Budget> for BudgetRow {
    fn from(budget: &Budget) -> Self {
        let categories = budget.categories.iter();
        Self {
            currency: budget.currency.code().to_owned(),
            total: budget.total.as_ref().map(MoneyRow::from),
            spent: budget.spent.as_ref().map(MoneyRow::from),
            categories: categories.map(|(name, money)| (name.clone(), money.into())).collect(),
        }
    }
}

impl BudgetRow {
    fn into_budget(self) -> Result<Budget, StoreError> {
        let categories = self.categories.into_iter();
        Ok(Budget {
            currency: Currency::parse(&self.currency).map_err(corrupt)?,
            total: self.total.map(MoneyRow::into_money).transpose()?,
            spent: self.spent.map(MoneyRow::into_money).transpose()?,
            categories: categories
                .map(|(name, money)| Ok((name, money.into_money()?)))
                .collect::<Result<_, StoreError>>()?,
        })
    }
}

impl From<&AccommodationWishes> for AccommodationRow {
    fn from(wishes: &AccommodationWishes) -> Self {
        Self {
            kind: wishes.kind.clone(),
            min_rating: wishes.min_rating,
            max_price_per_night: wishes.max_price_per_night.as_ref().map(MoneyRow::from),
            amenities: wishes.amenities.clone(),
            location_preference: wishes.location_preference.clone(),
        }
    }
}

impl AccommodationRow {
    fn into_wishes(self) -> Result<AccommodationWishes, StoreError> {
        Ok(AccommodationWishes {
            kind: self.kind,
            min_rating: self.min_rating,
            max_price_per_night: self.max_price_per_night.map(MoneyRow::into_money).transpose()?,
            amenities: self.amenities,
            location_preference: self.location_preference,
        })
    }
}

impl From<&TransportWishes> for TransportRow {
    fn from(wishes: &TransportWishes) -> Self {
        let flights = wishes.flight_preferences.iter();
        Self {
            flight_preferences: flights.map(|(name, value)| (name.clone(), value.into())).collect(),
            local_transportation: wishes.local_transportation.clone(),
            max_travel_time_hours: wishes.max_travel_time_hours,
        }
    }
}

impl TransportRow {
    fn into_wishes(self) -> TransportWishes {
        let flights = self.flight_preferences.into_iter();
        TransportWishes {
            flight_preferences: flights.map(|(name, value)| (name, value.into_scalar())).collect(),
            local_transportation: self.local_transportation,
            max_travel_time_hours: self.max_travel_time_hours,
        }
    }
}

impl From<&Scalar> for ScalarRow {
    fn from(value: &Scalar) -> Self {
        match value {
            Scalar::Text(text) => Self::Text(text.clone()),
            Scalar::Integer(number) => Self::Integer(*number),
            Scalar::Number(number) => Self::Number(*number),
            Scalar::Flag(flag) => Self::Flag(*flag),
        }
    }
}

impl ScalarRow {
    fn into_scalar(self) -> Scalar {
        match self {
            Self::Text(text) => Scalar::Text(text),
            Self::Integer(number) => Scalar::Integer(number),
            Self::Number(number) => Scalar::Number(number),
            Self::Flag(flag) => Scalar::Flag(flag),
        }
    }
}
