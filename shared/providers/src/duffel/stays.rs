//! Searching, quoting, booking and cancelling stays.

use serde::Deserialize;
use serde_json::{json, value::RawValue};
use tripsage_domain::{ids::BookingId, stay::StaySearch};

use super::{
    Duffel, Request, SEARCH, id,
    stay::{WireBooking, WireQuote, WireResult},
    wire::{Envelope, Metadata, Page},
};
use crate::{
    Access, Deadline, Fault, Provider, Refusal, Result,
    model::{Accommodation, NewStayBooking, StayBooking, StayQuote, StayRate, Stays},
    policy::{Reply, Safety},
    raw::readable,
};

/// Bookings of one page, newest first.
const RECENT: u32 = 200;

/// Pages in which one of ours is looked for.
const PAGES: u32 = 5;

#[derive(Deserialize)]
struct WireResults<'a> {
    #[serde(borrow)]
    results: Vec<&'a RawValue>,
}

fn booking(reply: &Reply) -> std::result::Result<StayBooking, Fault> {
    Ok(reply.json::<Envelope<WireBooking>>()?.data.read())
}

impl Duffel {
    /// Searches stays around the middle of the search.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] without a middle; [`Refusal::FeatureUnavailable`] when the account may not sell stays; as any
    /// call.
    pub async fn search_stays(&self, access: &Access, search: &StaySearch, deadline: Deadline) -> Result<Stays> {
        let Some(center) = search.center else {
            let message_for_us = "a search for stays without a middle".to_owned();
            let refusal = Refusal::Invalid;
            return Err(Fault::Refused {
                refusal,
                message_for_us,
            }
            .of(Provider::Duffel));
        };
        let adults = std::iter::repeat_n(json!({ "type": "adult" }), search.guests.adults.into());
        let children = search
            .guests
            .children
            .iter()
            .map(|age| json!({ "type": "child", "age": age }));
        let data = json!({
            "check_in_date": search.check_in.to_string(),
            "check_out_date": search.check_out.to_string(),
            "rooms": search.rooms,
            "guests": adults.chain(children).collect::<Vec<_>>(),
            "location": {
                "radius": search.radius_km,
                "geographic_coordinates": { "latitude": center.latitude, "longitude": center.longitude },
            },
        });
        let request = Request {
            safety: Safety::Repeatable,
            limit: SEARCH,
            ..Request::post("search_stays", "/stays/search", data, access, deadline)
        };
        let found = self
            .call(request, |reply| {
                let wire: Envelope<WireResults<'_>> = reply.json()?;
                let (listings, dropped) = readable(&wire.data.results, WireResult::read);
                Ok(Stays { listings, dropped })
            })
            .await?;
        self.outbound.dropped(Provider::Duffel, "search_stays", found.dropped);
        Ok(found)
    }

    /// The accommodation of a search result, and all its rates.
    ///
    /// # Errors
    /// As any call.
    pub async fn stay_rates(
        &self,
        access: &Access,
        result_id: &str,
        deadline: Deadline,
    ) -> Result<(Accommodation, Vec<StayRate>)> {
        let path = format!("/stays/search_results/{}/actions/fetch_all_rates", id(result_id)?);
        self.call(
            Request::post("fetch_rates", &path, json!({}), access, deadline),
            |reply| {
                let (accommodation, rates) = reply.json::<Envelope<WireResult>>()?.data.accommodation.read();
                Ok((
                    accommodation.ok_or(Fault::Malformed("an accommodation without a name"))?,
                    rates,
                ))
            },
        )
        .await
    }

    /// Fixes a price.
    ///
    /// # Errors
    /// [`Refusal::OfferGone`] and its like; as any call.
    pub async fn quote_stay(&self, access: &Access, rate_id: &str, deadline: Deadline) -> Result<StayQuote> {
        let data = json!({ "rate_id": id(rate_id)? });
        self.call(
            Request::post("quote_stay", "/stays/quotes", data, access, deadline),
            |reply| {
                let wire: Envelope<WireQuote> = reply.json()?;
                wire.data
                    .read()
                    .ok_or(Fault::Malformed("a quote without price or name"))
            },
        )
        .await
    }

    /// Books what was quoted, paid from the balance.
    ///
    /// # Errors
    /// [`Fault::Unknown`] when nobody knows whether it is booked: look with [`Self::find_stay_booking`] before anything
    /// else. Else as any call.
    pub async fn book_stay(&self, access: &Access, new: &NewStayBooking, deadline: Deadline) -> Result<StayBooking> {
        let guest = |guest: &crate::model::StayGuest| json!({ "given_name": guest.given_name, "family_name": guest.family_name });
        let mut data = json!({
            "quote_id": id(&new.quote_id)?,
            "guests": new.guests.iter().map(guest).collect::<Vec<_>>(),
            "email": new.email,
            "phone_number": new.phone_number,
            "metadata": Metadata::with_booking(new.booking),
        });
        if let Some(requests) = &new.special_requests {
            data["accommodation_special_requests"] = requests.as_str().into();
        }
        let request = Request::post("book_stay", "/stays/bookings", data, access, deadline);
        self.call(request.lasting(), booking).await
    }

    /// Reads a booked stay.
    ///
    /// # Errors
    /// As any call.
    pub async fn stay_booking(&self, access: &Access, booking_id: &str, deadline: Deadline) -> Result<StayBooking> {
        let path = format!("/stays/bookings/{}", id(booking_id)?);
        self.call(Request::get("get_stay", path, access, deadline), booking)
            .await
    }

    /// Finds the stay that carries one of our bookings, among the newest of the account.
    ///
    /// # Errors
    /// As any call. One that cannot be read makes the whole answer [`Fault::Malformed`], and more pages than are read
    /// [`Fault::TooLarge`]: to overlook one would be to book twice.
    pub async fn find_stay_booking(
        &self,
        access: &Access,
        wanted: BookingId,
        deadline: Deadline,
    ) -> Result<Option<StayBooking>> {
        let mut path = format!("/stays/bookings?limit={RECENT}");
        for _ in 0..PAGES {
            let read = |reply: &Reply| {
                let page: Page<WireBooking> = reply.json()?;
                let after = page.after();
                let mut bookings = page.data.into_iter().map(WireBooking::read);
                let found = bookings.find(|booking| booking.booking == Some(wanted));
                Ok((found, after))
            };
            let (found, after) = self
                .call(Request::get("list_stays", path, access, deadline), read)
                .await?;
            let Some(after) = after.filter(|_| found.is_none()) else {
                return Ok(found);
            };
            path = format!("/stays/bookings?limit={RECENT}&after={after}");
        }
        Err(Fault::TooLarge.of(Provider::Duffel))
    }

    /// Cancels a booked stay; what comes back was said by its quote.
    ///
    /// # Errors
    /// [`Fault::Unknown`] when nobody knows whether it is cancelled: look with [`Self::stay_booking`]. Else as any call.
    pub async fn cancel_stay(&self, access: &Access, booking_id: &str, deadline: Deadline) -> Result<StayBooking> {
        let path = format!("/stays/bookings/{}/actions/cancel", id(booking_id)?);
        let request = Request::post("cancel_stay", &path, json!({}), access, deadline);
        self.call(request.lasting(), booking).await
    }
}
