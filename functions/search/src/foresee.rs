//! Which answer a request will most likely need: it is looked up in the round trip that admits the request.

use http::Method;
use jiff::Timestamp;
use tripsage_cache::CompositeKey;
use tripsage_domain::{ids::UserId, service::Service};
use tripsage_http::Asked;
use tripsage_providers::Provider;

use crate::{
    accounts::Accounts, activities::ActivitySearchFields, flights::FlightSearchFields, places::coordinates,
    stays::StaySearchFields, weather,
};

/// A guess, right for what is asked most: a wrong one costs another round trip, and nothing else.
pub(crate) fn foresee(accounts: &Accounts, asked: Asked<'_>, now: Timestamp) -> Option<CompositeKey> {
    let path = asked.target.split('?').next().unwrap_or_default();
    if *asked.method == Method::GET {
        let id = path.strip_prefix("/api/v1/destinations/")?.strip_suffix("/weather")?;
        return Some(weather::foreseen(coordinates(tripsage_reference::city(id)?.position)?));
    }
    let user: UserId = asked.principal?.user;
    match (asked.method, path) {
        (&Method::POST, "/api/v1/search/flights") => {
            let fields: FlightSearchFields = serde_json::from_slice(asked.body).ok()?;
            fields
                .question(now)
                .ok()?
                .foreseen(&accounts.guess(user, Service::Duffel)?)
        }
        (&Method::POST, "/api/v1/search/accommodations") => {
            let fields: StaySearchFields = serde_json::from_slice(asked.body).ok()?;
            let question = fields.question(now).ok()?;
            question.search.center?;
            let question = question.asked(Provider::Duffel);
            Some(question.key(&accounts.guess(user, Service::Duffel)?))
        }
        (&Method::POST, "/api/v1/search/activities") => {
            let fields: ActivitySearchFields = serde_json::from_slice(asked.body).ok()?;
            Some(
                fields
                    .question(now)
                    .ok()?
                    .asked()
                    .key(&accounts.guess(user, Service::GooglePlaces)?),
            )
        }
        _ => None,
    }
}
