/// As wide whatever it hides: the width must not tell the length.
const MASK: &str = "********";

/// Characters of a key that are shown, at its end; the beginning is the same for all keys of most services.
const SHOWN: usize = 4;

/// A key that is shorter than this would lose too much by showing four characters.
const LONG_ENOUGH: usize = 16;

/// What is shown of a key, so that its owner can tell it from others.
pub fn hint(key: &str) -> String {
    let length = key.chars().count();
    let skipped = if length < LONG_ENOUGH { length } else { length - SHOWN };
    let end: String = key.chars().skip(skipped).collect();
    format!("{MASK}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_long_key_is_shown() {
        for (key, expected) in [
            ("12345678", "********"),
            ("123456789012345", "********"),
            ("1234567890123456", "********3456"),
            ("duffel_test_abcdefghijklmnop", "********mnop"),
        ] {
            assert_eq!(hint(key), expected);
        }
        assert_eq!(hint(&"x".repeat(4000)).len(), hint(&"y".repeat(16)).len());
    }
}
