//! What users prefer. Who never chose has no row, and the defaults.

use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::UserId,
    money::Currency,
    user::preferences::{AccommodationType, BudgetLevel, Notifications, Preferences, Privacy, Theme, Travel},
    validation::Rule,
};

use crate::{Db, Loaded, StoreError, Transaction, Write, keys};

/// Label of the write that fails when the preferences were changed at the same time.
pub const PREFERENCES_CHANGED: &str = "preferences";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PreferencesRow {
    theme: String,
    currency: String,
    language: String,
    timezone: String,
    notify_email: bool,
    notify_push: bool,
    notify_marketing: bool,
    notify_in_app: bool,
    profile_visible: bool,
    share_activity: bool,
    budget_level: Option<String>,
    accommodation_type: Option<String>,
    travel_style: Option<String>,
    dietary_restrictions: Vec<String>,
}

impl From<&Preferences> for PreferencesRow {
    fn from(preferences: &Preferences) -> Self {
        let travel = &preferences.travel;
        Self {
            theme: preferences.theme.name().to_owned(),
            currency: preferences.currency.code().to_owned(),
            language: preferences.language.clone(),
            timezone: preferences.timezone.clone(),
            notify_email: preferences.notifications.email,
            notify_push: preferences.notifications.push,
            notify_marketing: preferences.notifications.marketing,
            notify_in_app: preferences.notifications.in_app,
            profile_visible: preferences.privacy.profile_visible,
            share_activity: preferences.privacy.share_activity,
            budget_level: travel.budget_level.map(|level| level.name().to_owned()),
            accommodation_type: travel.accommodation_type.map(|kind| kind.name().to_owned()),
            travel_style: travel.travel_style.clone(),
            dietary_restrictions: travel.dietary_restrictions.clone(),
        }
    }
}

impl PreferencesRow {
    fn into_preferences(self) -> Result<Preferences, StoreError> {
        let corrupt = |rule: Rule| StoreError::Corrupt(format!("preferences: {rule}"));
        let budget_level = self.budget_level.as_deref().map(BudgetLevel::parse).transpose();
        let accommodation = self.accommodation_type.as_deref().map(AccommodationType::parse);
        Ok(Preferences {
            theme: Theme::parse(&self.theme).map_err(corrupt)?,
            currency: Currency::parse(&self.currency).map_err(corrupt)?,
            language: self.language,
            timezone: self.timezone,
            notifications: Notifications {
                email: self.notify_email,
                push: self.notify_push,
                marketing: self.notify_marketing,
                in_app: self.notify_in_app,
            },
            privacy: Privacy {
                profile_visible: self.profile_visible,
                share_activity: self.share_activity,
            },
            travel: Travel {
                budget_level: budget_level.map_err(corrupt)?,
                accommodation_type: accommodation.transpose().map_err(corrupt)?,
                travel_style: self.travel_style,
                dietary_restrictions: self.dietary_restrictions,
            },
        })
    }
}

impl Db {
    /// AP-81: a user's preferences; version 0 and the defaults when they never chose.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_preferences(&self, user: UserId) -> Result<Loaded<Preferences>, StoreError> {
        match self.get::<PreferencesRow>(&keys::preferences(user)).await? {
            Some(Loaded { item, version }) => Ok(Loaded {
                item: item.into_preferences()?,
                version,
            }),
            None => Ok(Loaded {
                item: Preferences::default(),
                version: 0,
            }),
        }
    }
}

impl Transaction {
    /// AP-82: preferences in the place of those with the version that was read. Conflict: [`PREFERENCES_CHANGED`].
    ///
    /// # Errors
    /// When the row cannot be expressed in DynamoDB's types.
    pub fn replacing_preferences(self, user: UserId, old: u64, new: &Preferences) -> Result<Self, StoreError> {
        let (key, row) = (keys::preferences(user), PreferencesRow::from(new));
        Ok(self.with(match old {
            0 => Write::insert(PREFERENCES_CHANGED, key, &row)?,
            old => Write::replace(PREFERENCES_CHANGED, key, &row, old)?,
        }))
    }
}
