use crate::validation::Rule;

/// Which way a list is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// Something that a list can be sorted by.
pub trait SortBy: Sized + Copy + 'static {
    /// What clients call each.
    const NAMES: &'static [(&'static str, Self)];

    /// Other names that clients know; some say the direction too.
    const ALIASES: &'static [(&'static str, Self, Option<Direction>)] = &[];

    /// The way in which the best comes first.
    fn natural(self) -> Direction;

    /// Parses a name, and the direction that it says.
    ///
    /// # Errors
    /// `one_of`.
    fn parse(name: &str) -> Result<(Self, Option<Direction>), Rule> {
        let names = Self::NAMES.iter().map(|(name, by)| (*name, *by, None));
        let known = names.chain(Self::ALIASES.iter().copied());
        match known.clone().find(|(known, ..)| *known == name) {
            Some((_, by, direction)) => Ok((by, direction)),
            None => {
                let names: Vec<&str> = known.map(|(name, ..)| name).collect();
                Err(Rule::new("one_of", format!("must be one of {}", names.join(", "))))
            }
        }
    }
}

/// Parses `asc` or `desc`.
///
/// # Errors
/// `one_of`.
pub fn chosen_direction(name: &str) -> Result<Direction, Rule> {
    match name {
        "asc" => Ok(Direction::Ascending),
        "desc" => Ok(Direction::Descending),
        _ => Err(Rule::new("one_of", "must be one of asc, desc")),
    }
}

/// Orders by a value that may not be known; what is not known comes last, whichever way.
pub(super) fn by_known<T: PartialOrd>(a: Option<T>, b: Option<T>, direction: Direction) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match (a, b) {
        (Some(a), Some(b)) => {
            let order = a.partial_cmp(&b).unwrap_or(Equal);
            if direction == Direction::Ascending {
                order
            } else {
                order.reverse()
            }
        }
        (Some(_), None) => Less,
        (None, Some(_)) => Greater,
        (None, None) => Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_comes_last() {
        for direction in [Direction::Ascending, Direction::Descending] {
            let mut values = [None, Some(2), Some(1)];
            values.sort_by(|a, b| by_known(*a, *b, direction));
            assert_eq!(values[2], None);
        }
        assert_eq!(chosen_direction("up").unwrap_err().rule, "one_of");
    }
}
