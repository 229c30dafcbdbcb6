//! Whether the passengers of an order are those of the offer, and complete.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::offer::Offer;
use super::refusal::{Check, Refusal};
use super::search::{Passenger, Search};

/// Checks them, and gives back what the order keeps of them: neither type nor who holds the infant.
pub(super) fn check(check: &mut Check<'_>, offer: &Offer, search: &Search) -> Result<Vec<Value>, Refusal> {
    let departure = offer.last_departure().map(|departure| departure.date());
    let count = check.count("/passengers");
    let mut ids = BTreeSet::new();
    let mut kept = Vec::new();
    for index in 0..count {
        let at = |name: &str| format!("/passengers/{index}/{name}");
        let id = check.text(&at("id"));
        let known = search.passengers.iter().find(|passenger| passenger.id == id);
        match known {
            Some(passenger) if ids.insert(id.clone()) => {
                age(check, &at("born_on"), passenger, departure);
            }
            Some(_) => check.wrong("validation_inclusion", &at("id"), "is given twice"),
            None if id.is_empty() => {}
            None => check.wrong("validation_inclusion", &at("id"), "is not a passenger of the offer"),
        }
        kept.push(person(check, index));
        documents(check, index, offer);
    }
    if ids.len() != search.passengers.len() {
        check.wrong(
            "validation_required",
            "/passengers",
            "must have every passenger of the offer",
        );
    }
    infants(check, search, count);
    names(&kept)?;
    Ok(kept)
}

fn person(check: &mut Check<'_>, index: usize) -> Value {
    let at = |name: &str| format!("/passengers/{index}/{name}");
    let mut kept = Map::new();
    let mut keep = |name: &str, text: String| kept.insert(name.to_owned(), Value::String(text));
    keep("title", check.one_of(&at("title"), &["mr", "ms", "mrs", "miss", "dr"]));
    keep("gender", check.one_of(&at("gender"), &["m", "f"]));
    for name in ["id", "given_name", "family_name", "born_on"] {
        // Blanks are reported once: here the names, elsewhere the identifier and the date.
        let text = match name {
            "given_name" | "family_name" => check.text(&at(name)),
            _ => check
                .get(&at(name))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
        };
        keep(name, text);
    }
    let email = check.text(&at("email"));
    if !email.is_empty() && !email.contains('@') {
        check.wrong("validation_format", &at("email"), "is not a valid email");
    }
    let phone = check.text(&at("phone_number"));
    if !phone.is_empty() && !is_phone_number(&phone) {
        check.wrong(
            "validation_format",
            &at("phone_number"),
            "is not a valid international number",
        );
    }
    keep("email", email);
    keep("phone_number", phone);
    kept.insert("loyalty_programme_accounts".to_owned(), json!([]));
    Value::Object(kept)
}

/// E.164: a plus sign, then up to 15 digits.
fn is_phone_number(text: &str) -> bool {
    text.strip_prefix('+')
        .is_some_and(|digits| (7..16).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The age at the last departure must be the one that was searched for.
fn age(check: &mut Check<'_>, pointer: &str, passenger: &Passenger, departure: Option<Date>) {
    let (Some(born), Some(departure)) = (check.date(pointer), departure) else {
        return;
    };
    let had_birthday = (departure.month(), departure.day()) >= (born.month(), born.day());
    let years = i64::from(departure.year()) - i64::from(born.year()) - i64::from(!had_birthday);
    let fits = match (passenger.age, passenger.kind.as_deref()) {
        (Some(age), _) => years == age,
        (None, Some("infant_without_seat")) => (0..2).contains(&years),
        (None, Some("child")) => (2..18).contains(&years),
        _ => years >= 18,
    };
    if !fits {
        check.wrong(
            "validation_inclusion",
            pointer,
            "does not match the passenger's type or age at the last departure",
        );
    }
}

fn documents(check: &mut Check<'_>, index: usize, offer: &Offer) {
    let list = format!("/passengers/{index}/identity_documents");
    for number in 0..check.count(&list) {
        check.one_of(
            &format!("{list}/{number}/type"),
            &["passport", "tax_id", "known_traveler_number"],
        );
        check.text(&format!("{list}/{number}/unique_identifier"));
        check.text(&format!("{list}/{number}/issuing_country_code"));
        check.date(&format!("{list}/{number}/expires_on"));
    }
    if offer.needs_documents() && check.count(&list) == 0 {
        check.wrong("validation_required", &list, "can't be blank for this offer");
    }
}

/// Each infant is held by one adult.
fn infants(check: &mut Check<'_>, search: &Search, count: usize) {
    let mut held = BTreeSet::new();
    for index in 0..count {
        let pointer = format!("/passengers/{index}/infant_passenger_id");
        let Some(id) = check.get(&pointer).and_then(Value::as_str) else {
            continue;
        };
        let is_infant = search
            .passengers
            .iter()
            .any(|passenger| passenger.id == id && passenger.is_infant());
        if !is_infant || !held.insert(id) {
            check.wrong("validation_inclusion", &pointer, "is not an infant without an adult");
        }
    }
    let infants = search
        .passengers
        .iter()
        .filter(|passenger| passenger.is_infant())
        .count();
    if held.len() < infants {
        check.wrong(
            "validation_required",
            "/passengers",
            "must name every infant as infant_passenger_id of an adult",
        );
    }
}

fn names(passengers: &[Value]) -> Result<(), Refusal> {
    let mut names = BTreeSet::new();
    for passenger in passengers {
        let name = |field: &str| passenger[field].as_str().unwrap_or_default().to_lowercase();
        let full = (name("given_name"), name("family_name"));
        if !full.0.is_empty() && !names.insert(full) {
            return Err(Refusal::airline(
                422,
                "duplicate_passenger_name",
                "Two passengers of one order can't have the same name.",
            ));
        }
    }
    Ok(())
}
