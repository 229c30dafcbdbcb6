//! Amounts and times as clients write and read them.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tripsage_domain::{
    money::Money,
    text::TextRule,
    trip::{LocalTime, When, Zone},
    validation::{Checks, Invalid, Rule},
};
use utoipa::ToSchema;

/// Names and other short texts.
pub(crate) const LINE: TextRule = TextRule::line(1, 200);

/// Notes.
pub(crate) const TEXT: TextRule = TextRule::multiline(1, 2000);

/// An amount among the facts of an error.
pub(crate) fn amount(money: &Money) -> Value {
    json!({ "amount": money.decimal(), "currency": money.currency.code() })
}

/// A day, or a time on the clocks of a place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookingWhen {
    /// A whole day; not together with `local_time`.
    #[schema(example = "2027-04-01")]
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    /// A time without an offset.
    #[schema(example = "2027-04-01T13:00:00")]
    #[serde(skip_serializing_if = "Option::is_none")]
    local_time: Option<String>,
    /// IANA zone of the local time.
    #[schema(example = "Europe/Zurich")]
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    /// The instant; only in answers, and read over in requests.
    #[schema(read_only)]
    #[serde(skip_serializing_if = "Option::is_none")]
    instant: Option<String>,
}

impl BookingWhen {
    pub(crate) fn into_when(self) -> Result<When, Invalid> {
        let mut checks = Checks::default();
        let Some(local_time) = self.local_time else {
            let lonely = self.time_zone.is_none();
            checks.ensure(lonely, "time_zone", "exclusive", "must not be given without local_time");
            let day = checks.required("date", self.date, |text| date(&text));
            return checks.build(|| Some(When::Day(day?)));
        };
        let alone = self.date.is_none();
        checks.ensure(alone, "date", "exclusive", "must not be given together with local_time");
        let local = checks.take("local_time", local(&local_time));
        let zone = checks.required("time_zone", self.time_zone, |name| Zone::parse(&name));
        let time = local
            .zip(zone)
            .and_then(|(local, zone)| checks.take("local_time", LocalTime::new(local, zone, false)));
        checks.build(|| Some(When::Time(time?)))
    }

    pub(crate) fn new(when: &When) -> Self {
        match when {
            When::Day(day) => Self {
                date: Some(day.to_string()),
                ..Self::default()
            },
            When::Time(time) => Self {
                local_time: Some(time.local.to_string()),
                time_zone: Some(time.zone.name().to_owned()),
                instant: Some(time.instant().to_string()),
                ..Self::default()
            },
        }
    }
}

/// A day of the calendar.
pub(crate) fn date(text: &str) -> Result<Date, Rule> {
    let wrong = || Rule::new("date", "must be a date such as 2027-04-01");
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !plain {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

fn local(text: &str) -> Result<DateTime, Rule> {
    let wrong = || {
        let message = "must be a date and time without an offset, such as 2027-04-01T13:00:00";
        Rule::new("local_time", message)
    };
    let known = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'T');
    if !matches!(text.len(), 16 | 19) || !text.bytes().all(known) {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// An empty text is none.
pub(crate) fn optional_text(checks: &mut Checks, field: &str, text: Option<String>, rule: TextRule) -> Option<String> {
    let text = text.filter(|text| !text.trim().is_empty());
    checks.optional(field, text, |text| rule.parse(&text))
}

/// A provider's id: what it may look like; whether there is such a thing is the provider's to say.
pub(crate) fn provider_id(text: &str) -> Result<String, Rule> {
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if (1..=128).contains(&text.len()) && text.bytes().all(known) {
        Ok(text.to_owned())
    } else {
        Err(Rule::new("id", "must be an id that a search has given"))
    }
}
