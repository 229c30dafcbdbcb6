use std::fmt::{self, Display};

use tripsage_domain::{text::TextRule, validation::Rule};

/// What a facet says of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FacetName {
    /// A word of its title or of its destination.
    Word,
    /// A word of its destination. It has no list of its own: each is a [`Self::Word`] too.
    Place,
    /// A tag, an activity or an interest.
    Tag,
    /// How difficult it is.
    Difficulty,
    /// Something that is so or not: women-safe, with a route, featured.
    Flag,
    /// Whose it is.
    By,
    /// Its type.
    Type,
    /// The itinerary that it is about.
    Itinerary,
    /// The itinerary that it or what it answers is about.
    About,
    /// What it answers.
    Parent,
    /// What became of it.
    Status,
    /// How bad it is.
    Severity,
    /// A score of few values.
    Score,
    /// A language.
    Language,
    /// What somebody is good at.
    Specialization,
    /// A style of travelling.
    Style,
}

impl FacetName {
    const ALL: [Self; 16] = [
        Self::Word,
        Self::Place,
        Self::Tag,
        Self::Difficulty,
        Self::Flag,
        Self::By,
        Self::Type,
        Self::Itinerary,
        Self::About,
        Self::Parent,
        Self::Status,
        Self::Severity,
        Self::Score,
        Self::Language,
        Self::Specialization,
        Self::Style,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Place => "place",
            Self::Tag => "tag",
            Self::Difficulty => "difficulty",
            Self::Flag => "flag",
            Self::By => "by",
            Self::Type => "type",
            Self::Itinerary => "itinerary",
            Self::About => "about",
            Self::Parent => "parent",
            Self::Status => "status",
            Self::Severity => "severity",
            Self::Score => "score",
            Self::Language => "language",
            Self::Specialization => "specialization",
            Self::Style => "style",
        }
    }
}

/// A property by which things are found: `word:tokyo`, `flag:women_safe`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Facet {
    name: FacetName,
    text: String,
}

impl Facet {
    /// A facet with a value of letters, digits, `-` and `_`, in lower case; `None` for any other value.
    pub fn new(name: FacetName, value: &str) -> Option<Self> {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let good = !value.is_empty() && value.len() <= 100 && value.chars().all(fits);
        good.then(|| Self {
            name,
            text: format!("{}:{}", name.name(), value.to_lowercase()),
        })
    }

    /// The facets that let a thing be found by the words of its destination and of its title; those of the destination
    /// come first, so that a long title does not hide them.
    pub fn words(destination: &str, title: &str) -> impl Iterator<Item = Self> {
        let places = tripsage_domain::words::of(&[destination]).into_iter();
        let words = tripsage_domain::words::of(&[destination, title]).into_iter();
        let places = places.filter_map(|word| Self::new(FacetName::Place, &word));
        words.filter_map(|word| Self::new(FacetName::Word, &word)).chain(places)
    }

    /// A facet for each word of a text that somebody looks for: all of them must be there.
    ///
    /// # Errors
    /// The rules of a line of 1 to 200 characters, and `words` for one without any letter or digit.
    pub fn each_word(name: FacetName, text: &str) -> Result<Vec<Self>, Rule> {
        let text = TextRule::line(1, 200).parse(text)?;
        let words = tripsage_domain::words::of(&[&text]);
        let facets: Option<Vec<Self>> = words.iter().map(|word| Self::new(name, word)).collect();
        let facets = facets.filter(|facets| !facets.is_empty());
        facets.ok_or_else(|| Rule::new("words", "must have a letter or a digit"))
    }

    /// Whether there is a list of what has it. What has a place has the word too.
    pub(crate) fn is_listed(&self) -> bool {
        self.name != FacetName::Place
    }

    /// The facet whose list holds whatever has this one.
    pub(crate) fn listed(&self) -> Self {
        match (self.name, self.text.split_once(':')) {
            (FacetName::Place, Some((_, value))) => Self {
                name: FacetName::Word,
                text: format!("{}:{value}", FacetName::Word.name()),
            },
            _ => self.clone(),
        }
    }

    /// The facet with this text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once(':')?;
        Self::new(FacetName::ALL.into_iter().find(|known| known.name() == name)?, value)
    }
}

impl Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_digits_and_dashes_make_a_facet() {
        for bad in ["", "a b", "a#b", "a:b", "a/b", &"x".repeat(101)] {
            assert_eq!(Facet::new(FacetName::Tag, bad), None, "{bad}");
        }
        assert_eq!(
            Facet::new(FacetName::Tag, "Street-Food").unwrap().to_string(),
            "tag:street-food"
        );
    }

    #[test]
    fn a_place_is_found_in_the_list_of_the_word() {
        let facets: Vec<String> = Facet::words("Tokyo", "Old Tokyo")
            .map(|facet| facet.to_string())
            .collect();
        assert_eq!(facets, ["word:tokyo", "word:old", "place:tokyo"]);
        let place = Facet::new(FacetName::Place, "tokyo").unwrap();
        assert_eq!(
            (place.listed().to_string().as_str(), place.is_listed()),
            ("word:tokyo", false)
        );
    }
}
