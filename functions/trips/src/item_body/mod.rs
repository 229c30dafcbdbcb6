//! An item as clients write and read it.

mod details;

use jiff::{
    Timestamp,
    civil::{DateTime, Time},
};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    text::{TextRule, tags},
    trip::{
        Cabin, Details, Item, ItemStatus, ItemType, LocalTime, Location, MAX_SEATS, MealType, Mode, Plan, When, Zone,
        airport, web_address,
    },
    validation::{Checks, Invalid, Rule},
};
use tripsage_http::MoneyFields;
use utoipa::ToSchema;

use crate::trip_body::{CoordinateFields, date};

const TITLE: TextRule = TextRule::line(1, 200);
const TEXT: TextRule = TextRule::multiline(1, 2000);
const LINE: TextRule = TextRule::line(1, 200);
const ADDRESS: TextRule = TextRule::line(1, 500);
const CODE: TextRule = TextRule::line(1, 40);

/// What a client writes of an item. `null` is the same as leaving a field out.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ItemFields {
    /// `flight`, `accommodation`, `activity`, `transport`, `meal` or `note`.
    #[serde(rename = "type")]
    #[schema(example = "flight")]
    pub(crate) item_type: Option<String>,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200, example = "To Tokyo")]
    title: Option<String>,
    /// What it is about.
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// What only its type has.
    details: Option<DetailsFields>,
    /// Where it happens.
    location: Option<LocationFields>,
    /// When it begins; without it, the item has no date yet.
    start: Option<WhenFields>,
    /// When it ends: not before `start`, and in the same form.
    end: Option<WhenFields>,
    /// What it costs, for all travellers.
    cost: Option<MoneyFields>,
    /// `idea`, `planned` (unless given), `booked` or `cancelled`.
    #[schema(example = "booked")]
    status: Option<String>,
    /// What the supplier knows the booking by.
    #[schema(max_length = 40, example = "X1Y2Z3")]
    booking_reference: Option<String>,
    /// A page about it: an `https://` address.
    #[schema(max_length = 2000)]
    url: Option<String>,
    /// For the travellers themselves.
    #[schema(max_length = 2000)]
    notes: Option<String>,
    /// Whether it may move to another time or day.
    flexible: Option<bool>,
}

/// A day (`date`), or a time as the clocks at the place show it (`local_time` and `time_zone`).
///
/// A time that clocks skip when they are set forward is refused. One that they show twice means the first, unless
/// `fold` says `later`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WhenFields {
    /// A whole day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, example = "2027-04-01")]
    date: Option<String>,
    /// Date and time, without an offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2027-04-01T13:00:00")]
    local_time: Option<String>,
    /// IANA time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Europe/Zurich")]
    time_zone: Option<String>,
    /// `earlier` or `later`, for a time that occurs twice.
    #[serde(skip_serializing_if = "Option::is_none")]
    fold: Option<String>,
    /// The instant; computed, and what is sent is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    instant: Option<String>,
    /// Offset from UTC at that instant; computed, and what is sent is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "+02:00")]
    utc_offset: Option<String>,
}

/// Where something happens; one of the fields at least.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocationFields {
    /// What people call it.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Postal address.
    #[schema(max_length = 500)]
    address: Option<String>,
    /// Where it is.
    coordinates: Option<CoordinateFields>,
}

macro_rules! details_fields {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)*) => {
        /// What only items of one type have; a field of another type is refused.
        #[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(crate) struct DetailsFields {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] $field: Option<$type>,)*
        }

        impl DetailsFields {
            /// The first field that was given and not taken.
            fn left_over(&self) -> Option<&'static str> {
                $(if self.$field.is_some() { return Some(stringify!($field)); })*
                None
            }
        }
    };
}

details_fields! {
    /// Flight: the airline.
    carrier: String,
    /// Flight.
    #[schema(example = "LX160")]
    flight_number: String,
    /// Flight: IATA code of the airport.
    #[schema(example = "ZRH")]
    origin: String,
    /// Flight: IATA code of the airport.
    #[schema(example = "NRT")]
    destination: String,
    /// Flight.
    origin_terminal: String,
    /// Flight.
    destination_terminal: String,
    /// Flight: `economy`, `premium_economy`, `business` or `first`.
    cabin: String,
    /// Flight and transport.
    #[schema(max_items = 20)]
    seats: Vec<String>,
    /// Accommodation: name of the house.
    name: String,
    /// Accommodation.
    address: String,
    /// Accommodation.
    room_type: String,
    /// Accommodation: from when the room is ready on the first day.
    #[schema(example = "15:00")]
    check_in_time: String,
    /// Accommodation: until when it must be left on the last day.
    #[schema(example = "11:00")]
    check_out_time: String,
    /// Activity: such as `museum`.
    category: String,
    /// Activity and transport: who offers it.
    provider: String,
    /// Activity.
    meeting_point: String,
    /// Transport: `train`, `bus`, `tram`, `metro`, `ferry`, `car`, `rental_car`, `taxi`, `bicycle`, `walk` or `other`.
    mode: String,
    /// Transport.
    from: String,
    /// Transport.
    to: String,
    /// Meal: `breakfast`, `brunch`, `lunch`, `dinner`, `snack` or `drinks`.
    meal: String,
    /// Meal.
    cuisine: String,
}

impl ItemFields {
    pub(crate) fn into_plan(self) -> Result<Plan, Invalid> {
        let mut checks = Checks::default();
        let item_type = checks.required("type", self.item_type, |name| ItemType::parse(&name));
        let title = checks.required("title", self.title, |text| TITLE.parse(&text));
        let details = self.details.unwrap_or_default();
        let details = item_type.and_then(|kind| checks.nested("details", details.into_details(kind)));
        let description = optional_text(&mut checks, "description", self.description, TEXT);
        let location = self
            .location
            .and_then(|location| checks.nested("location", location.into_location()));
        let start = self.start.and_then(|when| checks.nested("start", when.into_when()));
        let end = self.end.and_then(|when| checks.nested("end", when.into_when()));
        let cost = self.cost.and_then(|cost| checks.nested("cost", cost.into_money()));
        let status = checks.optional("status", self.status, |name| ItemStatus::parse(&name));
        let booking_reference = optional_text(&mut checks, "booking_reference", self.booking_reference, CODE);
        let url = checks.optional("url", self.url, |text| web_address(&text));
        let notes = optional_text(&mut checks, "notes", self.notes, TEXT);
        checks
            .build(|| {
                Some(Plan {
                    title: title?,
                    description,
                    details: details?,
                    location,
                    start,
                    end,
                    cost,
                    status: status.unwrap_or(ItemStatus::Planned),
                    booking_reference,
                    url,
                    notes,
                    flexible: self.flexible.unwrap_or(false),
                })
            })?
            .checked()
    }

    /// The fields as a client could have written them.
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            item_type: Some(plan.details.item_type().name().to_owned()),
            title: Some(plan.title.clone()),
            description: plan.description.clone(),
            details: Some(DetailsFields::new(&plan.details)),
            location: plan.location.as_ref().map(LocationFields::new),
            start: plan.start.as_ref().map(WhenFields::new),
            end: plan.end.as_ref().map(WhenFields::new),
            cost: plan.cost.as_ref().map(MoneyFields::new),
            status: Some(plan.status.name().to_owned()),
            booking_reference: plan.booking_reference.clone(),
            url: plan.url.clone(),
            notes: plan.notes.clone(),
            flexible: Some(plan.flexible),
        }
    }
}

/// An empty text is none.
fn optional_text(checks: &mut Checks, field: &str, text: Option<String>, rule: TextRule) -> Option<String> {
    let text = text.filter(|text| !text.trim().is_empty());
    checks.optional(field, text, |text| rule.parse(&text))
}

impl WhenFields {
    fn into_when(self) -> Result<When, Invalid> {
        let mut checks = Checks::default();
        let Some(local_time) = self.local_time else {
            checks.ensure(
                self.time_zone.is_none(),
                "time_zone",
                "exclusive",
                "must not be given without local_time",
            );
            checks.ensure(
                self.fold.is_none(),
                "fold",
                "exclusive",
                "must not be given without local_time",
            );
            let day = checks.required("date", self.date, date);
            return checks.build(|| Some(When::Day(day?)));
        };
        checks.ensure(
            self.date.is_none(),
            "date",
            "exclusive",
            "must not be given together with local_time",
        );
        let local = checks.take("local_time", local(&local_time));
        let zone = checks.required("time_zone", self.time_zone, |name| Zone::parse(&name));
        let later = checks.optional("fold", self.fold.as_deref(), |fold| match fold {
            "earlier" => Ok(false),
            "later" => Ok(true),
            _ => Err(Rule::new("one_of", "must be one of earlier, later")),
        });
        let time = local
            .zip(zone)
            .and_then(|(local, zone)| checks.take("local_time", LocalTime::new(local, zone, later.unwrap_or(false))));
        checks.build(|| Some(When::Time(time?)))
    }

    pub(crate) fn new(when: &When) -> Self {
        match when {
            When::Day(day) => Self {
                date: Some(day.to_string()),
                ..Self::default()
            },
            When::Time(time) => Self {
                local_time: Some(time.local.to_string()),
                time_zone: Some(time.zone.name().to_owned()),
                fold: time.later.then(|| "later".to_owned()),
                instant: Some(time.instant().to_string()),
                utc_offset: Some(time.utc_offset()),
                ..Self::default()
            },
        }
    }
}

fn local(text: &str) -> Result<DateTime, Rule> {
    let wrong = || {
        Rule::new(
            "local_time",
            "must be a date and time without an offset, such as 2027-04-01T13:00:00",
        )
    };
    let plain = matches!(text.len(), 16 | 19)
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'T'));
    let time: DateTime = text.parse().map_err(|_| wrong())?;
    if !plain {
        return Err(wrong());
    }
    date(time.date().to_string())?;
    Ok(time)
}

impl LocationFields {
    fn into_location(self) -> Result<Location, Invalid> {
        let mut checks = Checks::default();
        let location = Location {
            name: optional_text(&mut checks, "name", self.name, LINE),
            address: optional_text(&mut checks, "address", self.address, ADDRESS),
            coordinates: checks.optional("coordinates", self.coordinates, CoordinateFields::parse),
        };
        checks.finish()?;
        let mut checks = Checks::default();
        checks.ensure(
            location.line().is_some(),
            "name",
            "required",
            "is required unless there is an address or coordinates",
        );
        checks.build(|| Some(location))
    }

    fn new(location: &Location) -> Self {
        Self {
            name: location.name.clone(),
            address: location.address.clone(),
            coordinates: location.coordinates.map(CoordinateFields::new),
        }
    }
}

/// An item.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ItemResponse {
    /// Its id.
    #[schema(format = Uuid)]
    id: String,
    /// `flight`, `accommodation`, `activity`, `transport`, `meal` or `note`.
    #[serde(rename = "type")]
    item_type: &'static str,
    /// What it is called.
    title: String,
    /// What it is about.
    description: Option<String>,
    /// What only its type has.
    details: DetailsFields,
    /// Where it happens.
    location: Option<LocationFields>,
    /// When it begins.
    start: Option<WhenFields>,
    /// When it ends.
    end: Option<WhenFields>,
    /// What it costs, for all travellers.
    cost: Option<MoneyFields>,
    /// `idea`, `planned`, `booked` or `cancelled`.
    status: &'static str,
    /// What the supplier knows the booking by.
    booking_reference: Option<String>,
    /// A page about it.
    url: Option<String>,
    /// For the travellers themselves.
    notes: Option<String>,
    /// Whether it may move to another time or day.
    flexible: bool,
    /// Orders items that have the same time or none.
    position: u64,
    /// Version of the item, as in `ETag`.
    version: u64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl ItemResponse {
    pub(crate) fn new(item: &Item) -> Self {
        let plan = &item.plan;
        Self {
            id: item.id.to_string(),
            item_type: plan.details.item_type().name(),
            title: plan.title.clone(),
            description: plan.description.clone(),
            details: DetailsFields::new(&plan.details),
            location: plan.location.as_ref().map(LocationFields::new),
            start: plan.start.as_ref().map(WhenFields::new),
            end: plan.end.as_ref().map(WhenFields::new),
            cost: plan.cost.as_ref().map(MoneyFields::new),
            status: plan.status.name(),
            booking_reference: plan.booking_reference.clone(),
            url: plan.url.clone(),
            notes: plan.notes.clone(),
            flexible: plan.flexible,
            position: item.position,
            version: item.version,
            created_at: item.created_at,
            updated_at: item.updated_at,
        }
    }
}
