//! People as the members of a trip see one another.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use tripsage_domain::{
    ids::UserId,
    trip::{Member, Trip},
    user::{Email, Username},
    validation::{Checks, Rule},
};
use tripsage_http::ApiError;
use tripsage_store::users::UserRow;
use utoipa::ToSchema;

use crate::App;

/// Somebody who takes part in a trip.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Collaborator {
    /// Their id.
    #[schema(format = Uuid)]
    pub(crate) user_id: String,
    /// The name by which others find them.
    username: Option<String>,
    /// The name that they show.
    name: Option<String>,
    /// Their address; only for who may share the trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// `view`, `edit`, `admin` or `owner`.
    permission_level: &'static str,
    /// Who let them in.
    #[schema(format = Uuid)]
    added_by: String,
    /// Since when they take part.
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
    /// Whether they still use the product.
    is_active: bool,
}

impl Collaborator {
    pub(crate) fn new(member: &Member, people: &[UserRow], with_email: bool) -> Self {
        let user = people.iter().find(|user| user.id == member.user);
        Self {
            user_id: member.user.to_string(),
            username: user.map(|user| user.username.clone()),
            name: user.map(shown_name),
            email: user.filter(|_| with_email).map(|user| user.email.clone()),
            permission_level: member.role.name(),
            added_by: member.added_by.to_string(),
            added_at: member.added_at,
            is_active: user.is_some_and(UserRow::is_active),
        }
    }
}

/// The name that a user shows: the one that they chose, or their username.
pub(crate) fn shown_name(user: &UserRow) -> String {
    user.display_name.clone().unwrap_or_else(|| user.username.clone())
}

/// People as a client names them.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) emails: Vec<Email>,
    pub(crate) usernames: Vec<Username>,
    pub(crate) ids: Vec<UserId>,
}

/// Who they turned out to be.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Users.
    pub(crate) users: Vec<UserRow>,
    /// Addresses of nobody who uses the product.
    pub(crate) strangers: Vec<Email>,
}

impl App {
    /// The users of a trip, in no order.
    pub(crate) async fn members(&self, trip: &Trip) -> Result<Vec<UserRow>, ApiError> {
        let ids: Vec<UserId> = trip.members.iter().map(|member| member.user).collect();
        Ok(self.db.find_users(&ids).await?)
    }

    /// Looks everybody up; usernames and ids that are nobody's are violations, each named.
    pub(crate) async fn find_people(&self, named: &Named) -> Result<Found, ApiError> {
        let by_email = try_join_all(named.emails.iter().map(|email| self.db.find_user_by_email(email)));
        let by_name = try_join_all(named.usernames.iter().map(|name| self.db.find_user_by_username(name)));
        let by_id = try_join_all(named.ids.iter().map(|id| self.db.find_user(*id)));
        let (by_email, by_name, by_id) = tokio::try_join!(by_email, by_name, by_id)?;
        let mut found = Found::default();
        for (email, loaded) in named.emails.iter().zip(by_email) {
            match loaded.map(|loaded| loaded.item).filter(UserRow::is_active) {
                Some(user) => found.add(user),
                None => found.strangers.push(email.clone()),
            }
        }
        let mut checks = Checks::default();
        for (list, people) in [("usernames", by_name), ("user_ids", by_id)] {
            for (index, loaded) in people.into_iter().enumerate() {
                let user = loaded.map(|loaded| loaded.item).filter(UserRow::is_active);
                let known = user.ok_or_else(|| Rule::new("unknown_user", "is nobody who uses TripSage"));
                if let Some(user) = checks.take(&format!("{list}[{index}]"), known) {
                    found.add(user);
                }
            }
        }
        checks.finish()?;
        Ok(found)
    }
}

impl Found {
    fn add(&mut self, user: UserRow) {
        if !self.users.iter().any(|other| other.id == user.id) {
            self.users.push(user);
        }
    }
}
