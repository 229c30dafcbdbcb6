//! Travellers of an order, held against the offer that they are to travel on.

use jiff::civil::Date;

use super::Traveller;
use crate::{
    flight::{Gender, Title},
    validation::{Checks, Invalid},
};

/// Travellers of one order at most.
pub const MAX_PASSENGERS: usize = 9;

/// From this age on one travels as an adult, and may have an infant on the lap.
const ADULT: i16 = 18;

/// From this age on one needs a seat.
const SEAT: i16 = 2;

/// Somebody whom the offer was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The provider's id.
    pub id: String,
    /// How old.
    pub ages: Ages,
}

/// How old somebody has to be on the day of the last departure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ages {
    /// An adult's fare.
    Adult,
    /// Older than an infant.
    Child,
    /// Under two, on somebody's lap.
    Infant,
    /// Exactly this old.
    Exactly(u8),
}

impl Ages {
    /// Whether this one travels on somebody's lap.
    pub const fn is_infant(self) -> bool {
        matches!(self, Self::Infant | Self::Exactly(0 | 1))
    }

    const fn include(self, age: i16) -> bool {
        match self {
            Self::Adult => age >= ADULT,
            Self::Child => age >= SEAT && age < ADULT,
            Self::Infant => age >= 0 && age < SEAT,
            Self::Exactly(years) => age == years as i16,
        }
    }

    fn demand(self) -> String {
        match self {
            Self::Adult => format!("must be at least {ADULT} years old at the last departure"),
            Self::Child => "must be 2 to 17 years old at the last departure".to_owned(),
            Self::Infant => "must be under two years old at the last departure".to_owned(),
            Self::Exactly(years) => format!("must be {years} years old at the last departure, as in the search"),
        }
    }
}

/// What kind of document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum DocumentType {
    Passport,
    TaxId,
}

impl DocumentType {
    /// The name that the provider and clients use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::TaxId => "tax_id",
        }
    }
}

/// A document that shows who somebody is. It is passed on to the airline and never stored; it cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// What kind of document.
    pub kind: DocumentType,
    /// Its number.
    pub number: String,
    /// Two letters of the country that issued it.
    pub country: String,
    /// Its last day.
    pub expires_on: Option<Date>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").finish_non_exhaustive()
    }
}

/// A traveller as the client names them. Only the name is ever stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Passenger {
    /// The offer's id of this passenger; without it, they are taken in the order of the offer.
    pub id: Option<String>,
    /// How to address them.
    pub title: Title,
    /// As in the passport.
    pub gender: Gender,
    /// As in the passport.
    pub given_name: String,
    /// As in the passport.
    pub family_name: String,
    /// Birth date.
    pub born_on: Date,
    /// Where the airline can reach them.
    pub email: String,
    /// In international form.
    pub phone_number: String,
    /// What shows who they are.
    pub document: Option<Document>,
}

impl std::fmt::Debug for Passenger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passenger").finish_non_exhaustive()
    }
}

impl Passenger {
    /// What is kept of them.
    pub fn traveller(&self) -> Traveller {
        Traveller {
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
        }
    }
}

/// A traveller with the passenger of the offer that they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matched {
    /// The provider's id.
    pub id: String,
    /// The provider's id of the infant on their lap.
    pub infant: Option<String>,
    /// Who they are.
    pub passenger: Passenger,
}

/// Finds for each passenger of an offer who it is.
///
/// # Errors
/// When there are more or fewer, an id that the offer does not have, an age that the offer was not made for, an infant
/// without an adult, a document that is missing, one that has run out by then, or a name that stands twice.
pub fn matched(
    expected: &[Expected],
    given: &[Passenger],
    last_departure: Date,
    documents_required: bool,
) -> Result<Vec<Matched>, Invalid> {
    let mut checks = Checks::default();
    checks.ensure(
        expected.len() == given.len(),
        "passengers",
        "passengers",
        format!("must be {}, as in the offer", expected.len()),
    );
    checks.finish()?;
    let mut checks = Checks::default();
    let mut found = Vec::with_capacity(given.len());
    for (index, passenger) in given.iter().enumerate() {
        let field = |name: &str| format!("passengers[{index}].{name}");
        let wanted = match &passenger.id {
            Some(id) => expected.iter().find(|one| one.id == *id),
            None => expected.get(index),
        };
        let Some(wanted) = wanted.filter(|one| !found.iter().any(|(other, _): &(&Expected, _)| other.id == one.id))
        else {
            checks.ensure(
                false,
                &field("id"),
                "passengers",
                "must be another passenger of the offer",
            );
            continue;
        };
        let age = age_on(passenger.born_on, last_departure);
        checks.ensure(wanted.ages.include(age), &field("born_on"), "age", wanted.ages.demand());
        let valid = |document: &Document| document.expires_on.is_none_or(|day| day >= last_departure);
        checks.ensure(
            passenger.document.is_some() || !documents_required,
            &field("identity_document"),
            "required",
            "is required by the airline",
        );
        checks.ensure(
            passenger.document.as_ref().is_none_or(valid),
            &field("identity_document.expires_on"),
            "expired",
            "must not be before the last departure",
        );
        let twice = given[..index]
            .iter()
            .any(|other| other.traveller() == passenger.traveller());
        checks.ensure(
            !twice,
            &field("family_name"),
            "duplicate",
            "must not be the name of another passenger",
        );
        found.push((wanted, passenger));
    }
    let infants: Vec<&str> = found
        .iter()
        .filter(|(wanted, _)| wanted.ages.is_infant())
        .map(|(wanted, _)| wanted.id.as_str())
        .collect();
    let grown = |(wanted, passenger): &(&Expected, &Passenger)| {
        !wanted.ages.is_infant() && age_on(passenger.born_on, last_departure) >= ADULT
    };
    let adults = found.iter().filter(|pair| grown(pair)).count();
    checks.ensure(
        infants.len() <= adults,
        "passengers",
        "infant_without_adult",
        "must have an adult for each infant",
    );
    checks.finish()?;
    let mut laps = infants.into_iter().map(str::to_owned);
    let matched = found.into_iter().map(|pair| Matched {
        id: pair.0.id.clone(),
        infant: if grown(&pair) { laps.next() } else { None },
        passenger: pair.1.clone(),
    });
    Ok(matched.collect())
}

/// Full years from a birth date to a day.
fn age_on(born: Date, day: Date) -> i16 {
    let years = day.year() - born.year();
    if (day.month(), day.day()) < (born.month(), born.day()) {
        years - 1
    } else {
        years
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: &str = "2027-06-15";

    fn passenger(name: &str, born: &str) -> Passenger {
        Passenger {
            id: None,
            title: Title::Ms,
            gender: Gender::Female,
            given_name: name.to_owned(),
            family_name: "Earhart".to_owned(),
            born_on: born.parse().unwrap(),
            email: "a@example.com".to_owned(),
            phone_number: "+442080160509".to_owned(),
            document: None,
        }
    }

    fn expected(ages: &[Ages]) -> Vec<Expected> {
        let one = |(index, ages): (usize, &Ages)| Expected {
            id: format!("pas_{index}"),
            ages: *ages,
        };
        ages.iter().enumerate().map(one).collect()
    }

    #[test]
    fn passengers_are_those_of_the_offer() {
        use Ages::{Adult, Child, Exactly, Infant};
        for (ages, born, broken) in [
            (vec![Adult], vec!["1990-01-01"], None),
            (vec![Adult, Adult], vec!["1990-01-01"], Some("passengers")),
            (vec![Adult], vec!["2020-01-01"], Some("passengers[0].born_on")),
            // The last departure is the day on which the child turns eleven; a day later it is still ten.
            (vec![Adult, Exactly(11)], vec!["1990-01-01", "2016-06-15"], None),
            (
                vec![Adult, Exactly(11)],
                vec!["1990-01-01", "2016-06-16"],
                Some("passengers[1].born_on"),
            ),
            (
                vec![Adult, Child],
                vec!["1990-01-01", "2026-01-01"],
                Some("passengers[1].born_on"),
            ),
            (vec![Adult, Infant], vec!["1990-01-01", "2026-01-01"], None),
            (
                vec![Adult, Infant],
                vec!["1990-01-01", "2025-06-15"],
                Some("passengers[1].born_on"),
            ),
            (
                vec![Adult, Infant],
                vec!["2012-01-01", "2026-01-01"],
                Some("passengers[0].born_on"),
            ),
            (
                vec![Adult, Exactly(1), Exactly(0)],
                vec!["1990-01-01", "2026-01-01", "2027-01-01"],
                Some("passengers"),
            ),
        ] {
            let given: Vec<Passenger> = born
                .iter()
                .enumerate()
                .map(|(index, born)| passenger(&format!("n{index}"), born))
                .collect();
            let result = matched(&expected(&ages), &given, DAY.parse().unwrap(), false);
            let field = result.err().map(|invalid| invalid.violations()[0].field.clone());
            assert_eq!(field.as_deref(), broken, "{ages:?} {born:?}");
        }
    }

    #[test]
    fn an_infant_sits_on_the_lap_of_the_first_adult() {
        let given = [
            passenger("a", "1990-01-01"),
            passenger("b", "2026-01-01"),
            passenger("c", "1991-01-01"),
        ];
        let people = expected(&[Ages::Adult, Ages::Infant, Ages::Adult]);
        let found = matched(&people, &given, DAY.parse().unwrap(), false).unwrap();
        let laps: Vec<Option<&str>> = found.iter().map(|one| one.infant.as_deref()).collect();
        assert_eq!(laps, [Some("pas_1"), None, None]);
    }

    #[test]
    fn ids_documents_and_names_are_checked() {
        let people = expected(&[Ages::Adult, Ages::Adult]);
        let with = |change: fn(&mut Passenger)| {
            let mut given = [passenger("a", "1990-01-01"), passenger("b", "1991-01-01")];
            change(&mut given[1]);
            given
        };
        let field = |given: &[Passenger], documents| {
            matched(&people, given, DAY.parse().unwrap(), documents)
                .err()
                .map(|invalid| invalid.violations()[0].field.clone())
        };
        assert_eq!(field(&with(|_| ()), false), None);
        assert_eq!(
            field(&with(|one| one.id = Some("pas_0".into())), false).unwrap(),
            "passengers[1].id"
        );
        assert_eq!(
            field(&with(|one| one.id = Some("pas_9".into())), false).unwrap(),
            "passengers[1].id"
        );
        assert_eq!(field(&with(|_| ()), true).unwrap(), "passengers[0].identity_document");
        assert_eq!(
            field(&with(|one| one.given_name = "a".into()), false).unwrap(),
            "passengers[1].family_name"
        );
        let expired = with(|one| {
            one.document = Some(Document {
                kind: DocumentType::Passport,
                number: "P1".into(),
                country: "GB".into(),
                expires_on: Some("2027-06-14".parse().unwrap()),
            });
        });
        assert_eq!(
            field(&expired, false).unwrap(),
            "passengers[1].identity_document.expires_on"
        );
        assert!(!format!("{expired:?}").contains("Earhart"));
    }
}
