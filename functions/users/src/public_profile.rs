use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::user::{Username, preferences::Privacy};
use tripsage_http::{ApiError, Envelope, Errors, MaybeCaller, Path, Reply};
use tripsage_store::users::UserRow;
use utoipa::ToSchema;

use crate::App;

/// What others see of a user. Who hides their profile shows their names only.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublicProfile {
    /// The name by which others find them.
    username: String,
    /// The name that others see.
    display_name: Option<String>,
    /// The rest, unless they hide it.
    #[serde(flatten)]
    details: Option<ProfileDetails>,
}

/// What a profile shows besides the names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProfileDetails {
    /// Where their picture is.
    avatar_url: Option<String>,
    /// A few sentences about them.
    bio: Option<String>,
    /// How they like to travel.
    travel_style: Option<String>,
    /// What they are interested in.
    travel_interests: Vec<String>,
    /// When they registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// How much somebody does, as far as they show it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserStats {
    /// The name by which others find them.
    username: String,
    /// When they registered; only with a visible profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    /// How many trips they have; only if they share their activity.
    #[serde(skip_serializing_if = "Option::is_none")]
    trips: Option<TripCounts>,
}

/// Trips that somebody has, deleted ones left out; at most 1000 are counted.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct TripCounts {
    /// Those of their own.
    owned: u64,
    /// Those of others.
    shared: u64,
    /// Of all of them, those that are over.
    completed: u64,
}

/// The public profile of a user.
#[utoipa::path(get, path = "/api/v1/users/{username}", operation_id = "getUser", tag = "users",
    params(("username" = String, Path, min_length = 3, max_length = 50)),
    responses((status = 200, description = "The profile", body = Envelope<PublicProfile>), Errors))]
pub(crate) async fn get_user(
    State(app): State<App>,
    caller: MaybeCaller,
    Path(username): Path<String>,
) -> Result<Reply<PublicProfile>, ApiError> {
    let (user, privacy) = app.find_public(&caller, &username).await?;
    let details = privacy.profile_visible.then_some(ProfileDetails {
        avatar_url: user.avatar_url,
        bio: user.bio,
        travel_style: user.travel_style,
        travel_interests: user.travel_interests,
        created_at: user.created_at,
    });
    let profile = PublicProfile {
        username: user.username,
        display_name: user.display_name,
        details,
    };
    Ok(Reply::ok("User found", profile))
}

/// How much a user does.
#[utoipa::path(get, path = "/api/v1/users/{username}/stats", operation_id = "getUserStats", tag = "users",
    params(("username" = String, Path, min_length = 3, max_length = 50)),
    responses((status = 200, description = "The counts", body = Envelope<UserStats>), Errors))]
pub(crate) async fn get_user_stats(
    State(app): State<App>,
    caller: MaybeCaller,
    Path(username): Path<String>,
) -> Result<Reply<UserStats>, ApiError> {
    let (user, privacy) = app.find_public(&caller, &username).await?;
    let mut trips = None;
    if privacy.profile_visible && privacy.share_activity {
        let mut counts = TripCounts::default();
        let listed = app.db.list_trips(user.id).await?;
        for trip in listed.iter().filter(|trip| trip.deleted_at.is_none()) {
            counts.owned += u64::from(trip.role == "owner");
            counts.shared += u64::from(trip.role != "owner");
            counts.completed += u64::from(trip.status == "completed");
        }
        trips = Some(counts);
    }
    let stats = UserStats {
        username: user.username,
        created_at: privacy.profile_visible.then_some(user.created_at),
        trips,
    };
    Ok(Reply::ok("Stats found", stats))
}

impl App {
    /// Somebody whom the directory shows, and how much of them the caller sees; everybody sees all of themselves.
    pub(crate) async fn find_public(
        &self,
        caller: &MaybeCaller,
        username: &str,
    ) -> Result<(UserRow, Privacy), ApiError> {
        let nobody = || ApiError::not_found("user");
        let username = Username::parse(username).map_err(|_| nobody())?;
        let entry = self.db.find_directory_entry(&username).await?;
        let entry = entry.filter(|entry| !entry.hidden).ok_or_else(nobody)?;
        let (user, preferences) =
            tokio::try_join!(self.db.find_user(entry.user), self.db.find_preferences(entry.user))?;
        let user = user.map(|user| user.item).filter(UserRow::is_active);
        let is_caller = |user: &UserRow| caller.0.as_ref().is_some_and(|caller| caller.user == user.id);
        let user = user.ok_or_else(nobody)?;
        let privacy = if is_caller(&user) {
            Privacy {
                profile_visible: true,
                share_activity: true,
            }
        } else {
            preferences.item.privacy
        };
        Ok((user, privacy))
    }
}
