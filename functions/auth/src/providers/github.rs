use reqwest::Client;
use serde::Deserialize;
use tripsage_domain::user::Email;
use tripsage_http::ApiError;

use super::{Person, Registered, TokenAnswer};

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

/// Asks GitHub who its access token belongs to.
pub(super) async fn identify(http: &Client, registered: &Registered, answer: TokenAnswer) -> Result<Person, ApiError> {
    // GitHub answers 200 to a wrong code.
    let token = answer
        .access_token
        .ok_or_else(|| registered.refused("there is no access token"))?;
    let get = |path: &str| {
        http.get(format!("{}{path}", registered.addresses.identity))
            .bearer_auth(&token)
            .header("accept", "application/vnd.github+json")
    };
    let (user, addresses) = tokio::try_join!(
        registered.ask::<User>(get("/user")),
        registered.ask::<Vec<Address>>(get("/user/emails"))
    )?;
    let confirmed = addresses
        .into_iter()
        .find(|address| address.primary && address.verified);
    Ok(Person {
        subject: user.id.to_string(),
        label: user.login,
        email: confirmed.and_then(|address| Email::parse(&address.email).ok()),
        name: user.name,
    })
}
