//! Routes as clients write and read them.

use serde::{Deserialize, Serialize};
use tripsage_domain::{
    itinerary::{MAX_WAYPOINTS, Point, Route, Waypoint},
    validation::{Checks, Invalid},
};
use utoipa::ToSchema;

use super::gpx_file::{self, NAME, NOTE};
use crate::{body::RouteSummaryBody, fields::ItineraryFields};

/// A place on a route.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WaypointFields {
    /// -90 to 90.
    #[serde(alias = "lat")]
    #[schema(minimum = -90, maximum = 90, example = 35.68)]
    latitude: f64,
    /// -180 to 180.
    #[serde(alias = "lng", alias = "lon")]
    #[schema(minimum = -180, maximum = 180, example = 139.76)]
    longitude: f64,
    /// Metres above the sea.
    #[serde(alias = "elevation", alias = "ele", skip_serializing_if = "Option::is_none")]
    elevation_m: Option<f64>,
    /// What it is called.
    #[schema(max_length = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What it is like.
    #[schema(max_length = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// A route to be kept: a GPX file, points, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteFields {
    /// GPX 1.0 or 1.1.
    route_gpx: Option<String>,
    /// Places on the way. Without a track they are the route.
    #[schema(max_items = 200)]
    route_waypoints: Option<Vec<WaypointFields>>,
}

/// A route.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RouteBody {
    /// What there is to know of it.
    summary: Option<RouteSummaryBody>,
    /// Its stretches: latitude, longitude, and the elevation where it is known.
    #[schema(value_type = Vec<Vec<Vec<f64>>>)]
    segments: Vec<Vec<Vec<f64>>>,
    /// Places on the way.
    waypoints: Vec<WaypointFields>,
}

impl WaypointFields {
    fn parse(self, field: &str, checks: &mut Checks) -> Option<Waypoint> {
        let point = Point::new(self.latitude, self.longitude, self.elevation_m);
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let name = checks.optional(&format!("{field}.name"), filled(self.name), |text| NAME.parse(&text));
        let note = format!("{field}.description");
        let description = checks.optional(&note, filled(self.description), |text| NOTE.parse(&text));
        Some(Waypoint {
            point: checks.take(field, point)?,
            name,
            description,
        })
    }

    fn new(waypoint: &Waypoint) -> Self {
        Self {
            latitude: waypoint.point.at.latitude,
            longitude: waypoint.point.at.longitude,
            elevation_m: waypoint.point.elevation_m,
            name: waypoint.name.clone(),
            description: waypoint.description.clone(),
        }
    }
}

impl RouteFields {
    pub(crate) fn gpx(text: String) -> Self {
        Self {
            route_gpx: Some(text),
            route_waypoints: None,
        }
    }

    /// The route; `None` when nothing is given.
    pub(crate) fn into_route(self) -> Result<Option<Route>, Invalid> {
        let Self {
            route_gpx,
            route_waypoints,
        } = self;
        if route_gpx.is_none() && route_waypoints.is_none() {
            return Ok(None);
        }
        let field = if route_gpx.is_some() {
            "route_gpx"
        } else {
            "route_waypoints"
        };
        let (segments, mut waypoints) = match route_gpx {
            Some(text) => gpx_file::read("route_gpx", &text)?,
            None => (Vec::new(), Vec::new()),
        };
        let given = route_waypoints.unwrap_or_default();
        let mut checks = Checks::default();
        if given.len() > MAX_WAYPOINTS {
            let message = format!("must have at most {MAX_WAYPOINTS} entries");
            checks.ensure(false, "route_waypoints", "max_items", message);
        } else {
            let parsed = given.into_iter().enumerate();
            let parsed =
                parsed.filter_map(|(index, fields)| fields.parse(&format!("route_waypoints[{index}]"), &mut checks));
            waypoints.extend(parsed);
        }
        checks.finish()?;
        Route::new(field, segments, waypoints).map(Some)
    }
}

/// The route in the fields of an itinerary, which lose it.
pub(crate) fn given_route(fields: &mut ItineraryFields) -> Result<Option<Route>, Invalid> {
    let route = RouteFields {
        route_gpx: fields.route_gpx.take(),
        route_waypoints: fields.route_waypoints.take(),
    };
    route.into_route()
}

impl RouteBody {
    pub(crate) fn new(route: &Route) -> Self {
        let numbers = |point: &Point| {
            let mut numbers = vec![point.at.latitude, point.at.longitude];
            numbers.extend(point.elevation_m);
            numbers
        };
        let segment = |points: &Vec<Point>| points.iter().map(numbers).collect();
        Self {
            summary: route.summary().as_ref().map(RouteSummaryBody::new),
            segments: route.segments.iter().map(segment).collect(),
            waypoints: route.waypoints.iter().map(WaypointFields::new).collect(),
        }
    }
}
