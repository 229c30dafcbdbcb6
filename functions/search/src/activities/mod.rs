//! Things to do: places of Google.

mod activity_body;
mod get_activity;
mod question;
mod search_activities;

pub(crate) use activity_body::rating_score;
pub(crate) use get_activity::{__path_get_activity, get_activity};
pub(crate) use question::{ActivityQuestion, ActivitySearchFields};
pub(crate) use search_activities::{__path_search_activities, ask_places, search_activities};
