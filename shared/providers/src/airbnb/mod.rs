//! Airbnb, through an MCP server that reads its public pages.
//!
//! A server is reached by address. With the cargo feature `stdio`, and on a laptop only, it can also be a child
//! process. Each call is a session of its own: three short messages, and nothing to go stale while a Lambda function
//! sleeps. Everything that comes back is text made for people: what cannot be read for certain is left out.

mod label;
mod session;
mod wire;

use std::{sync::Arc, time::Duration};

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use tripsage_domain::stay::{Guests, StaySearch};

use self::session::Server;
use crate::{
    Account, Deadline, Fault, Provider, Refusal, Result,
    model::{StayListing, Stays},
    policy::{Call, Outbound, Safety},
};

/// How long a call may take: the server reads a page for it.
const LIMIT: Duration = Duration::from_secs(15);

/// A client of the MCP server.
pub struct Airbnb {
    pub(crate) outbound: Arc<Outbound>,
}

impl Airbnb {
    pub(crate) fn is_configured(&self) -> bool {
        self.server().is_some()
    }

    fn server(&self) -> Option<Server<'_>> {
        if let Some(url) = self.outbound.address("AIRBNB_MCP_URL") {
            return Some(Server::Address(self.outbound.http(), url));
        }
        #[cfg(feature = "stdio")]
        return self.outbound.address("AIRBNB_MCP_COMMAND").map(Server::Command);
        #[cfg(not(feature = "stdio"))]
        None
    }

    /// Searches stays by the name of the place.
    ///
    /// # Errors
    /// As any call.
    pub async fn search(&self, search: &StaySearch, deadline: Deadline) -> Result<Stays> {
        let mut arguments = people(&search.guests);
        arguments.insert("location".to_owned(), search.place.as_str().into());
        arguments.insert("checkin".to_owned(), search.check_in.to_string().into());
        arguments.insert("checkout".to_owned(), search.check_out.to_string().into());
        let nights = (search.check_out - search.check_in).get_days();
        let text = self.tool("airbnb_search", arguments, deadline).await?;
        let found = wire::search(&text, search.check_in, search.check_out, nights);
        let found = found.ok_or_else(|| Fault::Malformed("not the documented results").of(Provider::Airbnb))?;
        self.outbound.dropped(Provider::Airbnb, "airbnb_search", found.dropped);
        Ok(found)
    }

    /// Reads one listing. It has no price: only a search has.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for what is no id; as any call.
    pub async fn listing(
        &self,
        id: &str,
        dates: Option<(Date, Date)>,
        guests: &Guests,
        deadline: Deadline,
    ) -> Result<StayListing> {
        if !(1..=32).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            let message_for_us = "not an id of a listing".to_owned();
            let refusal = Refusal::NotFound;
            return Err(Fault::Refused {
                refusal,
                message_for_us,
            }
            .of(Provider::Airbnb));
        }
        let mut arguments = people(guests);
        arguments.insert("id".to_owned(), id.into());
        if let Some((check_in, check_out)) = dates {
            arguments.insert("checkin".to_owned(), check_in.to_string().into());
            arguments.insert("checkout".to_owned(), check_out.to_string().into());
        }
        let text = self.tool("airbnb_listing_details", arguments, deadline).await?;
        let listing = wire::details(&text, id, dates);
        listing.ok_or_else(|| Fault::Malformed("not the documented details").of(Provider::Airbnb))
    }

    async fn tool(&self, name: &'static str, arguments: Map<String, Value>, deadline: Deadline) -> Result<String> {
        let server = self.server().ok_or_else(|| Fault::NotConfigured.of(Provider::Airbnb))?;
        let account = Account::anonymous();
        let call = Call {
            provider: Provider::Airbnb,
            operation: name,
            account: &account,
            safety: Safety::Repeatable,
            limit: LIMIT,
            deadline,
            is_search: false,
        };
        self.outbound
            .run(call, || session::call(server, name, arguments.clone()))
            .await
    }
}

/// Who stays, in the words of the tools: children from two on, infants before.
fn people(guests: &Guests) -> Map<String, Value> {
    let infants = guests.children.iter().filter(|age| **age < 2).count();
    let words = json!({
        "adults": guests.adults,
        "children": guests.children.len() - infants,
        "infants": infants,
    });
    match words {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
