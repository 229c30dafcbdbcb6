//! Items of a trip as they are stored and as the version history keeps them, and the way there and back.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::ItemId,
    trip::{
        Cabin, Coordinates, Details, Item, ItemStatus, ItemType, LocalTime, Location, MealType, Mode, Plan, When, Zone,
    },
};

use crate::{
    StoreError,
    trips::{preference_rows::MoneyRow, rows::corrupt},
};

/// Field names are those that clients see in the differences between two versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ItemRow {
    pub(crate) id: ItemId,
    #[serde(rename = "type")]
    item_type: String,
    title: String,
    description: Option<String>,
    details: DetailsRow,
    location: Option<LocationRow>,
    start: Option<WhenRow>,
    end: Option<WhenRow>,
    cost: Option<MoneyRow>,
    status: String,
    booking_reference: Option<String>,
    url: Option<String>,
    notes: Option<String>,
    flexible: bool,
    position: u64,
    pub(crate) version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The details of every type in one shape; those of other types are absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct DetailsRow {
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flight_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin_terminal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_terminal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cabin: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    seats: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_in_time: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_out_time: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting_point: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cuisine: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LocationRow {
    name: Option<String>,
    address: Option<String>,
    coordinates: Option<(f64, f64)>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum WhenRow {
    Time {
        local_time: DateTime,
        time_zone: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        later: bool,
    },
    Day {
        date: Date,
    },
}

impl From<&Item> for ItemRow {
    fn from(item: &Item) -> Self {
        let plan = &item.plan;
        Self {
            id: item.id,
            item_type: plan.details.item_type().name().to_owned(),
            title: plan.title.clone(),
            description: plan.description.clone(),
            details: DetailsRow::from(&plan.details),
            location: plan.location.as_ref().map(LocationRow::from),
            start: plan.start.as_ref().map(WhenRow::from),
            end: plan.end.as_ref().map(WhenRow::from),
            cost: plan.cost.as_ref().map(MoneyRow::from),
            status: plan.status.name().to_owned(),
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

impl ItemRow {
    pub(crate) fn into_item(self) -> Result<Item, StoreError> {
        let item_type = ItemType::parse(&self.item_type).map_err(corrupt)?;
        Ok(Item {
            id: self.id,
            plan: Plan {
                title: self.title,
                description: self.description,
                details: self.details.into_details(item_type)?,
                location: self.location.map(LocationRow::into_location),
                start: self.start.map(WhenRow::into_when).transpose()?,
                end: self.end.map(WhenRow::into_when).transpose()?,
                cost: self.cost.map(MoneyRow::into_money).transpose()?,
                status: ItemStatus::parse(&self.status).map_err(corrupt)?,
                booking_reference: self.booking_reference,
                url: self.url,
                notes: self.notes,
                flexible: self.flexible,
            },
            position: self.position,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    /// The item that the version history keeps.
    pub(crate) fn of_text(text: &str) -> Result<Item, StoreError> {
        serde_json::from_str::<Self>(text).map_err(corrupt)?.into_item()
    }
}

impl From<&Details> for DetailsRow {
    fn from(details: &Details) -> Self {
        match details.clone() {
            Details::Flight {
                carrier,
                flight_number,
                origin,
                destination,
                origin_terminal,
                destination_terminal,
                cabin,
                seats,
            } => Self {
                carrier,
                flight_number,
                origin,
                destination,
                origin_terminal,
                destination_terminal,
                cabin: cabin.map(|cabin| cabin.name().to_owned()),
                seats,
                ..Self::default()
            },
            Details::Accommodation {
                name,
                address,
                room_type,
                check_in_time,
                check_out_time,
            } => Self {
                name,
                address,
                room_type,
                check_in_time,
                check_out_time,
                ..Self::default()
            },
            Details::Activity {
                category,
                provider,
                meeting_point,
            } => Self {
                category,
                provider,
                meeting_point,
                ..Self::default()
            },
            Details::Transport {
                mode,
                provider,
                from,
                to,
                seats,
            } => Self {
                mode: mode.map(|mode| mode.name().to_owned()),
                provider,
                from,
                to,
                seats,
                ..Self::default()
            },
            Details::Meal { meal, cuisine } => Self {
                meal: meal.map(|meal| meal.name().to_owned()),
                cuisine,
                ..Self::default()
            },
            Details::Note => Self::default(),
        }
    }
}

impl DetailsRow {
    fn into_details(self, item_type: ItemType) -> Result<Details, StoreError> {
        Ok(match item_type {
            ItemType::Flight => Details::Flight {
                carrier: self.carrier,
                flight_number: self.flight_number,
                origin: self.origin,
                destination: self.destination,
                origin_terminal: self.origin_terminal,
                destination_terminal: self.destination_terminal,
                cabin: self
                    .cabin
                    .map(|name| Cabin::parse(&name))
                    .transpose()
                    .map_err(corrupt)?,
                seats: self.seats,
            },
            ItemType::Accommodation => Details::Accommodation {
                name: self.name,
                address: self.address,
                room_type: self.room_type,
                check_in_time: self.check_in_time,
                check_out_time: self.check_out_time,
            },
            ItemType::Activity => Details::Activity {
                category: self.category,
                provider: self.provider,
                meeting_point: self.meeting_point,
            },
            ItemType::Transport => Details::Transport {
                mode: self.mode.map(|name| Mode::parse(&name)).transpose().map_err(corrupt)?,
                provider: self.provider,
                from: self.from,
                to: self.to,
                seats: self.seats,
            },
            ItemType::Meal => Details::Meal {
                meal: self
                    .meal
                    .map(|name| MealType::parse(&name))
                    .transpose()
                    .map_err(corrupt)?,
                cuisine: self.cuisine,
            },
            ItemType::Note => Details::Note,
        })
    }
}

impl From<&Location> for LocationRow {
    fn from(location: &Location) -> Self {
        Self {
            name: location.name.clone(),
            address: location.address.clone(),
            coordinates: location.coordinates.map(|at| (at.latitude, at.longitude)),
        }
    }
}

impl LocationRow {
    fn into_location(self) -> Location {
        Location {
            name: self.name,
            address: self.address,
            coordinates: self
                .coordinates
                .map(|(latitude, longitude)| Coordinates { latitude, longitude }),
        }
    }
}

impl From<&When> for WhenRow {
    fn from(when: &When) -> Self {
        match when {
            When::Day(date) => Self::Day { date: *date },
            When::Time(time) => Self::Time {
                local_time: time.local,
                time_zone: time.zone.name().to_owned(),
                later: time.later,
            },
        }
    }
}

impl WhenRow {
    pub(crate) fn into_when(self) -> Result<When, StoreError> {
        Ok(match self {
            Self::Day { date } => When::Day(date),
            Self::Time {
                local_time,
                time_zone,
                later,
            } => {
                let zone = Zone::parse(&time_zone).map_err(corrupt)?;
                When::Time(LocalTime::stored(local_time, zone, later))
            }
        })
    }
}
