//! Values as clients write them, and lists with where in them one is.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use tripsage_domain::{
    text::{TextRule, tags},
    validation::{Checks, Rule},
    vocabulary::UnknownWord,
};

/// A name, a place, a kind of something.
pub(super) const LINE: TextRule = TextRule::line(1, 100);

/// What people say at length.
pub(super) const TEXT: TextRule = TextRule::multiline(1, 2000);

/// A reason or a note.
pub(super) const NOTE: TextRule = TextRule::multiline(1, 500);

/// A day of the calendar.
pub(super) fn date(text: &str) -> Result<Date, Rule> {
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let parsed = text.parse().ok().filter(|_| plain);
    parsed.ok_or_else(|| Rule::new("date", "must be a date such as 2027-04-01"))
}

/// An instant.
pub(super) fn instant(text: &str) -> Result<Timestamp, Rule> {
    text.parse()
        .map_err(|_| Rule::new("instant", "must be an instant such as 2027-03-03T10:00:00Z"))
}

/// A word of a closed list.
pub(super) fn word<T: std::str::FromStr<Err = UnknownWord>>(text: &str) -> Result<T, Rule> {
    text.parse().map_err(Rule::from)
}

/// A number within bounds.
pub(super) fn between(number: u32, least: u32, most: u32) -> Result<u32, Rule> {
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(Rule::new("range", format!("must be between {least} and {most}")))
    }
}

/// What a change leaves of a field that has to be there: what is given, or else what is known, or else it is missing.
pub(super) fn needed<T, U: Clone>(
    checks: &mut Checks,
    field: &str,
    given: Option<T>,
    known: Option<&U>,
    parse: impl FnOnce(T) -> Result<U, Rule>,
) -> Option<U> {
    match (given, known) {
        (None, Some(known)) => Some(known.clone()),
        (given, _) => checks.required(field, given, parse),
    }
}

/// What a change leaves of a field: what is given, or else what is known, or else the default.
pub(super) fn kept<T, U: Clone>(
    checks: &mut Checks,
    field: &str,
    given: Option<T>,
    known: Option<&U>,
    default: U,
    parse: impl FnOnce(T) -> Result<U, Rule>,
) -> Option<U> {
    match given {
        Some(given) => checks.take(field, parse(given)),
        None => Some(known.cloned().unwrap_or(default)),
    }
}

/// What a change leaves of a field that can be removed with `null`.
pub(super) fn removable<T, U: Clone>(
    checks: &mut Checks,
    field: &str,
    given: Option<Option<T>>,
    known: Option<&U>,
    parse: impl FnOnce(T) -> Result<U, Rule>,
) -> Option<U> {
    match given {
        Some(given) => checks.optional(field, given, parse),
        None => known.cloned(),
    }
}

/// A list of distinct short texts.
pub(super) fn list(values: &[String], most: usize) -> Result<Vec<String>, Rule> {
    tags(values, most, TextRule::line(1, 60))
}

/// Something that must not be repeated, not even to whoever sent it: serde's own errors quote what they do not like.
#[derive(Clone)]
pub(super) struct Private<T>(pub(super) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Private<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = T::deserialize(deserializer);
        value
            .map(Self)
            .map_err(|_| serde::de::Error::custom("it has another form than this field takes"))
    }
}
