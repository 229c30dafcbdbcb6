//! Parts and routes of itineraries as they are stored.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{BusinessId, HiddenGemId, ItineraryId, SafetyAlertId},
    itinerary::{
        AlertStatus, Business, DayPlan, Difficulty, HiddenGem, Part, PartKind, Point, Route, SafetyAlert, Severity,
        Waypoint,
    },
    money::Money,
    trip::Coordinates,
};

use super::rows::{optional_coordinates, optional_money};
use crate::StoreError;

#[derive(Serialize, Deserialize)]
struct DayRow(#[serde(with = "DayFields")] DayPlan);

#[derive(Serialize, Deserialize)]
struct BusinessRow(#[serde(with = "BusinessFields")] Business);

#[derive(Serialize, Deserialize)]
struct GemRow(#[serde(with = "GemFields")] HiddenGem);

#[derive(Serialize, Deserialize)]
struct AlertRow(#[serde(with = "AlertFields")] SafetyAlert);

/// A part of any kind, to be stored.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PartRow {
    Day(#[serde(with = "DayFields")] DayPlan),
    Business(#[serde(with = "BusinessFields")] Business),
    Gem(#[serde(with = "GemFields")] HiddenGem),
    Alert(#[serde(with = "AlertFields")] SafetyAlert),
}

impl From<Part> for PartRow {
    fn from(part: Part) -> Self {
        match part {
            Part::Day(day) => Self::Day(day),
            Part::Business(business) => Self::Business(business),
            Part::HiddenGem(gem) => Self::Gem(gem),
            Part::SafetyAlert(alert) => Self::Alert(alert),
        }
    }
}

/// Reads a part whose kind its key tells.
pub(super) fn part(kind: PartKind, value: serde_json::Value) -> Result<Part, StoreError> {
    let part = match kind {
        PartKind::Day => serde_json::from_value::<DayRow>(value).map(|row| Part::Day(row.0)),
        PartKind::Business => serde_json::from_value::<BusinessRow>(value).map(|row| Part::Business(row.0)),
        PartKind::HiddenGem => serde_json::from_value::<GemRow>(value).map(|row| Part::HiddenGem(row.0)),
        PartKind::SafetyAlert => serde_json::from_value::<AlertRow>(value).map(|row| Part::SafetyAlert(row.0)),
    };
    part.map_err(|error| StoreError::Corrupt(error.to_string()))
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "DayPlan")]
struct DayFields {
    day_number: u16,
    date: Option<Date>,
    title: String,
    description: Option<String>,
    distance_km: Option<f64>,
    elevation_gain_m: Option<u32>,
    elevation_loss_m: Option<u32>,
    start_point: Option<String>,
    end_point: Option<String>,
    estimated_duration_hours: Option<f64>,
    activities: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Business")]
struct BusinessFields {
    id: BusinessId,
    name: String,
    business_type: Option<String>,
    description: Option<String>,
    #[serde(with = "optional_coordinates")]
    location: Option<Coordinates>,
    address: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    website: Option<String>,
    operating_hours: Option<String>,
    price_range: Option<String>,
    #[serde(with = "optional_money")]
    cost_per_person: Option<Money>,
    rating: Option<f64>,
    services: Vec<String>,
    is_women_safe: bool,
    accessibility: Option<String>,
    recommended_day: Option<u16>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "HiddenGem")]
struct GemFields {
    id: HiddenGemId,
    name: String,
    description: Option<String>,
    gem_type: Option<String>,
    #[serde(with = "optional_coordinates")]
    location: Option<Coordinates>,
    how_to_reach: Option<String>,
    difficulty: Option<Difficulty>,
    best_time_to_visit: Option<String>,
    #[serde(with = "optional_money")]
    entry_fee: Option<Money>,
    visit_minutes: Option<u32>,
    rating: Option<f64>,
    recommended_day: Option<u16>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SafetyAlert")]
struct AlertFields {
    id: SafetyAlertId,
    alert_type: String,
    severity: Severity,
    title: String,
    description: Option<String>,
    #[serde(with = "optional_coordinates")]
    location: Option<Coordinates>,
    location_name: Option<String>,
    incident_date: Option<Date>,
    reported_at: Timestamp,
    recommended_action: Option<String>,
    alternative_route: Option<String>,
    status: AlertStatus,
    resolved_at: Option<Timestamp>,
}

/// A route; its points are one text for each stretch, a tenth of what lists of numbers would take.
#[derive(Serialize, Deserialize)]
pub(super) struct RouteRow {
    id: ItineraryId,
    segments: Vec<String>,
    waypoints: Vec<WaypointRow>,
}

#[derive(Serialize, Deserialize)]
struct WaypointRow {
    point: String,
    name: Option<String>,
    description: Option<String>,
}

impl RouteRow {
    pub(super) fn new(id: ItineraryId, route: &Route) -> Self {
        let segment = |points: &Vec<Point>| points.iter().map(written).collect::<Vec<_>>().join(";");
        let waypoints = route.waypoints.iter().map(|waypoint| WaypointRow {
            point: written(&waypoint.point),
            name: waypoint.name.clone(),
            description: waypoint.description.clone(),
        });
        Self {
            id,
            segments: route.segments.iter().map(segment).collect(),
            waypoints: waypoints.collect(),
        }
    }

    pub(super) fn into_route(self) -> Result<Route, StoreError> {
        let corrupt = || StoreError::Corrupt("a point of a route".to_owned());
        let segment = |text: &String| text.split(';').map(read).collect::<Option<Vec<Point>>>();
        let segments: Option<Vec<_>> = self.segments.iter().map(segment).collect();
        let waypoints = self.waypoints.into_iter().map(|row| {
            Some(Waypoint {
                point: read(&row.point)?,
                name: row.name,
                description: row.description,
            })
        });
        Ok(Route {
            segments: segments.ok_or_else(corrupt)?,
            waypoints: waypoints.collect::<Option<_>>().ok_or_else(corrupt)?,
        })
    }
}

fn written(point: &Point) -> String {
    let Coordinates { latitude, longitude } = point.at;
    match point.elevation_m {
        Some(elevation) => format!("{latitude},{longitude},{elevation}"),
        None => format!("{latitude},{longitude}"),
    }
}

fn read(text: &str) -> Option<Point> {
    let mut numbers = text.split(',').map(str::parse::<f64>);
    let (latitude, longitude) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(Point {
        at: Coordinates { latitude, longitude },
        elevation_m: numbers.next().transpose().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_stored_as_it_is() {
        let point = |latitude, elevation_m| Point {
            at: Coordinates {
                latitude,
                longitude: -139.123_456,
            },
            elevation_m,
        };
        let route = Route {
            segments: vec![
                vec![point(1.5, Some(3.0)), point(2.0, None)],
                vec![point(-0.000_001, None)],
            ],
            waypoints: vec![Waypoint {
                point: point(1.0, None),
                name: Some("a;b,c".to_owned()),
                description: None,
            }],
        };
        let id = ItineraryId::from_uuid(uuid::Uuid::nil());
        assert_eq!(RouteRow::new(id, &route).into_route().unwrap(), route);
        assert!(read("1").is_none() && read("1,x").is_none() && read("").is_none());
    }
}
