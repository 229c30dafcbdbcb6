//! Amounts of money as clients write and read them.

use serde::{Deserialize, Serialize};
use tripsage_domain::{
    money::{Currency, Money},
    validation::{Checks, Invalid, Rule},
};
use utoipa::ToSchema;

/// A decimal number, as text (`"1299.99"`) or as a JSON number. Answers give it as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Amount {
    /// Exactly what is written.
    #[schema(example = "1299.99")]
    Text(String),
    /// The number as it is written; more than 15 digits would not survive JSON.
    #[schema(value_type = f64)]
    Number(serde_json::Number),
}

impl Amount {
    /// The amount in a currency.
    ///
    /// # Errors
    /// `decimal` or `range`.
    pub fn parse(&self, currency: Currency) -> Result<Money, Rule> {
        match self {
            Self::Text(text) => Money::parse_decimal(text, currency),
            // The shortest text that means this number, which is what was written.
            Self::Number(number) => Money::parse_decimal(&number.to_string(), currency),
        }
    }

    /// As an answer has it.
    pub fn new(money: &Money) -> Self {
        Self::Text(money.decimal())
    }
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyFields {
    /// How much.
    amount: Option<Amount>,
    /// ISO 4217 code.
    #[schema(example = "EUR")]
    currency: Option<String>,
}

impl MoneyFields {
    /// The money.
    ///
    /// # Errors
    /// What is missing, and what is no amount of its currency.
    pub fn into_money(self) -> Result<Money, Invalid> {
        let mut checks = Checks::default();
        let currency = checks.required("currency", self.currency, |code| Currency::parse(&code));
        let amount = checks.required("amount", self.amount, Ok);
        let money = currency
            .zip(amount)
            .and_then(|(currency, amount)| checks.take("amount", amount.parse(currency)));
        checks.build(|| money)
    }

    /// As an answer has it.
    pub fn new(money: &Money) -> Self {
        Self {
            amount: Some(Amount::new(money)),
            currency: Some(money.currency.code().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_both_forms() {
        for (json, shown) in [
            (r#"{"amount":"1299.99","currency":"eur"}"#, Some("1299.99")),
            (r#"{"amount":1299.99,"currency":"EUR"}"#, Some("1299.99")),
            (r#"{"amount":0.1,"currency":"EUR"}"#, Some("0.10")),
            (r#"{"amount":5000,"currency":"JPY"}"#, Some("5000")),
            (r#"{"amount":9999999999.99,"currency":"EUR"}"#, Some("9999999999.99")),
            (r#"{"amount":0.30000000000000004,"currency":"EUR"}"#, None),
            (r#"{"amount":1.5,"currency":"JPY"}"#, None),
            (r#"{"amount":-1,"currency":"EUR"}"#, None),
            (r#"{"amount":1e30,"currency":"EUR"}"#, None),
            (r#"{"amount":1}"#, None),
            (r#"{"currency":"EUR"}"#, None),
            (r#"{"amount":1,"currency":"XXQ"}"#, None),
        ] {
            let money = serde_json::from_str::<MoneyFields>(json).unwrap().into_money();
            assert_eq!(money.ok().map(|money| money.decimal()).as_deref(), shown, "{json}");
        }
    }
}
