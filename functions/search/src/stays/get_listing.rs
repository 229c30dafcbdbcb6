use axum::extract::State;
use serde::Deserialize;
use tripsage_cache::Content;
use tripsage_domain::{
    service::Service,
    stay::{Guests, nights},
    validation::{Checks, Rule},
};
use tripsage_http::{Admitted, ApiError, Caller, Context, Envelope, Errors, Path, Query, Reply};
use tripsage_providers::{
    Provider,
    model::{Accommodation, StayListing, StayRate},
};
use utoipa::IntoParams;

use super::listing_body::ListingBody;
use crate::{
    App,
    asking::{Asking, Question},
    fields::{date, local_day},
    ids::ProviderId,
};

/// For when, and for whom; a listing of Duffel knows that already.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListingDates {
    /// First night; with `check_out`. For listings of Airbnb.
    #[param(value_type = Option<String>, format = Date)]
    check_in: Option<String>,
    /// Morning of leaving.
    #[param(value_type = Option<String>, format = Date)]
    check_out: Option<String>,
    /// Adults; one when nothing is said.
    #[param(minimum = 1, maximum = 16)]
    adults: Option<u8>,
}

/// A listing with what can be booked of it: rooms and their prices at Duffel, details at Airbnb.
#[utoipa::path(get, path = "/api/v1/search/accommodations/{listing_id}", operation_id = "getAccommodation",
    tag = "search", security(("bearer" = [])), params(("listing_id" = String, Path), ListingDates),
    responses((status = 200, description = "The listing", body = Envelope<ListingBody>), Errors))]
pub(crate) async fn get_accommodation(
    State(app): State<App>,
    caller: Caller,
    context: Context,
    admitted: Admitted,
    Path(id): Path<ProviderId>,
    Query(query): Query<ListingDates>,
) -> Result<Reply<ListingBody>, ApiError> {
    let unknown = || ApiError::not_found("listing");
    let asking = Asking::new(&app, &admitted, &context);
    let (source, id) = id.as_str().split_once('_').ok_or_else(unknown)?;
    if id.is_empty() {
        return Err(unknown());
    }
    let body = if source == Provider::Duffel.name() {
        let duffel = app.providers.duffel();
        let question = Question {
            provider: Provider::Duffel,
            content: Content::StayPrices,
            parts: vec!["rates".to_owned(), id.to_owned()],
        };
        let call = async |access, deadline| duffel.stay_rates(&access, id, deadline).await;
        let asked = asking
            .keyed::<(Accommodation, Vec<StayRate>), _>(caller.user, Service::Duffel, question, call)
            .await;
        let cached = asked.answer?;
        let (accommodation, rates) = &*cached.value;
        ListingBody::with_rates(id, accommodation, rates, asked.own_key)
    } else if source == Provider::Airbnb.name() {
        let (dates, guests, nights) = query.checked(context.now)?;
        let airbnb = app.providers.airbnb();
        let (when, adults) = (format!("{dates:?}"), guests.adults.to_string());
        let question = Question {
            provider: Provider::Airbnb,
            content: Content::StayPrices,
            parts: vec!["listing".to_owned(), id.to_owned(), when, adults],
        };
        let call = async |deadline| airbnb.listing(id, dates, &guests, deadline).await;
        let cached = asking.open::<StayListing, _>(question, call).await.answer?;
        ListingBody::new(&cached.value, nights, false)
    } else {
        return Err(unknown());
    };
    Ok(Reply::ok("Accommodation found", body))
}

type Dates = Option<(jiff::civil::Date, jiff::civil::Date)>;

impl ListingDates {
    fn checked(&self, now: jiff::Timestamp) -> Result<(Dates, Guests, Option<u8>), ApiError> {
        let mut checks = Checks::default();
        let check_in = checks.optional("check_in", self.check_in.as_deref(), date);
        let check_out = checks.optional("check_out", self.check_out.as_deref(), date);
        let (mut dates, mut count) = (None, None);
        match (check_in, check_out) {
            (Some(from), Some(to)) => {
                count = checks.take("check_out", nights(from, to, local_day("UTC", now)));
                dates = Some((from, to));
            }
            (None, None) => {}
            _ => {
                let rule = Rule::new("required", "must be given together with the other date");
                checks.take::<()>(if check_in.is_some() { "check_out" } else { "check_in" }, Err(rule));
            }
        }
        let guests = checks.take("adults", Guests::new(self.adults.unwrap_or(1), Vec::new()));
        Ok(checks.build(|| Some((dates, guests?, count)))?)
    }
}
