use tripsage_domain::words;

/// The text as it is compared: lower case, without accents, words of ASCII letters and digits with one space between
/// them. What is in no Latin script is gone.
///
/// ```
/// assert_eq!(tripsage_reference::folded(" São-Paulo/Guarulhos "), "sao paulo guarulhos");
/// assert_eq!(tripsage_reference::folded("Xi’an"), "xian");
/// ```
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut push = |c: char| {
        if c.is_ascii_alphanumeric() {
            folded.push(c);
        } else if !folded.ends_with(' ') && !folded.is_empty() {
            folded.push(' ');
        }
    };
    words::plain(text).chars().for_each(&mut push);
    folded.truncate(folded.trim_end().len());
    folded
}

/// [`folded`], with `-` between the words: a text for ids.
pub fn slug(text: &str) -> String {
    folded(text).replace(' ', "-")
}

/// How well folded words match a folded query: every word of the query must begin a word of the text. Lower is better.
pub(crate) fn match_rank(text: &str, query: &str) -> Option<u8> {
    if text == query {
        return Some(0);
    }
    if text.starts_with(query) {
        return Some(if text.as_bytes().get(query.len()) == Some(&b' ') {
            1
        } else {
            2
        });
    }
    let begins = |word: &str| text.split(' ').any(|other| other.starts_with(word));
    query.split(' ').all(begins).then_some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_and_signs_do_not_matter() {
        for (text, plain) in [
            ("Zürich", "zurich"),
            ("ŁÓDŹ", "lodz"),
            ("Tromsø  Airport", "tromso airport"),
            ("İstanbul", "istanbul"),
            ("Ra’s Bayrūt", "ras bayrut"),
            ("東京", ""),
            ("--", ""),
        ] {
            assert_eq!(folded(text), plain);
        }
        assert_eq!(slug("New York City"), "new-york-city");
    }

    #[test]
    fn better_matches_come_first() {
        let rank = |text, query| match_rank(text, query);
        assert_eq!(rank("london", "london"), Some(0));
        assert_eq!(rank("london heathrow", "london"), Some(1));
        assert_eq!(rank("londonderry", "london"), Some(2));
        assert_eq!(rank("city of london", "lon ci"), Some(3));
        assert_eq!(rank("lagos", "london"), None);
    }
}
