use axum::extract::State;
use http::header;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    audit::Action,
    money::Currency,
    user::preferences::{
        self as rules, AccommodationType, BudgetLevel, Notifications, Preferences, Privacy, Theme, Travel,
    },
    validation::{Checks, Invalid},
};
use tripsage_http::{ApiError, Caller, Code, Context, Envelope, Errors, IfMatch, Json, Reply, present};
use tripsage_store::{StoreError, Transaction, preferences::PREFERENCES_CHANGED};
use utoipa::ToSchema;

use crate::App;

/// Attempts at a change when something else is changed at the same time.
const ATTEMPTS: u32 = 5;

/// Which preferences to change, also within a group; what is not given stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdatePreferences {
    /// `light`, `dark` or `system`.
    #[schema(example = "dark")]
    theme: Option<String>,
    /// In which currency amounts are shown: an ISO 4217 code.
    #[schema(example = "EUR")]
    currency: Option<String>,
    /// In which language the product talks: a tag of RFC 5646.
    #[schema(example = "pt-BR")]
    language: Option<String>,
    /// Name of an IANA time zone.
    #[schema(example = "Europe/Lisbon")]
    timezone: Option<String>,
    /// Which news reach them.
    notifications: Option<UpdateNotifications>,
    /// What others see.
    privacy: Option<UpdatePrivacy>,
    /// How they like to travel.
    travel_preferences: Option<UpdateTravel>,
}

/// Which news reach somebody on which way.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateNotifications {
    /// By mail.
    email: Option<bool>,
    /// On their devices.
    push: Option<bool>,
    /// Offers and news of the product.
    marketing: Option<bool>,
    /// Within the product.
    in_app: Option<bool>,
}

/// What others see.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdatePrivacy {
    /// Whether the public profile shows more than the names.
    profile_visible: Option<bool>,
    /// Whether others see how much somebody travels.
    share_activity: Option<bool>,
}

/// How somebody likes to travel; `null` clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateTravel {
    /// `budget`, `mid_range` or `luxury`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "mid_range")]
    budget_level: Option<Option<String>>,
    /// `hotel`, `apartment`, `hostel`, `resort`, `villa`, `house`, `bed_and_breakfast`, `guest_house`,
    /// `boutique_hotel`, `cabin`, `cottage`, `other` or `all`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "apartment")]
    accommodation_type: Option<Option<String>>,
    /// In their own words.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 50, example = "slow")]
    travel_style: Option<Option<String>>,
    /// What they do not eat.
    #[schema(max_items = 20, example = json!(["vegetarian"]))]
    dietary_restrictions: Option<Vec<String>>,
}

impl UpdatePreferences {
    /// The preferences as they become.
    fn apply(self, old: &Preferences) -> Result<Preferences, Invalid> {
        let mut checks = Checks::default();
        let mut new = old.clone();
        let set = |known: &mut bool, given: Option<bool>| *known = given.unwrap_or(*known);
        let theme = checks.optional("theme", self.theme, |name| Theme::parse(&name));
        let currency = checks.optional("currency", self.currency, |code| Currency::parse(&code));
        let language = checks.optional("language", self.language, |tag| rules::language(&tag));
        let timezone = checks.optional("timezone", self.timezone, |name| rules::timezone(&name));
        new.theme = theme.unwrap_or(new.theme);
        new.currency = currency.unwrap_or(new.currency);
        new.language = language.unwrap_or(new.language);
        new.timezone = timezone.unwrap_or(new.timezone);
        let notifications = self.notifications.unwrap_or_default();
        set(&mut new.notifications.email, notifications.email);
        set(&mut new.notifications.push, notifications.push);
        set(&mut new.notifications.marketing, notifications.marketing);
        set(&mut new.notifications.in_app, notifications.in_app);
        let privacy = self.privacy.unwrap_or_default();
        set(&mut new.privacy.profile_visible, privacy.profile_visible);
        set(&mut new.privacy.share_activity, privacy.share_activity);
        let travel = self.travel_preferences.unwrap_or_default();
        if let Some(travel) = checks.nested("travel_preferences", travel.apply(&old.travel)) {
            new.travel = travel;
        }
        checks.finish()?;
        Ok(new)
    }
}

impl UpdateTravel {
    fn apply(self, old: &Travel) -> Result<Travel, Invalid> {
        let mut checks = Checks::default();
        let mut new = old.clone();
        if let Some(given) = self.budget_level {
            new.budget_level = checks.optional("budget_level", given, |name| BudgetLevel::parse(&name));
        }
        if let Some(given) = self.accommodation_type {
            let parse = |name: String| AccommodationType::parse(&name);
            new.accommodation_type = checks.optional("accommodation_type", given, parse);
        }
        if let Some(given) = self.travel_style {
            new.travel_style = checks.optional("travel_style", given, |text| rules::travel_style(&text));
        }
        if let Some(given) = self.dietary_restrictions {
            let list = checks.take("dietary_restrictions", rules::dietary_restrictions(&given));
            new.dietary_restrictions = list.unwrap_or_default();
        }
        checks.finish()?;
        Ok(new)
    }
}

/// All preferences of the caller; the defaults where they never chose.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreferencesResponse {
    /// `light`, `dark` or `system`.
    theme: &'static str,
    /// In which currency amounts are shown.
    currency: &'static str,
    /// In which language the product talks.
    language: String,
    /// Name of an IANA time zone.
    timezone: String,
    /// Which news reach them.
    notifications: NotificationsResponse,
    /// What others see.
    privacy: PrivacyResponse,
    /// How they like to travel.
    travel_preferences: TravelResponse,
}

/// Which news reach somebody on which way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationsResponse {
    email: bool,
    push: bool,
    marketing: bool,
    in_app: bool,
}

/// What others see.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PrivacyResponse {
    profile_visible: bool,
    share_activity: bool,
}

/// How somebody likes to travel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TravelResponse {
    budget_level: Option<&'static str>,
    accommodation_type: Option<&'static str>,
    travel_style: Option<String>,
    dietary_restrictions: Vec<String>,
}

impl From<Preferences> for PreferencesResponse {
    fn from(preferences: Preferences) -> Self {
        let Notifications {
            email,
            push,
            marketing,
            in_app,
        } = preferences.notifications;
        let Privacy {
            profile_visible,
            share_activity,
        } = preferences.privacy;
        let travel = preferences.travel;
        Self {
            theme: preferences.theme.name(),
            currency: preferences.currency.code(),
            language: preferences.language,
            timezone: preferences.timezone,
            notifications: NotificationsResponse {
                email,
                push,
                marketing,
                in_app,
            },
            privacy: PrivacyResponse {
                profile_visible,
                share_activity,
            },
            travel_preferences: TravelResponse {
                budget_level: travel.budget_level.map(BudgetLevel::name),
                accommodation_type: travel.accommodation_type.map(AccommodationType::name),
                travel_style: travel.travel_style,
                dietary_restrictions: travel.dietary_restrictions,
            },
        }
    }
}

/// The caller's preferences.
///
/// The read is one `GetItem`, so nothing is gained by keeping it anywhere on our side: a client keeps it, and asks with
/// `If-None-Match` whether it still holds.
#[utoipa::path(get, path = "/api/v1/users/me/preferences", operation_id = "getPreferences", tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The preferences", body = Envelope<PreferencesResponse>), Errors))]
pub(crate) async fn get_preferences(
    State(app): State<App>,
    caller: Caller,
) -> Result<Reply<PreferencesResponse>, ApiError> {
    let preferences = app.db.find_preferences(caller.user).await?;
    Ok(Reply::ok("Preferences found", preferences.item.into())
        .etag(preferences.version)
        .header(header::CACHE_CONTROL, "private, max-age=0"))
}

/// Replaces what is given and keeps the rest.
#[utoipa::path(put, path = "/api/v1/users/me/preferences", operation_id = "replacePreferences", tag = "users",
    security(("bearer" = [])), request_body = UpdatePreferences,
    responses((status = 200, description = "The preferences", body = Envelope<PreferencesResponse>), Errors))]
pub(crate) async fn replace_preferences(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    if_match: IfMatch,
    Json(request): Json<UpdatePreferences>,
) -> Result<Reply<PreferencesResponse>, ApiError> {
    for _ in 0..ATTEMPTS {
        let old = app.db.find_preferences(caller.user).await?;
        if_match.check(old.version)?;
        let new = request.clone().apply(&old.item)?;
        if new == old.item {
            return Ok(Reply::ok("Nothing changed", new.into()).etag(old.version));
        }
        let record = context.record(caller.user, Action::PreferencesUpdated, format!("user/{}", caller.user));
        let transaction = Transaction::default()
            .replacing_preferences(caller.user, old.version, &new)?
            .audited(&record)?;
        match app.db.commit(transaction.fenced(context.claim())).await {
            Ok(()) => return Ok(Reply::ok("Preferences updated", new.into()).etag(old.version + 1)),
            Err(StoreError::Conflict(PREFERENCES_CHANGED)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::EditConflict))
}
