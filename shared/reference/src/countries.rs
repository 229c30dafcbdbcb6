use std::{fmt, sync::OnceLock};

use crate::{
    fold::{folded, match_rank},
    rows::rows,
};

/// A part of the world, as GeoNames divides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Continent {
    Africa,
    Antarctica,
    Asia,
    Europe,
    NorthAmerica,
    Oceania,
    SouthAmerica,
}

impl Continent {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Africa,
        Self::Antarctica,
        Self::Asia,
        Self::Europe,
        Self::NorthAmerica,
        Self::Oceania,
        Self::SouthAmerica,
    ];

    /// Its name, as clients write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Africa => "africa",
            Self::Antarctica => "antarctica",
            Self::Asia => "asia",
            Self::Europe => "europe",
            Self::NorthAmerica => "north_america",
            Self::Oceania => "oceania",
            Self::SouthAmerica => "south_america",
        }
    }

    fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "AF" => Self::Africa,
            "AN" => Self::Antarctica,
            "AS" => Self::Asia,
            "EU" => Self::Europe,
            "NA" => Self::NorthAmerica,
            "OC" => Self::Oceania,
            "SA" => Self::SouthAmerica,
            _ => return None,
        })
    }
}

impl fmt::Display for Continent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A country or territory with a code of ISO 3166.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country {
    /// Two letters.
    pub code: &'static str,
    /// Three letters.
    pub code3: &'static str,
    /// In English.
    pub name: &'static str,
    /// Where it is.
    pub continent: Continent,
    /// Its capital, in English; empty where there is none.
    pub capital: &'static str,
    /// ISO 4217 code of its currency; empty where there is none.
    pub currency: &'static str,
    /// With `,` between them.
    languages: &'static str,
    /// International dialling prefix, without `+`; empty where there is none.
    pub calling_code: &'static str,
}

impl Country {
    /// Tags of the languages that are spoken, the most common first: `de-CH`, `rm`.
    pub fn languages(&self) -> impl Iterator<Item = &'static str> {
        self.languages.split(',').filter(|tag| !tag.is_empty())
    }
}

pub(crate) fn all() -> &'static [Country] {
    static ALL: OnceLock<Vec<Country>> = OnceLock::new();
    ALL.get_or_init(|| {
        rows(include_str!("../data/countries.tsv"))
            .filter_map(|mut row| {
                Some(Country {
                    code: row.text(),
                    code3: row.text(),
                    name: row.text(),
                    continent: Continent::of_code(row.text())?,
                    capital: row.text(),
                    currency: row.text(),
                    languages: row.text(),
                    calling_code: row.text(),
                })
            })
            .collect()
    })
}

/// The country with this code of two or three letters, in any case.
pub fn country(code: &str) -> Option<&'static Country> {
    let code = code.to_ascii_uppercase();
    match code.len() {
        2 => all().iter().find(|country| country.code == code),
        3 => all().iter().find(|country| country.code3 == code),
        _ => None,
    }
}

/// Countries with a name that fits, the best first.
pub fn find_countries(query: &str, limit: usize) -> Vec<&'static Country> {
    let query = folded(query);
    if query.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u8, &Country)> = all()
        .iter()
        .filter_map(|country| Some((match_rank(&folded(country.name), &query)?, country)))
        .collect();
    found.sort_by_key(|(rank, country)| (*rank, country.name));
    found.into_iter().take(limit).map(|(_, country)| country).collect()
}

#[cfg(test)]
mod tests {
    use tripsage_domain::money::Currency;

    use super::*;

    #[test]
    fn every_row_is_whole() {
        assert_eq!(all().len(), include_str!("../data/countries.tsv").lines().count());
        assert!(all().len() >= 249);
        for country in all() {
            assert_eq!((country.code.len(), country.code3.len()), (2, 3), "{country:?}");
            assert!(!country.name.is_empty());
            let known = country.currency.is_empty() || Currency::parse(country.currency).is_ok();
            assert!(known, "{country:?}");
        }
    }

    #[test]
    fn countries_are_found_by_code_and_name() {
        let switzerland = country("ch").unwrap();
        assert_eq!((switzerland.code3, switzerland.currency), ("CHE", "CHF"));
        assert_eq!(switzerland.languages().next(), Some("de-CH"));
        assert_eq!(country("CHE"), Some(switzerland));
        assert_eq!(country("Switzerland"), None);
        assert_eq!(find_countries("ivory", 5)[0].code, "CI");
        assert!(find_countries("", 5).is_empty());
    }
}
