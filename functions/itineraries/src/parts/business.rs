use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use tripsage_domain::{
    ids::{BusinessId, ItineraryId},
    itinerary::{Business, Part, PartId, PartKind, day_number},
    trip::web_address,
    user::Email,
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{
    Amount, ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, MaybeCaller, Path, PointInput, Reply,
    merge_patch, replace_fields,
};
use utoipa::ToSchema;

use super::{LINE, MAX_ENTRIES, NAME, PartFields, TEXT, WORDS, operations::part_operations};
use crate::{
    App,
    body::ItineraryDetail,
    inputs::{list, money, number, text},
};

/// A business that an itinerary recommends.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BusinessFields {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Sawanoya Ryokan")]
    name: Option<String>,
    /// What kind of business.
    #[schema(max_length = 100, example = "inn")]
    business_type: Option<String>,
    /// What it is like.
    #[schema(max_length = 3000)]
    description: Option<String>,
    /// Where it is.
    location_gps: Option<PointInput>,
    /// Its address.
    #[schema(max_length = 500)]
    address: Option<String>,
    /// Its telephone number.
    #[schema(max_length = 100)]
    phone: Option<String>,
    /// Its e-mail address.
    #[schema(example = "inn@example.com")]
    email: Option<String>,
    /// Its page.
    #[schema(max_length = 2000, example = "https://example.com/inn")]
    website: Option<String>,
    /// When it is open.
    #[schema(max_length = 500)]
    operating_hours: Option<String>,
    /// What it costs, roughly.
    #[schema(max_length = 100)]
    price_range: Option<String>,
    /// What it costs for one.
    estimated_cost_per_person: Option<Amount>,
    /// ISO 4217 code; `USD` unless given.
    #[schema(example = "JPY")]
    estimated_cost_currency: Option<String>,
    /// How good it is, as its author finds.
    #[schema(minimum = 0, maximum = 5)]
    rating: Option<f64>,
    /// What it offers.
    #[schema(max_items = 20)]
    services: Option<Vec<String>>,
    /// Whether its author finds it safe for women.
    is_women_safe: Option<bool>,
    /// For whom it can be reached and used.
    #[schema(max_length = 500)]
    accessibility: Option<String>,
    /// On which day to go.
    #[schema(minimum = 1, maximum = 366)]
    recommended_day: Option<u16>,
}

/// A business that an itinerary recommends.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BusinessBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    #[serde(flatten)]
    fields: BusinessFields,
}

impl BusinessBody {
    pub(crate) fn new(business: &Business) -> Self {
        let cost = business.cost_per_person;
        Self {
            id: business.id.to_string(),
            fields: BusinessFields {
                name: Some(business.name.clone()),
                business_type: business.business_type.clone(),
                description: business.description.clone(),
                location_gps: business.location.map(PointInput::from),
                address: business.address.clone(),
                phone: business.phone.clone(),
                email: business.email.clone(),
                website: business.website.clone(),
                operating_hours: business.operating_hours.clone(),
                price_range: business.price_range.clone(),
                estimated_cost_per_person: cost.as_ref().map(Amount::new),
                estimated_cost_currency: cost.map(|cost| cost.currency.code().to_owned()),
                rating: business.rating,
                services: Some(business.services.clone()),
                is_women_safe: Some(business.is_women_safe),
                accessibility: business.accessibility.clone(),
                recommended_day: business.recommended_day,
            },
        }
    }
}

fn email(text: String) -> Result<String, Rule> {
    Email::parse(&text).map(|_| text.trim().to_owned())
}

impl PartFields for BusinessFields {
    type Body = BusinessBody;

    const KIND: PartKind = PartKind::Business;
    const WHAT: &'static str = "business";

    fn of(part: &Part) -> Option<Self> {
        Self::body(part).map(|body| body.fields)
    }

    fn into_part(self, id: PartId, _: Timestamp) -> Result<Part, Invalid> {
        let mut checks = Checks::default();
        let name = checks.required("name", self.name, |text| NAME.parse(&text));
        let business_type = text(&mut checks, "business_type", self.business_type, WORDS);
        let description = text(&mut checks, "description", self.description, TEXT);
        let location = checks.optional("location_gps", self.location_gps, PointInput::parse);
        let address = text(&mut checks, "address", self.address, LINE);
        let phone = text(&mut checks, "phone", self.phone, WORDS);
        let email = checks.optional("email", self.email, email);
        let website = checks.optional("website", self.website, |url| web_address(&url));
        let operating_hours = text(&mut checks, "operating_hours", self.operating_hours, LINE);
        let price_range = text(&mut checks, "price_range", self.price_range, WORDS);
        let cost = ("estimated_cost_per_person", self.estimated_cost_per_person);
        let cost = money(
            &mut checks,
            cost,
            ("estimated_cost_currency", self.estimated_cost_currency),
        );
        let rating = checks.optional("rating", self.rating, |rating| number(rating, 0.0, 5.0));
        let services = list(&mut checks, "services", self.services, MAX_ENTRIES, WORDS);
        let accessibility = text(&mut checks, "accessibility", self.accessibility, LINE);
        let recommended_day = checks.optional("recommended_day", self.recommended_day, day_number);
        checks.build(|| {
            let PartId::Business(id) = id else { return None };
            Some(Part::Business(Business {
                id,
                name: name?,
                business_type,
                description,
                location,
                address,
                phone,
                email,
                website,
                operating_hours,
                price_range,
                cost_per_person: cost,
                rating,
                services,
                is_women_safe: self.is_women_safe.unwrap_or(false),
                accessibility,
                recommended_day,
            }))
        })
    }

    fn body(part: &Part) -> Option<BusinessBody> {
        match part {
            Part::Business(business) => Some(BusinessBody::new(business)),
            _ => None,
        }
    }
}

part_operations!(
    BusinessFields, BusinessBody, "/api/v1/itineraries/{itinerary_id}/businesses",
    "/api/v1/itineraries/{itinerary_id}/businesses/{business_id}",
    (("itinerary_id" = String, Path, format = Uuid), ("business_id" = String, Path, format = Uuid)),
    BusinessId => PartId::Business,
    create |request, context| {
        let id = BusinessId::from_uuid(context.new_id("business"));
        request.into_part(PartId::Business(id), context.now)
    },
    list_itinerary_businesses "listItineraryBusinesses", create_itinerary_business "createItineraryBusiness",
    get_itinerary_business "getItineraryBusiness", replace_itinerary_business "replaceItineraryBusiness",
    patch_itinerary_business "patchItineraryBusiness", delete_itinerary_business "deleteItineraryBusiness",
);
