//! Words by which things are found: the same function makes them of what is published and of what is asked for.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// How many different words of one text count; the rest is not searched.
pub const MAX: usize = 14;

/// Letters of a word that count.
const LETTERS: usize = 24;

/// Letters that Unicode does not take apart.
const fn spelt(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'æ' => "ae",
        'œ' => "oe",
        'ı' => "i",
        'þ' => "th",
        'ə' => "a",
        _ => return None,
    })
}

/// The text in lower case, without accents and apostrophes.
///
/// ```
/// assert_eq!(tripsage_domain::words::plain("São Tomé’s ŁÓDŹ"), "sao tomes lodz");
/// ```
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase).nfkd() {
        match spelt(c) {
            Some(letters) => plain.push_str(letters),
            // Apostrophes of any form belong to their word.
            None if is_combining_mark(c) || matches!(c, '\'' | '’' | '‘' | 'ʻ' | '`') => {}
            None => plain.push(c),
        }
    }
    plain
}

/// The different words of the texts, in their order, [`MAX`] at most. A word has letters and digits of any script and
/// nothing else; where a script has no spaces, Unicode's rules say what a word is.
///
/// ```
/// assert_eq!(tripsage_domain::words::of(&["Tokyo, Japan", "3-Day Tokyo Adventure"]), ["tokyo", "japan", "3", "day", "adventure"]);
/// ```
pub fn of(texts: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for text in texts {
        // Composed again, because a script may need its marks to be a word.
        let plain: String = plain(text).nfc().collect();
        for word in plain.unicode_words() {
            for part in word.split(|c: char| !c.is_alphanumeric()) {
                let part: String = part.chars().take(LETTERS).collect();
                if !part.is_empty() && !words.contains(&part) {
                    words.push(part);
                }
                if words.len() == MAX {
                    return words;
                }
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_no_accents_case_or_signs() {
        for (text, words) in [
            ("Zürich & ŁÓDŹ", &["zurich", "lodz"][..]),
            ("Xi’an can't", &["xian", "cant"]),
            ("a.b a_b 3.5", &["a", "b", "3", "5"]),
            ("東京", &["東", "京"]),
            ("서울 여행", &["서울", "여행"]),
            ("Москва", &["москва"]),
            ("--#--", &[]),
        ] {
            assert_eq!(of(&[text]), words, "{text}");
        }
    }

    #[test]
    fn words_are_bounded() {
        let many: String = (0..100).map(|n| format!("w{n} ")).collect();
        assert_eq!(of(&[&many]).len(), MAX);
        assert_eq!(of(&[&"x".repeat(1000)]), ["x".repeat(LETTERS)]);
    }
}
