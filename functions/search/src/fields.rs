//! What the requests of several searches have in common.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    flight::{Flyer, Iata, Party},
    ids::TripId,
    money::{Currency, Money},
    trip::{Coordinates, Zone},
    validation::{Checks, Rule},
};
pub(crate) use tripsage_http::Amount;
use tripsage_reference::Departure;
use utoipa::ToSchema;

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Price {
    /// How much.
    #[schema(example = "219.50")]
    pub(crate) amount: String,
    /// ISO 4217 code.
    #[schema(example = "GBP")]
    pub(crate) currency: &'static str,
}

impl From<Money> for Price {
    fn from(money: Money) -> Self {
        Self {
            amount: money.decimal(),
            currency: money.currency.code(),
        }
    }
}

/// `amount` with `currency`, the currency alone being fine too. An amount without one is in US dollars, as everywhere.
pub(crate) fn limits(
    checks: &mut Checks,
    currency: Option<&str>,
    amounts: [(&str, Option<&Amount>); 2],
) -> [Option<Money>; 2] {
    let parsed = checks.optional("currency", currency, Currency::parse);
    // A currency that is wrong has been reported; its amounts cannot be checked.
    if currency.is_some() && parsed.is_none() {
        return [None, None];
    }
    let currency = parsed.unwrap_or(Currency::USD);
    amounts.map(|(field, amount)| checks.optional(field, amount, |amount| amount.parse(currency)))
}

/// A day: `2027-06-01`.
pub(crate) fn date(text: &str) -> Result<Date, Rule> {
    let wrong = || Rule::new("date", "must be a date such as 2027-06-01");
    if text.len() != 10 {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// The trip that a search is for.
pub(crate) fn trip_id(checks: &mut Checks, id: Option<&str>) -> Option<TripId> {
    checks.optional("trip_id", id, |id| {
        id.parse().map_err(|_| Rule::new("uuid", "must be the id of a trip"))
    })
}

/// Whether a day is not over yet where it is meant, `today` being the day there.
pub(crate) fn not_past(checks: &mut Checks, field: &str, day: Date, today: Date) -> bool {
    let ahead = day >= today;
    let message = format!("must not be before {today}, which is today there");
    checks.ensure(ahead, field, "past_date", message);
    ahead
}

/// The code of an airport, or of a city with several, that exists.
pub(crate) fn departure(code: &str) -> Result<Departure, Rule> {
    Iata::parse(code)?;
    tripsage_reference::departure(code).ok_or_else(|| {
        Rule::new(
            "airport",
            "must be the IATA code of an airport or a city that exists, such as LHR",
        )
    })
}

/// What the clocks of a zone of the bundled data show.
pub(crate) fn local_day(zone: &str, now: Timestamp) -> Date {
    let zone = Zone::parse(zone).ok();
    zone.map_or_else(
        || now.to_zoned(jiff::tz::TimeZone::UTC).date(),
        |zone| zone.local_time(now).date(),
    )
}

/// A point, when both parts of it are given.
pub(crate) fn point(checks: &mut Checks, latitude: Option<f64>, longitude: Option<f64>) -> Option<Coordinates> {
    match (latitude, longitude) {
        (None, None) => None,
        (Some(latitude), Some(longitude)) => checks.take("latitude", Coordinates::new(latitude, longitude)),
        (latitude, _) => {
            let missing = if latitude.is_some() { "longitude" } else { "latitude" };
            checks.ensure(
                false,
                missing,
                "required",
                "must be given together with the other coordinate",
            );
            None
        }
    }
}

/// A passenger, as far as prices depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassengerFields {
    /// `adult`, `child` or `infant`; an adult when neither it nor an age is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) r#type: Option<String>,
    /// Age on the day of the last departure. Needed for children who are to be booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) age: Option<u8>,
}

/// Age of a child or infant of whom no age is given.
const CHILD: u8 = 11;
const INFANT: u8 = 1;

impl PassengerFields {
    fn flyer(&self) -> Result<Flyer, Rule> {
        let fits = |low: u8, high: u8, age: u8| (low..=high).contains(&age);
        match (self.r#type.as_deref(), self.age) {
            (None | Some("adult"), None) => Ok(Flyer::Adult),
            (Some("adult"), Some(age)) if fits(18, 130, age) => Ok(Flyer::Adult),
            (None, Some(age)) if age >= 18 => Ok(Flyer::Adult),
            (None, Some(age)) => Ok(Flyer::Aged(age)),
            (Some("child"), age) if fits(2, 17, age.unwrap_or(CHILD)) => Ok(Flyer::Aged(age.unwrap_or(CHILD))),
            (Some("infant"), age) if fits(0, 1, age.unwrap_or(INFANT)) => Ok(Flyer::Aged(age.unwrap_or(INFANT))),
            (Some("adult" | "child" | "infant"), Some(_)) => Err(Rule::new(
                "age",
                "must have an age that fits the type: 0 or 1 for an infant, 2 to 17 for a child",
            )),
            (Some(_), _) => Err(Rule::new("one_of", "must have a type of adult, child, infant")),
        }
    }
}

/// Who travels: numbers, or a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Travellers<'a> {
    pub(crate) adults: Option<u8>,
    pub(crate) children: Option<u8>,
    pub(crate) infants: Option<u8>,
    pub(crate) passengers: Option<&'a [PassengerFields]>,
}

impl Travellers<'_> {
    /// Who flies. Names the field that is wrong.
    pub(crate) fn party(&self, checks: &mut Checks) -> Option<Party> {
        let mut flyers = Vec::new();
        let listed = self.passengers.is_some();
        if let Some(passengers) = self.passengers {
            let counted = self.adults.is_some() || self.children.is_some() || self.infants.is_some();
            checks.ensure(
                !counted,
                "passengers",
                "exclusive",
                "must not be given together with numbers of travellers",
            );
            for (at, passenger) in passengers.iter().enumerate().take(50) {
                flyers.extend(checks.take(&format!("passengers[{at}]"), passenger.flyer()));
            }
            if passengers.len().min(50) != flyers.len() {
                return None;
            }
        } else {
            let count = |count: Option<u8>, usual: u8| usize::from(count.unwrap_or(usual).min(50));
            flyers.extend(std::iter::repeat_n(Flyer::Adult, count(self.adults, 1)));
            flyers.extend(std::iter::repeat_n(Flyer::Aged(CHILD), count(self.children, 0)));
            flyers.extend(std::iter::repeat_n(Flyer::Aged(INFANT), count(self.infants, 0)));
        }
        flyers.sort_unstable();
        let party = Party::new(flyers);
        let field = match &party {
            _ if listed => "passengers",
            Err(rule) if rule.rule == "infant_without_adult" => "infants",
            _ => "adults",
        };
        checks.take(field, party)
    }
}

/// One part of a score.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ScorePart {
    /// What it is about.
    #[schema(example = "price")]
    name: &'static str,
    /// 0 to 1.
    value: f64,
    /// How much it counts; the weights add up to 1.
    weight: f64,
}

pub(crate) fn score_parts(score: &tripsage_domain::search::Score) -> Vec<ScorePart> {
    let parts = score.parts.iter();
    parts
        .map(|part| ScorePart {
            name: part.name,
            value: part.value,
            weight: part.weight,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(travellers: &Travellers<'_>) -> Result<usize, String> {
        let mut checks = Checks::default();
        let party = travellers.party(&mut checks);
        match checks.finish() {
            Ok(()) => Ok(party.unwrap().flyers().len()),
            Err(invalid) => {
                let violation = &invalid.violations()[0];
                Err(format!("{} {}", violation.field, violation.rule))
            }
        }
    }

    #[test]
    fn travellers_are_counted_or_listed() {
        let counted = |adults, children, infants| Travellers {
            adults,
            children,
            infants,
            passengers: None,
        };
        assert_eq!(party(&Travellers::default()), Ok(1));
        assert_eq!(party(&counted(Some(2), Some(1), Some(2))), Ok(5));
        assert_eq!(
            party(&counted(Some(10), None, None)),
            Err("adults max_passengers".to_owned())
        );
        assert_eq!(
            party(&counted(Some(255), Some(255), None)),
            Err("adults max_passengers".to_owned())
        );
        assert_eq!(
            party(&counted(Some(0), None, Some(1))),
            Err("adults adult_required".to_owned())
        );
        assert_eq!(
            party(&counted(Some(1), None, Some(2))),
            Err("infants infant_without_adult".to_owned())
        );
        let passenger = |kind: Option<&str>, age| PassengerFields {
            r#type: kind.map(str::to_owned),
            age,
        };
        let listed = |passengers: &[PassengerFields]| {
            party(&Travellers {
                passengers: Some(passengers),
                ..Travellers::default()
            })
        };
        assert_eq!(
            listed(&[
                passenger(None, None),
                passenger(Some("child"), Some(9)),
                passenger(None, Some(0))
            ]),
            Ok(3)
        );
        assert_eq!(
            listed(&[passenger(Some("infant"), Some(5))]),
            Err("passengers[0] age".to_owned())
        );
        assert_eq!(
            listed(&vec![passenger(None, None); 60]),
            Err("passengers max_passengers".to_owned())
        );
        assert_eq!(
            listed(&[passenger(Some("dog"), None)]),
            Err("passengers[0] one_of".to_owned())
        );
        assert_eq!(
            listed(&[passenger(Some("child"), None)]),
            Err("passengers adult_required".to_owned())
        );
    }

    #[test]
    fn only_codes_of_places_that_exist_are_taken() {
        for (code, rule) in [
            ("LHR", None),
            ("lon", None),
            ("XQZ", Some("airport")),
            ("L", Some("iata")),
        ] {
            assert_eq!(departure(code).err().map(|rule| rule.rule), rule, "{code}");
        }
    }
}
