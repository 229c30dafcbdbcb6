use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use tripsage_domain::{
    ids::{HiddenGemId, ItineraryId},
    itinerary::{HiddenGem, Part, PartId, PartKind, day_number},
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::{
    Amount, ApiError, Caller, Context, Envelope, Errors, IfMatch, Json, MaybeCaller, Path, PointInput, Reply,
    merge_patch, replace_fields,
};
use utoipa::ToSchema;

use super::{LINE, NAME, PartFields, TEXT, WORDS, operations::part_operations};
use crate::{
    App,
    body::ItineraryDetail,
    inputs::{money, number, text},
};

/// Minutes in a week.
const MAX_MINUTES: u32 = 10_080;

/// A place worth finding.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GemFields {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "Nezu shrine at dawn")]
    name: Option<String>,
    /// What it is like.
    #[schema(max_length = 3000)]
    description: Option<String>,
    /// What kind of place.
    #[schema(max_length = 100, example = "shrine")]
    gem_type: Option<String>,
    /// Where it is.
    location_gps: Option<PointInput>,
    /// How to get there.
    #[schema(max_length = 500)]
    how_to_reach: Option<String>,
    /// `easy`, `moderate`, `difficult` or `expert`.
    #[schema(example = "easy")]
    difficulty_level: Option<String>,
    /// When it is best.
    #[schema(max_length = 100)]
    best_time_to_visit: Option<String>,
    /// What one pays to get in.
    entry_fee: Option<Amount>,
    /// ISO 4217 code; `USD` unless given.
    #[schema(example = "JPY")]
    entry_fee_currency: Option<String>,
    /// How long one stays.
    #[schema(maximum = 10080)]
    estimated_visit_duration_minutes: Option<u32>,
    /// How good it is, as its author finds.
    #[schema(minimum = 0, maximum = 5)]
    rating: Option<f64>,
    /// On which day to go.
    #[schema(minimum = 1, maximum = 366)]
    recommended_day: Option<u16>,
}

/// A place worth finding.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct GemBody {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    #[serde(flatten)]
    fields: GemFields,
}

impl GemBody {
    pub(crate) fn new(gem: &HiddenGem) -> Self {
        let fee = gem.entry_fee;
        Self {
            id: gem.id.to_string(),
            fields: GemFields {
                name: Some(gem.name.clone()),
                description: gem.description.clone(),
                gem_type: gem.gem_type.clone(),
                location_gps: gem.location.map(PointInput::from),
                how_to_reach: gem.how_to_reach.clone(),
                difficulty_level: gem.difficulty.map(|level| level.name().to_owned()),
                best_time_to_visit: gem.best_time_to_visit.clone(),
                entry_fee: fee.as_ref().map(Amount::new),
                entry_fee_currency: fee.map(|fee| fee.currency.code().to_owned()),
                estimated_visit_duration_minutes: gem.visit_minutes,
                rating: gem.rating,
                recommended_day: gem.recommended_day,
            },
        }
    }
}

fn minutes(value: u32) -> Result<u32, Rule> {
    if value <= MAX_MINUTES {
        Ok(value)
    } else {
        Err(Rule::new("range", format!("must be at most {MAX_MINUTES}")))
    }
}

impl PartFields for GemFields {
    type Body = GemBody;

    const KIND: PartKind = PartKind::HiddenGem;
    const WHAT: &'static str = "hidden gem";

    fn of(part: &Part) -> Option<Self> {
        Self::body(part).map(|body| body.fields)
    }

    fn into_part(self, id: PartId, _: Timestamp) -> Result<Part, Invalid> {
        let mut checks = Checks::default();
        let name = checks.required("name", self.name, |text| NAME.parse(&text));
        let description = text(&mut checks, "description", self.description, TEXT);
        let gem_type = text(&mut checks, "gem_type", self.gem_type, WORDS);
        let location = checks.optional("location_gps", self.location_gps, PointInput::parse);
        let how_to_reach = text(&mut checks, "how_to_reach", self.how_to_reach, LINE);
        let difficulty = checks.optional("difficulty_level", self.difficulty_level, |text| Ok(text.parse()?));
        let best_time = text(&mut checks, "best_time_to_visit", self.best_time_to_visit, WORDS);
        let currency = ("entry_fee_currency", self.entry_fee_currency);
        let entry_fee = money(&mut checks, ("entry_fee", self.entry_fee), currency);
        let visit = self.estimated_visit_duration_minutes;
        let visit_minutes = checks.optional("estimated_visit_duration_minutes", visit, minutes);
        let rating = checks.optional("rating", self.rating, |rating| number(rating, 0.0, 5.0));
        let recommended_day = checks.optional("recommended_day", self.recommended_day, day_number);
        checks.build(|| {
            let PartId::HiddenGem(id) = id else { return None };
            Some(Part::HiddenGem(HiddenGem {
                id,
                name: name?,
                description,
                gem_type,
                location,
                how_to_reach,
                difficulty,
                best_time_to_visit: best_time,
                entry_fee,
                visit_minutes,
                rating,
                recommended_day,
            }))
        })
    }

    fn body(part: &Part) -> Option<GemBody> {
        match part {
            Part::HiddenGem(gem) => Some(GemBody::new(gem)),
            _ => None,
        }
    }
}

part_operations!(
    GemFields, GemBody, "/api/v1/itineraries/{itinerary_id}/hidden-gems",
    "/api/v1/itineraries/{itinerary_id}/hidden-gems/{gem_id}",
    (("itinerary_id" = String, Path, format = Uuid), ("gem_id" = String, Path, format = Uuid)),
    HiddenGemId => PartId::HiddenGem,
    create |request, context| {
        let id = HiddenGemId::from_uuid(context.new_id("hidden gem"));
        request.into_part(PartId::HiddenGem(id), context.now)
    },
    list_hidden_gems "listHiddenGems", create_hidden_gem "createHiddenGem", get_hidden_gem "getHiddenGem",
    replace_hidden_gem "replaceHiddenGem", patch_hidden_gem "patchHiddenGem", delete_hidden_gem "deleteHiddenGem",
);
