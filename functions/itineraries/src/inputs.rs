//! Values as clients write and read them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    money::{Currency, Money},
    text::TextRule,
    trip::Coordinates,
    validation::{Checks, Rule},
};
use tripsage_http::Amount;
use utoipa::ToSchema;

/// A point on Earth (WGS 84): an object, or a text such as `35.68,139.76`. Answers have the object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum PointInput {
    /// Degrees.
    Degrees(PointFields),
    /// Latitude and longitude with a comma between them.
    Text(String),
}

/// A point on Earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointFields {
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
    pub(crate) fn parse(self) -> Result<Coordinates, Rule> {
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

    pub(crate) fn new(at: Coordinates) -> Self {
        Self::Degrees(PointFields::new(at))
    }
}

impl PointFields {
    pub(crate) fn new(at: Coordinates) -> Self {
        Self {
            latitude: at.latitude,
            longitude: at.longitude,
        }
    }
}

/// Parses a calendar date.
///
/// # Errors
/// `date` for anything but `YYYY-MM-DD`, `range` for what does not lie between 1900 and 2200.
pub(crate) fn date(text: String) -> Result<Date, Rule> {
    let wrong = || Rule::new("date", "must be a date such as 2027-04-01");
    if text.len() != 10 {
        return Err(wrong());
    }
    let date: Date = text.parse().map_err(|_| wrong())?;
    if (1900..=2200).contains(&date.year()) {
        Ok(date)
    } else {
        Err(Rule::new("range", "must be between 1900 and 2200"))
    }
}

/// A number in a range.
pub(crate) fn number(value: f64, min: f64, max: f64) -> Result<f64, Rule> {
    if (min..=max).contains(&value) {
        Ok(value)
    } else {
        Err(Rule::new("range", format!("must be between {min} and {max}")))
    }
}

/// A text that may be empty, which counts as none.
pub(crate) fn text(checks: &mut Checks, field: &str, value: Option<String>, rule: TextRule) -> Option<String> {
    let value = value.filter(|text| !text.trim().is_empty());
    checks.optional(field, value, |text| rule.parse(&text))
}

/// A list of different short texts.
pub(crate) fn list(
    checks: &mut Checks,
    field: &str,
    values: Option<Vec<String>>,
    max: usize,
    rule: TextRule,
) -> Vec<String> {
    let parsed = checks.optional(field, values, |values| tripsage_domain::text::tags(&values, max, rule));
    parsed.unwrap_or_default()
}

/// An amount with its currency, which is the US dollar unless it is given.
pub(crate) fn money(
    checks: &mut Checks,
    (field, amount): (&str, Option<Amount>),
    (currency_field, currency): (&str, Option<String>),
) -> Option<Money> {
    let parsed = checks.optional(currency_field, currency, |code| Currency::parse(&code));
    let currency = parsed.unwrap_or(Currency::USD);
    checks.optional(field, amount, |amount| amount.parse(currency))
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
