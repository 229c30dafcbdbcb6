use crate::validation::Rule;

/// The name by which others find a user. Shown as it was typed; unique without case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Username(String);

/// Names that are paths of the directory itself.
const RESERVED: [&str; 1] = ["search"];

impl Username {
    /// 3 to 50 ASCII letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// `min_length`, `max_length`, `characters` or `reserved`.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let rule = |rule, message: &str| Err(Rule::new(rule, message));
        match text.len() {
            0..3 => rule("min_length", "must have at least 3 characters"),
            51.. => rule("max_length", "must have at most 50 characters"),
            _ if RESERVED.iter().any(|name| name.eq_ignore_ascii_case(text)) => {
                rule("reserved", "is not available as a username")
            }
            _ if text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => rule("characters", "must have only letters, digits, `-` and `_`"),
        }
    }

    /// A username like `text`, which can be anything, with the suffix after it.
    pub fn like(text: &str, suffix: &str) -> Self {
        let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let mut name: String = text.chars().filter(fits).take(40).collect();
        if name.len() < 3 {
            name = "traveller".to_owned();
        }
        name.push_str(suffix);
        Self(name)
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which usernames are compared.
    pub fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_short_and_plain() {
        let (long, too_long) = ("a".repeat(50), "a".repeat(51));
        for (text, broken) in [
            ("ab", Some("min_length")),
            ("abc", None),
            ("Ann_Lee-7", None),
            (&long, None),
            (&too_long, Some("max_length")),
            ("ann lee", Some("characters")),
            ("ann.lee", Some("characters")),
            ("аnna", Some("characters")),
            ("ann\n", Some("characters")),
            ("a#b", Some("characters")),
            ("Search", Some("reserved")),
        ] {
            assert_eq!(Username::parse(text).err().map(|r| r.rule), broken, "{text:?}");
        }
        for (text, suffix, expected) in [
            ("ann.lee", "", "annlee"),
            ("Ämil", "-1a2b", "mil-1a2b"),
            ("王", "", "traveller"),
            ("a b", "-1a2b", "traveller-1a2b"),
        ] {
            let name = Username::like(text, suffix);
            assert_eq!(name.as_str(), expected);
            assert!(Username::parse(name.as_str()).is_ok());
        }
        assert_eq!(Username::parse("AnnLee").unwrap().canonical(), "annlee");
    }
}
