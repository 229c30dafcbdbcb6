use serde::{Deserialize, Serialize};
use tripsage_domain::{trip::Coordinates, validation::Rule};
use utoipa::ToSchema;

/// A point on Earth (WGS 84): an object, or a text such as `35.68,139.76`. Answers have the object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum PointInput {
    /// Degrees.
    Degrees(PointFields),
    /// Latitude and longitude with a comma between them.
    Text(String),
}

/// A point on Earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PointFields {
    /// -90 to 90.
    #[serde(alias = "lat")]
    #[schema(minimum = -90, maximum = 90)]
    latitude: f64,
    /// -180 to 180.
    #[serde(alias = "lng", alias = "lon")]
    #[schema(minimum = -180, maximum = 180)]
    longitude: f64,
}

impl PointInput {
    /// The point, which must be on Earth.
    ///
    /// # Errors
    /// `coordinates` for a text that is no two numbers, `range`.
    pub fn parse(self) -> Result<Coordinates, Rule> {
        let wrong = || Rule::new("coordinates", "must be a latitude and a longitude such as 35.68,139.76");
        match self {
            Self::Degrees(point) => Coordinates::new(point.latitude, point.longitude),
            Self::Text(text) => {
                let (latitude, longitude) = text.split_once(',').ok_or_else(wrong)?;
                let degrees = |text: &str| text.trim().parse().map_err(|_| wrong());
                Coordinates::new(degrees(latitude)?, degrees(longitude)?)
            }
        }
    }
}

impl From<Coordinates> for PointFields {
    fn from(at: Coordinates) -> Self {
        Self {
            latitude: at.latitude,
            longitude: at.longitude,
        }
    }
}

impl From<Coordinates> for PointInput {
    fn from(at: Coordinates) -> Self {
        Self::Degrees(at.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_an_object_or_a_text() {
        for (json, latitude) in [
            (r#"{"latitude":35.5,"longitude":139.7}"#, Some(35.5)),
            (r#"{"lat":35.5,"lng":139.7}"#, Some(35.5)),
            (r#""35.5, 139.7""#, Some(35.5)),
            (r#""35.5""#, None),
            (r#""NaN,0""#, None),
            (r#""91,0""#, None),
            (r#"{"lat":35.5,"lng":181}"#, None),
        ] {
            let point = serde_json::from_str::<PointInput>(json).unwrap().parse();
            assert_eq!(point.ok().map(|at| at.latitude), latitude, "{json}");
        }
    }
}
