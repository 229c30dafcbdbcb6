//! Text that people type: normalised, bounded and free of characters that hide or break things.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::validation::Rule;

/// What a text field accepts. Lengths count Unicode scalar values after normalisation (NFC).
#[derive(Debug, Clone, Copy)]
pub struct TextRule {
    min: usize,
    max: usize,
    multiline: bool,
}

/// More combining marks in a row than any script needs; stacks of them deface everything around them.
const MAX_COMBINING_RUN: usize = 8;

impl TextRule {
    /// A single line of `min` to `max` characters.
    pub const fn line(min: usize, max: usize) -> Self {
        Self {
            min,
            max,
            multiline: false,
        }
    }

    /// Text of `min` to `max` characters in which line breaks and tabs may occur.
    pub const fn multiline(min: usize, max: usize) -> Self {
        Self {
            min,
            max,
            multiline: true,
        }
    }

    /// The text as it is stored: in NFC, without surrounding white space.
    ///
    /// # Errors
    /// `min_length`, `max_length`, or `characters` for control characters, bidirectional overrides, invisible
    /// characters and stacks of combining marks.
    pub fn parse(self, text: &str) -> Result<String, Rule> {
        // A bound before normalising, so that a long input costs nothing; NFC never grows a text more than threefold.
        if text.len() > self.max.saturating_mul(12).max(64) {
            return Err(self.too_long());
        }
        let text: String = text.trim().nfc().collect();
        let length = text.chars().count();
        if length < self.min {
            let message = match self.min {
                1 => "must not be empty".to_owned(),
                min => format!("must have at least {min} characters"),
            };
            return Err(Rule::new("min_length", message));
        }
        if length > self.max {
            return Err(self.too_long());
        }
        let allowed = |c: char| !is_forbidden(c) || (self.multiline && matches!(c, '\n' | '\r' | '\t'));
        if !text.chars().all(allowed) {
            return Err(Rule::new(
                "characters",
                "must not contain control or invisible characters",
            ));
        }
        if longest_combining_run(&text) > MAX_COMBINING_RUN {
            return Err(Rule::new("characters", "must not stack combining marks"));
        }
        Ok(text)
    }

    fn too_long(self) -> Rule {
        Rule::new("max_length", format!("must have at most {} characters", self.max))
    }
}

/// Control characters, bidirectional overrides and isolates, and characters without a glyph. The zero-width joiner and
/// non-joiner stay allowed: emoji and several scripts need them.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{2028}' | '\u{2029}')
}

fn longest_combining_run(text: &str) -> usize {
    text.chars()
        .scan(0, |run, c| {
            *run = if is_combining_mark(c) { *run + 1 } else { 0 };
            Some(*run)
        })
        .max()
        .unwrap_or(0)
}

/// A list of at most `max` distinct short texts, such as tags; kept in order, compared without case.
///
/// # Errors
/// `max_items`, or the rule that an element breaks.
pub fn tags(values: &[String], max: usize, rule: TextRule) -> Result<Vec<String>, Rule> {
    if values.len() > max {
        return Err(Rule::new("max_items", format!("must have at most {max} entries")));
    }
    let mut kept: Vec<String> = Vec::with_capacity(values.len());
    for value in values {
        let value = rule.parse(value)?;
        if !kept.iter().any(|other| other.to_lowercase() == value.to_lowercase()) {
            kept.push(value);
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_normalised() {
        assert_eq!(TextRule::line(1, 10).parse("  Cafe\u{301} ").unwrap(), "Café");
        assert_eq!(TextRule::multiline(0, 10).parse("a\nb").unwrap(), "a\nb");
        assert_eq!(TextRule::line(1, 10).parse("👩‍👩‍👧").unwrap(), "👩‍👩‍👧");
    }

    #[test]
    fn bounds_are_exact() {
        let rule = TextRule::line(2, 4);
        for (text, broken) in [
            ("a", Some("min_length")),
            ("ab", None),
            ("abcd", None),
            ("abcde", Some("max_length")),
        ] {
            assert_eq!(rule.parse(text).err().map(|r| r.rule), broken, "{text}");
        }
    }

    #[test]
    fn hiding_and_breaking_characters_are_refused() {
        let stacked = format!("a{}", "\u{301}\u{316}".repeat(5000));
        for text in [
            "a\u{0}b",
            "a\nb",
            "a\u{202E}b",
            "a\u{200B}b",
            "\u{85}x\u{85}y",
            &stacked,
        ] {
            assert!(TextRule::line(1, 100).parse(text).is_err(), "{text:?}");
        }
    }
}
