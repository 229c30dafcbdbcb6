//! What may be asked of those who let rooms.

use jiff::civil::Date;

use crate::{trip::Coordinates, validation::Rule};

/// Who is to stay: adults, and children by their age.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guests {
    /// At least one.
    pub adults: u8,
    /// Age of each child, 0 to 17.
    pub children: Vec<u8>,
}

/// Guests that one booking takes.
pub const MAX_GUESTS: usize = 16;

impl Guests {
    /// One to sixteen guests, with an adult among them.
    ///
    /// # Errors
    /// `adult_required`, `max_guests` or `range`.
    pub fn new(adults: u8, children: Vec<u8>) -> Result<Self, Rule> {
        if adults == 0 {
            return Err(Rule::new("adult_required", "must have at least one adult"));
        }
        if usize::from(adults) + children.len() > MAX_GUESTS {
            return Err(Rule::new(
                "max_guests",
                format!("must be at most {MAX_GUESTS} guests in all"),
            ));
        }
        if children.iter().any(|age| *age > 17) {
            return Err(Rule::new("range", "must be ages of 0 to 17"));
        }
        Ok(Self { adults, children })
    }
}

/// A question for stays around a point.
#[derive(Debug, Clone, PartialEq)]
pub struct StaySearch {
    /// Where, as a person would say it: Airbnb looks it up by name.
    pub place: String,
    /// Where on the map: Duffel searches around it.
    pub center: Option<Coordinates>,
    /// How far around it, in kilometres.
    pub radius_km: u16,
    /// First night.
    pub check_in: Date,
    /// Morning of leaving.
    pub check_out: Date,
    /// Number of rooms.
    pub rooms: u8,
    /// Who stays.
    pub guests: Guests,
}

/// Nights that one booking takes.
pub const MAX_NIGHTS: i32 = 99;

/// Number of nights of a stay that can be asked for on `today`.
///
/// # Errors
/// `past_date`, `date_order` or `max_nights`.
pub fn nights(check_in: Date, check_out: Date, today: Date) -> Result<u8, Rule> {
    if check_in < today.yesterday().unwrap_or(today) {
        return Err(Rule::new("past_date", "must not begin in the past"));
    }
    let nights = (check_out - check_in).get_days();
    match u8::try_from(nights) {
        Ok(nights) if nights > 0 && i32::from(nights) <= MAX_NIGHTS => Ok(nights),
        Ok(0) | Err(_) if nights <= 0 => Err(Rule::new("date_order", "must be after the day of arrival")),
        _ => Err(Rule::new("max_nights", format!("must be at most {MAX_NIGHTS} nights"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_has_at_least_one_night_that_is_not_over() {
        for (check_in, check_out, expected) in [
            ("2027-03-03", "2027-03-04", Ok(1)),
            ("2027-02-27", "2027-03-04", Err("past_date")),
            ("2027-03-30", "2027-03-30", Err("date_order")),
            ("2027-03-30", "2027-03-29", Err("date_order")),
            ("2027-03-01", "2028-03-29", Err("past_date")),
            ("2027-04-01", "2028-04-01", Err("max_nights")),
        ] {
            let day = |text: &str| text.parse().unwrap();
            let found = nights(day(check_in), day(check_out), day("2027-03-03")).map_err(|rule| rule.rule);
            assert_eq!(found, expected, "{check_in} to {check_out}");
        }
    }

    #[test]
    fn children_do_not_stay_alone() {
        assert!(Guests::new(2, vec![0, 17]).is_ok());
        for (adults, children) in [(0, vec![9]), (10, vec![1; 7]), (1, vec![18])] {
            assert!(Guests::new(adults, children).is_err());
        }
    }
}
