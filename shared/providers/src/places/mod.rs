//! Google Places (New).
//!
//! What a call costs is decided by the fields it asks for, so the masks are constants with their price class beside
//! them. Ids may be kept; everything else only briefly, and Google must be named where it is shown.

mod wire;

use std::{sync::Arc, time::Duration};

use http::HeaderName;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_domain::place::PlaceSearch;
use tripsage_runtime::ExposeSecret;

use self::wire::{WireDetails, WirePlace, WireSearch};
use crate::{
    Access, Deadline, Fault, Provider, Refusal, Result,
    access::key_header,
    model::{PlaceDetails, Places},
    policy::{Call, Outbound, Reply, Safety},
    raw::readable,
};

/// Text and nearby search, class Enterprise: ratings and prices make it so, and a list of things to do is little
/// without them. Photographs, reviews and hours are left out: each would cost its own call or a dearer class.
const SEARCH_MASK: &str = "places.id,places.displayName,places.formattedAddress,places.location,places.types,\
                           places.primaryType,places.businessStatus,places.googleMapsUri,places.rating,\
                           places.userRatingCount,places.priceLevel,nextPageToken";

/// Nearby search has no pages.
const NEARBY_MASK: &str = "places.id,places.displayName,places.formattedAddress,places.location,places.types,\
                           places.primaryType,places.businessStatus,places.googleMapsUri,places.rating,\
                           places.userRatingCount,places.priceLevel";

/// Details, class Enterprise: hours, telephone and website are in it; summaries and reviews would be a class dearer.
const DETAILS_MASK: &str = "id,displayName,formattedAddress,location,types,primaryType,businessStatus,googleMapsUri,\
                            rating,userRatingCount,priceLevel,websiteUri,internationalPhoneNumber,regularOpeningHours,\
                            utcOffsetMinutes,accessibilityOptions";

/// Ids alone, class Essentials: nothing to pay.
const PROBE_MASK: &str = "places.id";

/// Places on a page, the most there are.
const PAGE: u32 = 20;

/// How long a call may take.
const LIMIT: Duration = Duration::from_secs(5);

const KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
const MASK: HeaderName = HeaderName::from_static("x-goog-fieldmask");

/// A client of Google Places.
pub struct GooglePlaces {
    pub(crate) outbound: Arc<Outbound>,
}

impl GooglePlaces {
    pub(crate) fn is_configured(&self) -> bool {
        self.outbound.address("PLACES_URL").is_some()
    }

    /// Searches places; `page` is what an earlier answer to the same text called the next one.
    ///
    /// # Errors
    /// As any call.
    pub async fn search(
        &self,
        access: &Access,
        search: &PlaceSearch,
        page: Option<&str>,
        deadline: Deadline,
    ) -> Result<Places> {
        let (operation, path, mask) = match search {
            PlaceSearch::Text { .. } => ("search_text", "/v1/places:searchText", SEARCH_MASK),
            PlaceSearch::Nearby { .. } => ("search_nearby", "/v1/places:searchNearby", NEARBY_MASK),
        };
        let mut body = question(search);
        if let Some(token) = page {
            body["pageToken"] = token.into();
        }
        let request = (Method::POST, path.to_owned(), Some(body), mask);
        let found = self
            .call(operation, access, request, deadline, |reply| {
                let wire: WireSearch<'_> = reply.json()?;
                let (places, dropped) = readable(&wire.places, WirePlace::read);
                Ok(Places {
                    places,
                    next_page: wire.next_page_token.filter(|token| !token.is_empty()),
                    dropped,
                })
            })
            .await?;
        self.outbound.dropped(Provider::GooglePlaces, operation, found.dropped);
        Ok(found)
    }

    /// Reads one place.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; as any call.
    pub async fn details(&self, access: &Access, id: &str, deadline: Deadline) -> Result<PlaceDetails> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(1..=300).contains(&id.len()) || !id.bytes().all(is_plain) {
            let message_for_us = "not an id of a place".to_owned();
            let refusal = Refusal::NotFound;
            return Err(Fault::Refused {
                refusal,
                message_for_us,
            }
            .of(Provider::GooglePlaces));
        }
        let request = (Method::GET, format!("/v1/places/{id}"), None, DETAILS_MASK);
        self.call("get_place", access, request, deadline, |reply| {
            let wire: WireDetails = reply.json()?;
            wire.read().ok_or(Fault::Malformed("a place without a name"))
        })
        .await
    }

    /// A search for ids alone, which costs nothing.
    pub(crate) async fn probe(&self, access: &Access, deadline: Deadline) -> Result<()> {
        let body = json!({ "textQuery": "museum", "pageSize": 1 });
        let request = (Method::POST, "/v1/places:searchText".to_owned(), Some(body), PROBE_MASK);
        self.call("probe", access, request, deadline, |_| Ok(())).await
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        access: &Access,
        (method, path, body, mask): (Method, String, Option<Value>, &'static str),
        deadline: Deadline,
        read: impl Fn(&Reply) -> std::result::Result<T, Fault> + Sync,
    ) -> Result<T> {
        let fail = |fault: Fault| fault.of(Provider::GooglePlaces);
        let address = self
            .outbound
            .address("PLACES_URL")
            .ok_or_else(|| fail(Fault::NotConfigured))?;
        let key = key_header(access.secret.expose_secret()).ok_or_else(|| fail(Fault::KeyRefused))?;
        let url = format!("{address}{path}");
        let call = Call {
            provider: Provider::GooglePlaces,
            operation,
            account: &access.account,
            safety: Safety::Repeatable,
            limit: LIMIT,
            deadline,
            is_search: false,
        };
        let send = |http: &reqwest::Client| {
            let builder = http
                .request(method.clone(), &url)
                .header(KEY, key.clone())
                .header(MASK, mask);
            match &body {
                Some(body) => builder.json(body),
                None => builder,
            }
        };
        let read = |reply: &Reply| {
            if reply.status.is_success() {
                read(reply)
            } else {
                Err(wire::fault(reply))
            }
        };
        self.outbound.send(call, send, read).await
    }
}

fn question(search: &PlaceSearch) -> Value {
    let circle = |center: tripsage_domain::trip::Coordinates, radius: u32| {
        json!({ "circle": {
            "center": { "latitude": center.latitude, "longitude": center.longitude },
            "radius": f64::from(radius.min(50_000)),
        }})
    };
    match search {
        PlaceSearch::Text { query, near } => {
            let mut body = json!({ "textQuery": query, "pageSize": PAGE });
            if let Some((center, radius)) = near {
                body["locationBias"] = circle(*center, *radius);
            }
            body
        }
        PlaceSearch::Nearby {
            center,
            radius_m,
            types,
        } => {
            let mut body = json!({ "locationRestriction": circle(*center, *radius_m), "maxResultCount": PAGE });
            if !types.is_empty() {
                body["includedTypes"] = types.iter().map(String::as_str).collect();
            }
            body
        }
    }
}
