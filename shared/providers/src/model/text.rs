//! Texts of others, cut down to what can do no harm in a log line, a list or a key.

use tripsage_domain::trip::Zone;

/// Longest description that is kept.
const MAX_CHARS: usize = 4_000;

/// The text without control and direction characters, on one line, at most `max` characters long.
pub(crate) fn bounded(text: &str, max: usize) -> String {
    let clean = |c: char| {
        if c.is_whitespace() {
            Some(' ')
        } else if c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}') {
            None
        } else {
            Some(c)
        }
    };
    text.trim().chars().filter_map(clean).take(max.min(MAX_CHARS)).collect()
}

/// As [`bounded`]; nothing when nothing is left.
pub(crate) fn bounded_option(text: Option<&str>, max: usize) -> Option<String> {
    text.map(|text| bounded(text, max)).filter(|text| !text.is_empty())
}

/// An address that a browser may be sent to: encrypted, and of a bounded length.
pub(crate) fn web_address(text: Option<&str>) -> Option<String> {
    text.filter(|text| text.len() <= 2_000 && !text.contains(char::is_whitespace))
        .and_then(|text| url::Url::parse(text).ok())
        .filter(|url| url.scheme() == "https" && url.has_host() && url.username().is_empty())
        .map(String::from)
}

/// The name of a time zone that exists.
pub(crate) fn zone_name(text: Option<&str>) -> Option<String> {
    text.and_then(|text| Zone::parse(text).ok())
        .map(|zone| zone.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_cleaned() {
        assert_eq!(bounded("  a\u{0}b\n\u{202E}c ", 10), "ab c");
        assert_eq!(bounded("äöü", 2), "äö");
        assert_eq!(bounded_option(Some(" \u{7} "), 9), None);
    }

    #[test]
    fn only_encrypted_addresses_are_kept() {
        assert!(web_address(Some("https://example.com/a?b=c")).is_some());
        for bad in [
            "http://example.com/",
            "javascript:alert(1)",
            "https://u@example.com/",
            "//example.com",
            "https://a b/",
        ] {
            assert_eq!(web_address(Some(bad)), None, "{bad}");
        }
    }
}
