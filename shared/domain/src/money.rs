//! Money: an integer number of minor units with its ISO 4217 currency. Never a float.

use std::str::FromStr;

use iso_currency::Currency as Iso;

use crate::validation::Rule;

/// An ISO 4217 currency in circulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(Iso);

impl Currency {
    /// The US dollar, the default of the systems that this product replaces.
    pub const USD: Self = Self(Iso::USD);

    /// Parses a three-letter code in any case.
    ///
    /// # Errors
    /// `currency` when ISO 4217 has no such code.
    pub fn parse(code: &str) -> Result<Self, Rule> {
        Iso::from_str(&code.to_ascii_uppercase())
            .map(Self)
            .map_err(|_| Rule::new("currency", "must be an ISO 4217 currency code such as EUR"))
    }

    /// Three upper-case letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Number of decimals between the unit and the minor unit: 2 for EUR, 0 for JPY.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// In minor units: cents for EUR, yen for JPY.
    pub minor: i64,
    /// What it is counted in.
    pub currency: Currency,
}

/// More than any trip costs, and small enough that sums of every item of a trip cannot overflow.
const MAX_MINOR: i64 = 1_000_000_000_000;

impl Money {
    /// An amount of zero or more.
    ///
    /// # Errors
    /// `range` for a negative amount or one beyond 10^12 minor units.
    pub fn new(minor: i64, currency: Currency) -> Result<Self, Rule> {
        if (0..=MAX_MINOR).contains(&minor) {
            Ok(Self { minor, currency })
        } else {
            Err(Rule::new(
                "range",
                format!("must be between 0 and {MAX_MINOR} minor units"),
            ))
        }
    }

    /// Parses a decimal number such as `1299.99`, exactly.
    ///
    /// # Errors
    /// `decimal` for anything but digits with at most the currency's decimals; `range` as in [`Self::new`].
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, Rule> {
        let exponent = currency.exponent() as usize;
        let wrong = || {
            Rule::new(
                "decimal",
                format!(
                    "must be an amount in {} with at most {exponent} decimals",
                    currency.code()
                ),
            )
        };
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(wrong()),
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        // Trailing zeros beyond the currency's decimals change nothing: JSON writers add them.
        let fraction = if fraction.len() > exponent {
            let (kept, dropped) = fraction.split_at_checked(exponent).ok_or_else(wrong)?;
            if dropped.bytes().any(|b| b != b'0') {
                return Err(wrong());
            }
            kept
        } else {
            fraction
        };
        if whole.is_empty() || whole.len() > 13 || !digits(whole) || !digits(fraction) {
            return Err(wrong());
        }
        let minor = format!("{whole}{fraction:0<exponent$}").parse().map_err(|_| wrong())?;
        Self::new(minor, currency)
    }

    /// The decimal text, with all of the currency's decimals: `1299.99`.
    pub fn decimal(self) -> String {
        let exponent = self.currency.exponent();
        if exponent == 0 {
            return self.minor.to_string();
        }
        let scale = 10_i64.pow(exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, fraction) = (self.minor.abs() / scale, self.minor.abs() % scale);
        format!("{sign}{whole}.{fraction:0width$}", width = exponent as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_both_ways() {
        for (text, code, minor, shown) in [
            ("1299.99", "EUR", 129_999, "1299.99"),
            ("0.1", "USD", 10, "0.10"),
            ("5000", "JPY", 5000, "5000"),
            ("5000.0", "JPY", 5000, "5000"),
            ("1.234", "KWD", 1234, "1.234"),
            ("7.500", "EUR", 750, "7.50"),
        ] {
            let money = Money::parse_decimal(text, Currency::parse(code).unwrap()).unwrap();
            assert_eq!((money.minor, money.decimal().as_str()), (minor, shown), "{text} {code}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in [
            "",
            "-1",
            "1.",
            ".5",
            "1.999",
            "1e3",
            "NaN",
            " 1",
            "1,5",
            "99999999999999",
            "1.2.3",
            "٣",
        ] {
            assert!(Money::parse_decimal(text, Currency::USD).is_err(), "{text}");
        }
        assert!(Currency::parse("XYZ").is_err());
        assert!(Currency::parse("EURO").is_err());
    }
}
