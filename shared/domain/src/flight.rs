//! What may be asked of those who sell flights.

use std::{fmt, str::FromStr};

use jiff::civil::Date;

use crate::{validation::Rule, vocabulary::vocabulary};

vocabulary!(
    /// A class of cabin.
    CabinClass {
        Economy = "economy",
        PremiumEconomy = "premium_economy",
        Business = "business",
        First = "first",
    }
);

vocabulary!(
    /// How a passenger is addressed on a ticket.
    Title {
        Mr = "mr",
        Ms = "ms",
        Mrs = "mrs",
        Miss = "miss",
        Dr = "dr",
    }
);

vocabulary!(
    /// The gender that a passenger's document says; airlines take these two.
    Gender {
        Male = "m" | "male",
        Female = "f" | "female",
    }
);

/// The IATA code of an airport or a city: three letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Iata([u8; 3]);

impl Iata {
    /// Parses three letters in any case. Whether a place has this code is another question.
    ///
    /// # Errors
    /// `iata` for anything else.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                Ok(Self([*a, *b, *c].map(|byte| byte.to_ascii_uppercase())))
            }
            _ => Err(Rule::new("iata", "must be a three-letter IATA code such as LHR")),
        }
    }

    /// Three upper-case letters.
    pub fn code(&self) -> &str {
        // Made of ASCII letters only.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Iata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Iata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Iata {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Iata {
    type Error = Rule;

    fn try_from(text: String) -> Result<Self, Rule> {
        Self::parse(&text)
    }
}

impl From<Iata> for String {
    fn from(code: Iata) -> Self {
        code.code().to_owned()
    }
}

/// Who is to fly, as far as prices depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flyer {
    /// Somebody grown up.
    Adult,
    /// Somebody of this age on the day of the last departure.
    Aged(u8),
}

/// Younger than this flies on a lap.
const SEAT_AGE: u8 = 2;

/// From this age on one may take a lap child along.
const ADULT_AGE: u8 = 18;

/// Travellers that one order takes.
pub const MAX_FLYERS: usize = 9;

impl Flyer {
    /// Whether this is an infant without a seat.
    pub fn is_infant(self) -> bool {
        matches!(self, Self::Aged(age) if age < SEAT_AGE)
    }

    /// Whether this one is an adult.
    pub fn is_adult(self) -> bool {
        match self {
            Self::Adult => true,
            Self::Aged(age) => age >= ADULT_AGE,
        }
    }
}

/// Everybody who is to fly on one order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Party(Vec<Flyer>);

impl Party {
    /// One to nine travellers, with an adult among them and one for each infant.
    ///
    /// # Errors
    /// `max_passengers`, `adult_required` or `infant_without_adult`.
    pub fn new(flyers: Vec<Flyer>) -> Result<Self, Rule> {
        let count = |is: fn(Flyer) -> bool| flyers.iter().filter(|flyer| is(**flyer)).count();
        let (adults, infants) = (count(Flyer::is_adult), count(Flyer::is_infant));
        if flyers.len() > MAX_FLYERS {
            return Err(Rule::new(
                "max_passengers",
                format!("must be at most {MAX_FLYERS} passengers in all"),
            ));
        }
        if adults == 0 {
            return Err(Rule::new("adult_required", "must have at least one adult"));
        }
        if infants > adults {
            return Err(Rule::new(
                "infant_without_adult",
                "must have an adult for each infant under two",
            ));
        }
        Ok(Self(flyers))
    }

    /// All of them, in the order in which they were given.
    pub fn flyers(&self) -> &[Flyer] {
        &self.0
    }
}

/// One direction of a journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SliceQuery {
    /// Airport or city of departure.
    pub origin: Iata,
    /// Airport or city of arrival.
    pub destination: Iata,
    /// Day of departure, on the calendar of the origin.
    pub departure_date: Date,
}

/// Directions that one order takes.
pub const MAX_SLICES: usize = 6;

/// A question for flights.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FlightSearch {
    /// One for a single journey, two for a return, more for several cities.
    pub slices: Vec<SliceQuery>,
    /// Who flies.
    pub party: Party,
    /// Which cabin at least; any when absent.
    pub cabin: Option<CabinClass>,
    /// How often to change at most, on each slice: 0 to 2; any when absent.
    pub max_connections: Option<u8>,
}

impl FlightSearch {
    /// A question that can be asked on `today`.
    ///
    /// # Errors
    /// `slices`, `same_place`, `past_date`, `date_order` or `range`.
    pub fn new(
        slices: Vec<SliceQuery>,
        party: Party,
        cabin: Option<CabinClass>,
        max_connections: Option<u8>,
        today: Date,
    ) -> Result<Self, Rule> {
        if slices.is_empty() || slices.len() > MAX_SLICES {
            return Err(Rule::new("slices", format!("must have 1 to {MAX_SLICES} slices")));
        }
        if slices.iter().any(|slice| slice.origin == slice.destination) {
            return Err(Rule::new("same_place", "must lead from one place to another"));
        }
        // Somewhere it is still yesterday; only the airline knows whether a flight of that day has left.
        let earliest = today.yesterday().unwrap_or(today);
        if slices.iter().any(|slice| slice.departure_date < earliest) {
            return Err(Rule::new("past_date", "must not depart in the past"));
        }
        if !slices.is_sorted_by_key(|slice| slice.departure_date) {
            return Err(Rule::new("date_order", "must not depart before the slice before it"));
        }
        if max_connections.is_some_and(|connections| connections > 2) {
            return Err(Rule::new("range", "must be 0 to 2 connections"));
        }
        Ok(Self {
            slices,
            party,
            cabin,
            max_connections,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_party_has_an_adult_for_each_infant() {
        let (adult, infant, child) = (Flyer::Adult, Flyer::Aged(1), Flyer::Aged(11));
        for (flyers, broken) in [
            (vec![adult], None),
            (vec![adult, infant, child], None),
            (vec![Flyer::Aged(18)], None),
            (vec![adult; 9], None),
            (vec![adult; 10], Some("max_passengers")),
            (vec![], Some("adult_required")),
            (vec![infant], Some("adult_required")),
            (vec![child], Some("adult_required")),
            (vec![adult, infant, infant], Some("infant_without_adult")),
        ] {
            assert_eq!(
                Party::new(flyers.clone()).err().map(|rule| rule.rule),
                broken,
                "{flyers:?}"
            );
        }
    }

    #[test]
    fn a_journey_leads_forward_in_time_and_somewhere_else() {
        let slice = |origin: &str, destination: &str, date: &str| SliceQuery {
            origin: origin.parse().unwrap(),
            destination: destination.parse().unwrap(),
            departure_date: date.parse().unwrap(),
        };
        let out = slice("lhr", "JFK", "2027-06-01");
        for (slices, broken) in [
            (vec![out], None),
            (vec![out, slice("JFK", "LHR", "2027-06-01")], None),
            (vec![out, slice("JFK", "LHR", "2027-05-31")], Some("date_order")),
            (vec![slice("LHR", "JFK", "2027-03-02")], None),
            (vec![slice("LHR", "JFK", "2027-03-01")], Some("past_date")),
            (vec![slice("LHR", "LHR", "2027-06-01")], Some("same_place")),
            (vec![], Some("slices")),
            (vec![out; 7], Some("slices")),
        ] {
            let party = Party::new(vec![Flyer::Adult]).unwrap();
            let search = FlightSearch::new(slices, party, None, None, "2027-03-03".parse().unwrap());
            assert_eq!(search.err().map(|rule| rule.rule), broken);
        }
    }

    #[test]
    fn codes_and_words_have_one_text() {
        assert_eq!(Iata::parse("lhr").unwrap().to_string(), "LHR");
        for text in ["", "LH", "LHRX", "L1R", "ÄB"] {
            assert!(Iata::parse(text).is_err(), "{text}");
        }
        for word in CabinClass::ALL {
            assert_eq!(word.name().parse(), Ok(*word));
        }
        assert_eq!("male".parse(), Ok(Gender::Male));
        assert!("Economy".parse::<CabinClass>().is_err());
    }
}
