//! A user's profile as they send it and see it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    user::{Username, profile, profile::Gender},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::present;
use tripsage_store::users::UserRow;
use utoipa::ToSchema;

/// What to change of the profile; what is not given stays, and `null` clears what may be empty. The e-mail address is
/// changed elsewhere, because the new one has to be confirmed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateUser {
    /// The name by which others find them; letters, digits, `-` and `_`.
    #[schema(min_length = 3, max_length = 50, example = "ann_lee")]
    username: Option<String>,
    /// The name that others see.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100, example = "Ann")]
    display_name: Option<Option<String>>,
    /// Their full name; not public.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100, example = "Ann Lee")]
    full_name: Option<Option<String>>,
    /// A few sentences about them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 500)]
    bio: Option<Option<String>>,
    /// Where their picture is: an `https` address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 2048, example = "https://example.com/ann.png")]
    avatar_url: Option<Option<String>>,
    /// How they like to travel.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 50, example = "slow")]
    travel_style: Option<Option<String>>,
    /// What they are interested in.
    #[schema(max_items = 20, example = json!(["food", "temples"]))]
    travel_interests: Option<Vec<String>>,
    /// `woman`, `man`, `non_binary` or `other`, as they say themselves; not public. Groups of women only take who says
    /// `woman`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, example = "woman")]
    gender: Option<Option<String>>,
}

/// A checked [`UpdateUser`].
#[derive(Debug, Clone)]
pub(crate) struct ProfilePatch {
    username: Option<Username>,
    display_name: Option<Option<String>>,
    full_name: Option<Option<String>>,
    bio: Option<Option<String>>,
    avatar_url: Option<Option<String>>,
    travel_style: Option<Option<String>>,
    travel_interests: Option<Vec<String>>,
    gender: Option<Option<Gender>>,
}

impl UpdateUser {
    pub(crate) fn into_patch(self) -> Result<ProfilePatch, Invalid> {
        let mut checks = Checks::default();
        let mut clearable = |field: &str, value: Option<Option<String>>, parse: fn(&str) -> Result<String, Rule>| {
            value.map(|value| {
                let text = value.and_then(|text| checks.take(field, parse(&text)));
                text.filter(|text| !text.is_empty())
            })
        };
        let display_name = clearable("display_name", self.display_name, profile::display_name);
        let full_name = clearable("full_name", self.full_name, profile::full_name);
        let bio = clearable("bio", self.bio, profile::bio);
        let avatar_url = clearable("avatar_url", self.avatar_url, profile::avatar_url);
        let travel_style = clearable("travel_style", self.travel_style, profile::travel_style);
        let patch = ProfilePatch {
            username: checks.optional("username", self.username, |text| Username::parse(&text)),
            display_name,
            full_name,
            bio,
            avatar_url,
            travel_style,
            travel_interests: checks.optional("travel_interests", self.travel_interests, |list| {
                profile::travel_interests(&list)
            }),
            gender: self
                .gender
                .map(|name| checks.optional("gender", name, |name| Ok(name.parse::<Gender>()?))),
        };
        checks.finish()?;
        Ok(patch)
    }
}

impl ProfilePatch {
    /// The profile as it becomes; equal to `user` when nothing changes.
    pub(crate) fn apply(self, user: &UserRow, now: Timestamp) -> UserRow {
        let or = |given: Option<Option<String>>, old: &Option<String>| given.unwrap_or_else(|| old.clone());
        let changed = UserRow {
            username: self
                .username
                .map_or_else(|| user.username.clone(), |name| name.as_str().to_owned()),
            display_name: or(self.display_name, &user.display_name),
            full_name: or(self.full_name, &user.full_name),
            bio: or(self.bio, &user.bio),
            avatar_url: or(self.avatar_url, &user.avatar_url),
            travel_style: or(self.travel_style, &user.travel_style),
            travel_interests: self.travel_interests.unwrap_or_else(|| user.travel_interests.clone()),
            gender: self.gender.unwrap_or(user.gender),
            ..user.clone()
        };
        if changed == *user {
            return changed;
        }
        UserRow {
            updated_at: now,
            ..changed
        }
    }
}

/// The caller's own account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserResponse {
    /// Their id.
    #[schema(format = Uuid)]
    id: String,
    /// Their e-mail address.
    email: String,
    /// Whether they have shown that the address is theirs.
    email_verified: bool,
    /// The name by which others find them.
    username: String,
    /// The name that others see.
    display_name: Option<String>,
    /// Their full name; not public.
    full_name: Option<String>,
    /// A few sentences about them.
    bio: Option<String>,
    /// Where their picture is.
    avatar_url: Option<String>,
    /// How they like to travel.
    travel_style: Option<String>,
    /// What they are interested in.
    travel_interests: Vec<String>,
    /// What they say that they are; not public.
    #[schema(value_type = Option<String>)]
    gender: Option<Gender>,
    /// Their role on the product.
    role: String,
    /// When they registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When something of this last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<UserRow> for UserResponse {
    fn from(user: UserRow) -> Self {
        Self {
            id: user.id.to_string(),
            email: user.email,
            email_verified: user.email_verified,
            username: user.username,
            display_name: user.display_name,
            full_name: user.full_name,
            bio: user.bio,
            avatar_url: user.avatar_url,
            travel_style: user.travel_style,
            travel_interests: user.travel_interests,
            gender: user.gender,
            role: user.role,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}
