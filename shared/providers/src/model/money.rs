//! Money in the cache: `1299.99 EUR`, one text that is read back exactly or not at all.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use tripsage_domain::money::{Currency, Money};

pub(crate) fn parse(text: &str) -> Option<Money> {
    let (amount, currency) = text.split_once(' ')?;
    Money::parse_decimal(amount, Currency::parse(currency).ok()?).ok()
}

fn text(money: Money) -> String {
    format!("{} {}", money.decimal(), money.currency.code())
}

pub(crate) fn serialize<S: Serializer>(money: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*money))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| D::Error::custom("is not an amount of money"))
}

pub(crate) mod option {
    use super::{Deserialize, Deserializer, Error, Money, Serializer};

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(crate) fn serialize<S: Serializer>(money: &Option<Money>, serializer: S) -> Result<S::Ok, S::Error> {
        match money {
            Some(money) => serializer.serialize_some(&super::text(*money)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| super::parse(&text).ok_or_else(|| D::Error::custom("is not an amount of money")))
            .transpose()
    }
}
