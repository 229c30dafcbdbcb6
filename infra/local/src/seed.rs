//! Demo data: a few travellers with real places, made through the product's own operations.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json};
use tripsage_reference::Airport;

/// The address under which a newcomer logs in.
pub const DEMO_EMAIL: &str = "demo@example.com";

/// The password of every demo traveller.
pub const DEMO_PASSWORD: &str = "see-the-world-2027";

/// Demo data could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The product did not answer.
    #[error("the product does not answer: {0}")]
    Http(#[from] reqwest::Error),
    /// The product refused.
    #[error("{path} was refused: {answer}")]
    Refused {
        /// What was asked.
        path: String,
        /// What was answered.
        answer: String,
    },
    /// The bundled data is not what this program reads.
    #[error("the demo data cannot be used: {0}")]
    Data(String),
}

#[derive(Deserialize)]
struct Demo {
    travellers: Vec<Traveller>,
    trips: Vec<Trip>,
}

#[derive(Deserialize)]
struct Traveller {
    username: String,
    email: String,
    full_name: String,
}

#[derive(Deserialize)]
struct Trip {
    owner: String,
    title: String,
    description: String,
    starts_in_days: i64,
    days: i64,
    destinations: Vec<String>,
    travelers: u32,
    tags: Vec<String>,
    share: Vec<Value>,
    flights: Vec<Flight>,
    items: Vec<Item>,
    edits: Vec<Edit>,
}

#[derive(Deserialize)]
struct Flight {
    from: String,
    to: String,
    day: i64,
    departs: String,
    arrival_day: i64,
    arrives: String,
    number: String,
    amount: String,
    currency: String,
}

#[derive(Deserialize)]
struct Item {
    airport: String,
    day: i64,
    from: String,
    to: Option<String>,
    r#type: String,
    title: String,
    amount: Option<String>,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Edit {
    by: String,
    description: String,
}

/// Makes the demo data, unless the demo traveller can log in already.
///
/// # Errors
/// See [`SeedError`].
pub async fn seed(url: &str, today: Date) -> Result<(), SeedError> {
    let client = Client {
        http: reqwest::Client::new(),
        url: url.to_owned(),
    };
    if client.log_in(DEMO_EMAIL).await.is_ok() {
        return Ok(());
    }
    let unusable = |error: serde_json::Error| SeedError::Data(error.to_string());
    let demo: Demo = serde_json::from_str(include_str!("../data/demo.json")).map_err(unusable)?;
    let mut tokens = BTreeMap::new();
    for traveller in &demo.travellers {
        tokens.insert(traveller.username.as_str(), client.register(traveller).await?);
    }
    let seeder = Seeder {
        client: &client,
        tokens: &tokens,
        today,
    };
    for trip in &demo.trips {
        seeder.make(trip).await?;
    }
    Ok(())
}

struct Seeder<'a> {
    client: &'a Client,
    tokens: &'a BTreeMap<&'a str, String>,
    today: Date,
}

impl Seeder<'_> {
    fn token(&self, username: &str) -> Result<&str, SeedError> {
        self.tokens
            .get(username)
            .map(String::as_str)
            .ok_or_else(|| SeedError::Data(format!("traveller {username}")))
    }

    async fn make(&self, trip: &Trip) -> Result<(), SeedError> {
        let token = self.token(&trip.owner)?;
        let start = self.today.saturating_add(trip.starts_in_days.days());
        let day = |number: i64| start.saturating_add((number - 1).days());
        let destinations = trip.destinations.iter().map(|iata| {
            airport(iata).map(|place| {
                json!({
                    "name": place.city,
                    "country": place.country,
                    "coordinates": coordinates(place),
                })
            })
        });
        let body = json!({
            "title": trip.title,
            "description": trip.description,
            "start_date": start.to_string(),
            "end_date": day(trip.days).to_string(),
            "destinations": destinations.collect::<Result<Vec<_>, _>>()?,
            "travelers": trip.travelers,
            "tags": trip.tags,
        });
        let made = self
            .client
            .send(reqwest::Method::POST, "/api/v1/trips", Some(token), &body)
            .await?;
        let path = format!("/api/v1/trips/{}", made["data"]["id"].as_str().unwrap_or_default());
        let items = format!("{path}/items");
        for flight in &trip.flights {
            let (from, to) = (airport(&flight.from)?, airport(&flight.to)?);
            let body = json!({
                "type": "flight",
                "title": format!("{} to {}", from.city, to.city),
                "details": { "flight_number": flight.number, "origin": from.code, "destination": to.code },
                "location": { "name": from.name(), "coordinates": coordinates(from) },
                "start": when(day(flight.day), &flight.departs, from),
                "end": when(day(flight.arrival_day), &flight.arrives, to),
                "cost": { "amount": flight.amount, "currency": flight.currency },
                "status": "booked",
            });
            self.client
                .send(reqwest::Method::POST, &items, Some(token), &body)
                .await?;
        }
        for item in &trip.items {
            let place = airport(&item.airport)?;
            let mut body = json!({
                "type": item.r#type,
                "title": item.title,
                "start": when(day(item.day), &item.from, place),
            });
            if let Some(to) = &item.to {
                body["end"] = when(day(item.day), to, place);
            }
            if let (Some(amount), Some(currency)) = (&item.amount, &item.currency) {
                body["cost"] = json!({ "amount": amount, "currency": currency });
            }
            self.client
                .send(reqwest::Method::POST, &items, Some(token), &body)
                .await?;
        }
        for share in &trip.share {
            let body = json!({ "usernames": [share["username"]], "permission_level": share["permission_level"] });
            self.client
                .send(reqwest::Method::POST, &format!("{path}/share"), Some(token), &body)
                .await?;
        }
        for edit in &trip.edits {
            let body = json!({ "description": edit.description });
            self.client
                .send(reqwest::Method::PATCH, &path, Some(self.token(&edit.by)?), &body)
                .await?;
        }
        Ok(())
    }
}

fn airport(iata: &str) -> Result<&'static Airport, SeedError> {
    tripsage_reference::airport(iata).ok_or_else(|| SeedError::Data(format!("airport {iata}")))
}

fn coordinates(place: &Airport) -> Value {
    json!({ "latitude": place.position.latitude, "longitude": place.position.longitude })
}

fn when(day: Date, time: &str, place: &Airport) -> Value {
    json!({ "local_time": format!("{day}T{time}:00"), "time_zone": place.zone })
}

struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    async fn send(
        &self,
        method: reqwest::Method,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Value, SeedError> {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await?;
        if !response.status().is_success() {
            return Err(SeedError::Refused {
                path: path.to_owned(),
                answer: response.text().await?,
            });
        }
        Ok(response.json().await?)
    }

    async fn log_in(&self, email: &str) -> Result<Value, SeedError> {
        let body = json!({ "email": email, "password": DEMO_PASSWORD });
        self.send(reqwest::Method::POST, "/api/v1/auth/login", None, &body)
            .await
    }

    async fn register(&self, traveller: &Traveller) -> Result<String, SeedError> {
        let body = json!({
            "username": traveller.username,
            "email": traveller.email,
            "password": DEMO_PASSWORD,
            "full_name": traveller.full_name,
        });
        let answer = match self
            .send(reqwest::Method::POST, "/api/v1/auth/register", None, &body)
            .await
        {
            // An earlier start was interrupted after this one.
            Err(SeedError::Refused { .. }) => self.log_in(&traveller.email).await?,
            answer => answer?,
        };
        Ok(answer["data"]["access_token"].as_str().unwrap_or_default().to_owned())
    }
}
