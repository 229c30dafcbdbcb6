use crate::{
    trip::Coordinates,
    validation::{Invalid, Rule, Violation},
};

/// Points of a route at most.
pub const MAX_POINTS: usize = 10_000;

/// Uninterrupted stretches of a route at most.
pub const MAX_SEGMENTS: usize = 100;

/// Places of a route that have a name of their own, at most.
pub const MAX_WAYPOINTS: usize = 200;

/// Mean radius of the Earth.
const EARTH_KM: f64 = 6371.0088;

/// A point of a route.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Where it is.
    pub at: Coordinates,
    /// How high it is, in metres.
    pub elevation_m: Option<f64>,
}

impl Point {
    /// A point, to a tenth of a metre: no receiver knows better.
    ///
    /// # Errors
    /// `range`.
    pub fn new(latitude: f64, longitude: f64, elevation_m: Option<f64>) -> Result<Self, Rule> {
        if elevation_m.is_some_and(|elevation| !(-12_000.0..=100_000.0).contains(&elevation)) {
            return Err(Rule::new("range", "must have an elevation between -12000 and 100000 m"));
        }
        let at = Coordinates::new(latitude, longitude)?;
        Ok(Self {
            at: Coordinates {
                latitude: rounded(at.latitude, 1_000_000.0),
                longitude: rounded(at.longitude, 1_000_000.0),
            },
            elevation_m: elevation_m.map(|elevation| rounded(elevation, 10.0)),
        })
    }
}

/// A place on a route that has a name of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Waypoint {
    /// Where it is.
    pub point: Point,
    /// What it is called.
    pub name: Option<String>,
    /// What it is like.
    pub description: Option<String>,
}

/// A route: stretches of points, and places on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Stretches without a gap.
    pub segments: Vec<Vec<Point>>,
    /// Places on the way.
    pub waypoints: Vec<Waypoint>,
}

/// What there is to know of a route without reading it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RouteSummary {
    /// How many points it has.
    pub points: usize,
    /// How many places on the way it has.
    pub waypoints: usize,
    /// How long it is.
    pub distance_km: f64,
    /// How far up it goes; only when every point says how high it is.
    pub elevation_gain_m: Option<f64>,
    /// How far down.
    pub elevation_loss_m: Option<f64>,
    /// Where it begins.
    pub start: Coordinates,
    /// Where it ends.
    pub end: Coordinates,
}

impl Route {
    /// A route of at least two points. Without stretches of its own, it leads from one waypoint to the next.
    ///
    /// # Errors
    /// `field` has too few or too many points.
    pub fn new(field: &str, segments: Vec<Vec<Point>>, waypoints: Vec<Waypoint>) -> Result<Self, Invalid> {
        let mut segments: Vec<Vec<Point>> = segments.into_iter().filter(|points| !points.is_empty()).collect();
        let refuse = |rule, message: String| Err(Violation::new(field, rule, message).into());
        if waypoints.len() > MAX_WAYPOINTS {
            return refuse("max_items", format!("must have at most {MAX_WAYPOINTS} waypoints"));
        }
        if segments.is_empty() {
            segments.push(waypoints.iter().map(|waypoint| waypoint.point).collect());
        }
        let points: usize = segments.iter().map(Vec::len).sum();
        if points < 2 {
            return refuse("min_items", "must have at least 2 points".to_owned());
        }
        if points > MAX_POINTS {
            return refuse("max_items", format!("must have at most {MAX_POINTS} points"));
        }
        if segments.len() > MAX_SEGMENTS {
            return refuse("max_items", format!("must have at most {MAX_SEGMENTS} segments"));
        }
        Ok(Self { segments, waypoints })
    }

    /// What there is to know of it; `None` never, because it has points.
    pub fn summary(&self) -> Option<RouteSummary> {
        let points = || self.segments.iter().flatten();
        let steps = || self.segments.iter().flat_map(|points| points.windows(2));
        let (mut gain, mut loss) = (0.0, 0.0);
        for step in steps() {
            if let [
                Point {
                    elevation_m: Some(from),
                    ..
                },
                Point {
                    elevation_m: Some(to), ..
                },
            ] = step
            {
                gain += (to - from).max(0.0);
                loss += (from - to).max(0.0);
            }
        }
        let distance: f64 = steps()
            .map(|step| match step {
                [from, to] => distance_km(from.at, to.at),
                _ => 0.0,
            })
            .sum();
        let is_measured = points().all(|point| point.elevation_m.is_some());
        Some(RouteSummary {
            points: points().count(),
            waypoints: self.waypoints.len(),
            distance_km: rounded(distance, 1000.0),
            elevation_gain_m: is_measured.then(|| rounded(gain, 10.0)),
            elevation_loss_m: is_measured.then(|| rounded(loss, 10.0)),
            start: points().next()?.at,
            end: points().last()?.at,
        })
    }
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// The way between two points as the crow flies (haversine, on a sphere).
fn distance_km(from: Coordinates, to: Coordinates) -> f64 {
    let (a, b) = (from.latitude.to_radians(), to.latitude.to_radians());
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let h = half(to.latitude - from.latitude) + a.cos() * b.cos() * half(to.longitude - from.longitude);
    2.0 * EARTH_KM * h.sqrt().min(1.0).asin()
}
