//! A person with an account: how they are named, reached and recognised, and what they show of themselves.

mod email;
mod password;
pub mod preferences;
pub mod profile;
mod provider;
mod username;

pub use email::Email;
pub use password::{MIN_PASSWORD_LENGTH, Password};
pub use provider::{Newcomer, Provider, newcomer};
pub use username::Username;
