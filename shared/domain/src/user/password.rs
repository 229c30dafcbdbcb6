use std::{fmt, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;

use crate::validation::Rule;

/// Characters that a new password has at least, unless the configuration demands more.
pub const MIN_PASSWORD_LENGTH: usize = 8;

/// Bytes at most: more is no safer and costs hashing time.
const MAX_BYTES: usize = 1024;

/// Passwords of eight characters and more that everybody tries first, in lower case and sorted. Shorter ones are
/// refused for their length.
static COMMON: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("../../data/common_passwords.txt").lines().collect());

/// A password as somebody typed it, in NFKC so that every keyboard writes the same one. Nothing else about it is
/// changed: no trimming, no folding, no cutting.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password to compare with the one that was chosen.
    ///
    /// # Errors
    /// `max_length` beyond 1024 bytes.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let too_long = || Rule::new("max_length", format!("must have at most {MAX_BYTES} bytes"));
        if text.len() > MAX_BYTES {
            return Err(too_long());
        }
        let text: String = text.nfkc().collect();
        if text.len() > MAX_BYTES {
            return Err(too_long());
        }
        Ok(Self(text))
    }

    /// A password that somebody chooses: of at least `min` characters, none that everybody tries first, and not one of
    /// the `names` of the account. There are no rules about kinds of characters: they make passwords worse.
    ///
    /// # Errors
    /// `min_length`, `max_length` or `common`.
    pub fn choose(text: &str, min: usize, names: &[&str]) -> Result<Self, Rule> {
        let password = Self::parse(text)?;
        if password.0.chars().count() < min {
            return Err(Rule::new("min_length", format!("must have at least {min} characters")));
        }
        let folded = password.0.to_lowercase();
        let guessable =
            COMMON.binary_search(&folded.as_str()).is_ok() || names.iter().any(|name| name.to_lowercase() == folded);
        if guessable {
            return Err(Rule::new(
                "common",
                "must not be one of the most common passwords or a name of the account",
            ));
        }
        Ok(password)
    }

    /// The bytes that are hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_long_enough() {
        assert!(COMMON.len() >= 3000);
        assert!(COMMON.is_sorted());
    }

    #[test]
    fn length_counts_and_kinds_of_characters_do_not() {
        let names = ["annlee", "annlee@example.com"];
        let (long, too_long) = ("é".repeat(512), "é".repeat(513));
        for (text, broken) in [
            ("Test123!", None),
            ("four words and spaces", None),
            ("🐫🐫🐫🐫🐫🐫🐫🐫", None),
            ("        ", None),
            (&long, None),
            ("Short1!", Some("min_length")),
            ("", Some("min_length")),
            (&too_long, Some("max_length")),
            ("password1", Some("common")),
            ("PassWord1", Some("common")),
            ("ｐａｓｓｗｏｒｄ１", Some("common")),
            ("AnnLee@example.com", Some("common")),
        ] {
            let result = Password::choose(text, MIN_PASSWORD_LENGTH, &names);
            assert_eq!(result.err().map(|r| r.rule), broken, "{text:?}");
        }
    }

    #[test]
    fn every_byte_counts_and_every_keyboard_writes_the_same() {
        let parse = |text: &str| Password::parse(text).unwrap();
        assert_eq!(parse("Cafe\u{301}"), parse("Caf\u{e9}"));
        assert_ne!(parse(" Test123!"), parse("Test123!"));
        assert_ne!(
            parse(&format!("{}a", "x".repeat(72))),
            parse(&format!("{}b", "x".repeat(72)))
        );
        assert!(!format!("{:?}", parse("Test123!")).contains("Test"));
    }
}
