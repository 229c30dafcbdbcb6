//! Trips as they are stored, and the way there and back.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{TripId, UserId},
    trip::{Content, Coordinates, Destination, Member, Role, Status, Trip, TripType},
};

use crate::{StoreError, trips::preference_rows::PreferencesRow};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TripRow {
    pub(crate) id: TripId,
    pub(crate) content: ContentRow,
    pub(crate) members: Vec<MemberRow>,
    pub(crate) revision: u64,
    pub(crate) head: String,
    pub(crate) item_count: usize,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: Option<Timestamp>,
}

/// The content alone: what the version history keeps of a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ContentRow {
    title: String,
    description: Option<String>,
    start_date: Date,
    end_date: Date,
    destinations: Vec<DestinationRow>,
    status: String,
    trip_type: String,
    travelers: u32,
    tags: Vec<String>,
    preferences: PreferencesRow,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct DestinationRow {
    name: String,
    country: Option<String>,
    city: Option<String>,
    coordinates: Option<(f64, f64)>,
    arrival_date: Option<Date>,
    departure_date: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MemberRow {
    user: UserId,
    role: String,
    added_by: UserId,
    added_at: Timestamp,
}

/// What a list of trips shows of one; each member has a row of their own, so that a list is one query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingRow {
    /// Which trip.
    pub id: TripId,
    /// What it is called.
    pub title: String,
    /// First day.
    pub start_date: Date,
    /// Last day.
    pub end_date: Date,
    /// Names of its destinations.
    pub destinations: Vec<String>,
    /// How far it is.
    pub status: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What the member may do.
    pub role: String,
    /// How many take part.
    pub members: usize,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its content or members last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

impl From<&Trip> for TripRow {
    fn from(trip: &Trip) -> Self {
        Self {
            id: trip.id,
            content: ContentRow::from(&trip.content),
            members: trip.members.iter().map(MemberRow::from).collect(),
            revision: trip.revision,
            head: trip.head.clone(),
            item_count: trip.item_count,
            created_at: trip.created_at,
            updated_at: trip.updated_at,
            deleted_at: trip.deleted_at,
        }
    }
}

impl TripRow {
    pub(crate) fn into_trip(self, sequence: u64) -> Result<Trip, StoreError> {
        Ok(Trip {
            id: self.id,
            content: self.content.into_content()?,
            members: self
                .members
                .into_iter()
                .map(MemberRow::into_member)
                .collect::<Result<_, _>>()?,
            revision: self.revision,
            sequence,
            head: self.head,
            item_count: self.item_count,
            created_at: self.created_at,
            updated_at: self.updated_at,
            deleted_at: self.deleted_at,
        })
    }
}

impl From<&Content> for ContentRow {
    fn from(content: &Content) -> Self {
        Self {
            title: content.title.clone(),
            description: content.description.clone(),
            start_date: content.start_date,
            end_date: content.end_date,
            destinations: content.destinations.iter().map(DestinationRow::from).collect(),
            status: content.status.name().to_owned(),
            trip_type: content.trip_type.name().to_owned(),
            travelers: content.travelers,
            tags: content.tags.clone(),
            preferences: PreferencesRow::from(&content.preferences),
        }
    }
}

impl ContentRow {
    pub(crate) fn into_content(self) -> Result<Content, StoreError> {
        Ok(Content {
            title: self.title,
            description: self.description,
            start_date: self.start_date,
            end_date: self.end_date,
            destinations: self
                .destinations
                .into_iter()
                .map(DestinationRow::into_destination)
                .collect(),
            status: Status::parse(&self.status).map_err(corrupt)?,
            trip_type: TripType::parse(&self.trip_type).map_err(corrupt)?,
            travelers: self.travelers,
            tags: self.tags,
            preferences: self.preferences.into_preferences()?,
        })
    }
}

impl From<&Destination> for DestinationRow {
    fn from(place: &Destination) -> Self {
        Self {
            name: place.name.clone(),
            country: place.country.clone(),
            city: place.city.clone(),
            coordinates: place.coordinates.map(|at| (at.latitude, at.longitude)),
            arrival_date: place.arrival_date,
            departure_date: place.departure_date,
        }
    }
}

impl DestinationRow {
    fn into_destination(self) -> Destination {
        Destination {
            name: self.name,
            country: self.country,
            city: self.city,
            coordinates: self
                .coordinates
                .map(|(latitude, longitude)| Coordinates { latitude, longitude }),
            arrival_date: self.arrival_date,
            departure_date: self.departure_date,
        }
    }
}

impl From<&Member> for MemberRow {
    fn from(member: &Member) -> Self {
        Self {
            user: member.user,
            role: member.role.name().to_owned(),
            added_by: member.added_by,
            added_at: member.added_at,
        }
    }
}

impl MemberRow {
    fn into_member(self) -> Result<Member, StoreError> {
        let role = Role::from_name(&self.role).ok_or_else(|| corrupt(&self.role))?;
        Ok(Member {
            user: self.user,
            role,
            added_by: self.added_by,
            added_at: self.added_at,
        })
    }
}

impl ListingRow {
    pub(crate) fn new(trip: &Trip, member: &Member) -> Self {
        let content = &trip.content;
        Self {
            id: trip.id,
            title: content.title.clone(),
            start_date: content.start_date,
            end_date: content.end_date,
            destinations: content.destinations.iter().map(|place| place.name.clone()).collect(),
            status: content.status.name().to_owned(),
            tags: content.tags.clone(),
            role: member.role.name().to_owned(),
            members: trip.members.len(),
            created_at: trip.created_at,
            updated_at: trip.updated_at,
            deleted_at: trip.deleted_at,
        }
    }
}

pub(crate) fn corrupt(what: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(what.to_string())
}
