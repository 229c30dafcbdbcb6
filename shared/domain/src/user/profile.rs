//! What a user tells about themselves. Everything but the full name and the gender is public.

use url::Url;

use crate::{
    text::{self, TextRule},
    validation::Rule,
    vocabulary::vocabulary,
};

vocabulary!(
    /// What somebody says that they are. Nobody checks it, nobody else is shown it, and it decides one thing: who may
    /// belong to a group of women only.
    Gender {
        Woman = "woman" | "female",
        Man = "man" | "male",
        NonBinary = "non_binary",
        Other = "other",
    }
);

/// Interests that a profile lists at most.
const MAX_INTERESTS: usize = 20;

/// Length of an address at most, in bytes.
const MAX_URL: usize = 2048;

/// The name that others see, of 1 to 100 characters.
///
/// # Errors
/// As [`TextRule::parse`].
pub fn display_name(text: &str) -> Result<String, Rule> {
    TextRule::line(1, 100).parse(text)
}

/// The full name, of 1 to 100 characters.
///
/// # Errors
/// As [`TextRule::parse`].
pub fn full_name(text: &str) -> Result<String, Rule> {
    TextRule::line(1, 100).parse(text)
}

/// A few sentences, of at most 500 characters.
///
/// # Errors
/// As [`TextRule::parse`].
pub fn bio(text: &str) -> Result<String, Rule> {
    TextRule::multiline(0, 500).parse(text)
}

/// How somebody likes to travel, of 1 to 50 characters.
///
/// # Errors
/// As [`TextRule::parse`].
pub fn travel_style(text: &str) -> Result<String, Rule> {
    TextRule::line(1, 50).parse(text)
}

/// At most 20 interests, of 1 to 50 characters each.
///
/// # Errors
/// As [`text::tags`].
pub fn travel_interests(values: &[String]) -> Result<Vec<String>, Rule> {
    text::tags(values, MAX_INTERESTS, TextRule::line(1, 50))
}

/// The address of a picture: `https`, with a host, without credentials. It is never fetched by us.
///
/// # Errors
/// `max_length` or `url`.
pub fn avatar_url(text: &str) -> Result<String, Rule> {
    if text.len() > MAX_URL {
        return Err(Rule::new(
            "max_length",
            format!("must have at most {MAX_URL} characters"),
        ));
    }
    let wrong = || Rule::new("url", "must be an https address such as https://example.com/ann.png");
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none();
    if plain && url.as_str().len() <= MAX_URL {
        Ok(url.into())
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_plain_https_addresses() {
        assert_eq!(
            avatar_url("https://example.com/a b.png").unwrap(),
            "https://example.com/a%20b.png"
        );
        for text in [
            "",
            "a.png",
            "http://example.com/a.png",
            "javascript:alert(1)",
            "data:image/png;base64,AA==",
            "https://",
            "https://ann:secret@example.com/",
            "//example.com/a.png",
        ] {
            assert!(avatar_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bounds_hold() {
        assert!(bio(&"a".repeat(500)).is_ok() && bio(&"a".repeat(501)).is_err());
        assert!(display_name("").is_err() && display_name("Ann Lee").is_ok());
        let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
        assert!(travel_interests(&many).is_err());
        assert_eq!(travel_interests(&["Food".into(), "food".into()]).unwrap(), ["Food"]);
    }
}
