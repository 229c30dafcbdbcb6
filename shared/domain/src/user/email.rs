use std::fmt;

use email_address::{EmailAddress, Options};

use crate::validation::Rule;

/// An e-mail address. Written to as it was typed; unique without case.
///
/// Only ASCII is accepted: the mail service takes nothing else (internationalised domains have their `xn--` form), and
/// with it go look-alike letters, invisible characters and Unicode's several ways to write one address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

/// RFC 5321, section 4.5.3.1.3, less the angle brackets.
const MAX_LENGTH: usize = 254;

impl Email {
    /// An address of at most 254 characters, without display name, comments, quotes and address literals.
    ///
    /// # Errors
    /// `max_length` or `email`.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let text = text.trim_matches(' ');
        if text.len() > MAX_LENGTH {
            return Err(Rule::new(
                "max_length",
                format!("must have at most {MAX_LENGTH} characters"),
            ));
        }
        let options = Options::default()
            .with_required_tld()
            .without_domain_literal()
            .without_display_text();
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
        if plain && EmailAddress::parse_with_options(text, options).is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(Rule::new("email", "must be an e-mail address such as ann@example.com"))
        }
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which addresses are compared. The part before the `@` may differ by case in theory and does not in
    /// practice.
    pub fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// Hides the address: debug texts end up in logs.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_accepted_and_compared_without_case() {
        for text in [
            "test@example.com",
            "a.b+c_d@sub.example.co.uk",
            "o'neil@example.org",
            "x@xn--bcher-kva.example",
        ] {
            assert_eq!(Email::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(
            Email::parse(" Ann@Example.COM ").unwrap().canonical(),
            "ann@example.com"
        );
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@localhost",
            "ann@@example.com",
            "ann@example..com",
            ".ann@example.com",
            "ann@-example.com",
            "a b@example.com",
            "\"a b\"@example.com",
            "Ann <ann@example.com>",
            "ann@[127.0.0.1]",
            "ann@example.com\r\nBcc: eve@example.com",
            "ann@ex\u{0430}mple.com",
            "\u{FF41}nn@example.com",
            "ann\u{200B}@example.com",
            &long,
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }
}
