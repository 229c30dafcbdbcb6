//! Values as clients write and read them.

use jiff::civil::Date;
use tripsage_domain::{
    money::{Currency, Money},
    text::TextRule,
    validation::{Checks, Rule},
};
use tripsage_http::Amount;

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
