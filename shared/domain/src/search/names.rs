use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Words that say what a thing is, and not which one.
const COMMON: [&str; 12] = [
    "hotel",
    "hotels",
    "the",
    "and",
    "by",
    "at",
    "a",
    "an",
    "of",
    "in",
    "apartment",
    "apartments",
];

fn words(name: &str) -> BTreeSet<String> {
    let plain: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let all: BTreeSet<String> = plain.split_whitespace().map(str::to_owned).collect();
    let telling: BTreeSet<String> = all
        .iter()
        .filter(|word| !COMMON.contains(&word.as_str()))
        .cloned()
        .collect();
    if telling.is_empty() { all } else { telling }
}

/// Whether two names are likely to be of the same thing: of their telling words, most are in both.
pub fn similar(a: &str, b: &str) -> bool {
    let (a, b) = (words(a), words(b));
    let (common, all) = (a.intersection(&b).count(), a.union(&b).count());
    // Two of three: "Grand Plaza" is "Hotel Grand Plaza Zürich", and is not "Grand Palace".
    all > 0 && common * 3 >= all * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_telling_words() {
        for (a, b, same) in [
            ("Hotel Schweizerhof Zürich", "Schweizerhof Zurich", true),
            ("The Grand Plaza", "Grand Plaza Hotel", true),
            ("Grand Plaza", "Grand Palace", false),
            ("Hotel", "The Hotel", false),
            ("Hotel", "Hotel", true),
            ("", "", false),
            ("Ibis Styles London", "Ibis London", true),
        ] {
            assert_eq!(similar(a, b), same, "{a} / {b}");
        }
    }
}
