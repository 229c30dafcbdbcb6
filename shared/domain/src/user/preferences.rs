//! How somebody wants the product to look, talk and behave.

use jiff::tz::TimeZone;

use crate::{
    money::Currency,
    text::{self, TextRule},
    validation::Rule,
};

/// Dietary restrictions that are kept at most.
const MAX_DIETARY_RESTRICTIONS: usize = 20;

/// Length of a language tag at most (RFC 5646, section 4.4.1, recommends 35).
const MAX_LANGUAGE: usize = 35;

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Parses a name.
            ///
            /// # Errors
            /// `one_of` with the names that there are.
            pub fn parse(name: &str) -> Result<Self, Rule> {
                match name {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(Rule::new("one_of", format!("must be one of {}", [$($text),*].join(", ")))),
                }
            }
        }
    };
}

choices!(
    /// How the product looks.
    Theme {
        /// Dark on light.
        Light = "light",
        /// Light on dark.
        Dark = "dark",
        /// As the device does.
        System = "system",
    }
);

choices!(
    /// How much a trip may cost.
    BudgetLevel {
        /// As little as possible.
        Budget = "budget",
        /// Something in between.
        MidRange = "mid_range",
        /// Comfort first.
        Luxury = "luxury",
    }
);

choices!(
    /// Where somebody likes to sleep.
    AccommodationType {
        /// A hotel.
        Hotel = "hotel",
        /// An apartment.
        Apartment = "apartment",
        /// A hostel.
        Hostel = "hostel",
        /// A resort.
        Resort = "resort",
        /// A villa.
        Villa = "villa",
        /// A house.
        House = "house",
        /// Bed and breakfast.
        BedAndBreakfast = "bed_and_breakfast",
        /// A guest house.
        GuestHouse = "guest_house",
        /// A boutique hotel.
        BoutiqueHotel = "boutique_hotel",
        /// A cabin.
        Cabin = "cabin",
        /// A cottage.
        Cottage = "cottage",
        /// Something else.
        Other = "other",
        /// No preference.
        All = "all",
    }
);

/// Which news reach somebody on which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notifications {
    /// By mail.
    pub email: bool,
    /// On their devices.
    pub push: bool,
    /// Offers and news of the product.
    pub marketing: bool,
    /// Within the product.
    pub in_app: bool,
}

/// What others see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privacy {
    /// Whether the public profile shows more than the names.
    pub profile_visible: bool,
    /// Whether others see how much somebody travels.
    pub share_activity: bool,
}

/// How somebody likes to travel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Travel {
    /// How much it may cost.
    pub budget_level: Option<BudgetLevel>,
    /// Where to sleep.
    pub accommodation_type: Option<AccommodationType>,
    /// In their own words.
    pub travel_style: Option<String>,
    /// What they do not eat.
    pub dietary_restrictions: Vec<String>,
}

/// All preferences of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// How the product looks.
    pub theme: Theme,
    /// In which currency amounts are shown.
    pub currency: Currency,
    /// In which language the product talks: a tag of RFC 5646.
    pub language: String,
    /// Name of an IANA time zone.
    pub timezone: String,
    /// Which news reach them.
    pub notifications: Notifications,
    /// What others see.
    pub privacy: Privacy,
    /// How they like to travel.
    pub travel: Travel,
}

/// What holds until somebody chooses: the profile is what they write for others, so it is public; how much they
/// travel is derived from what they do, so it is not (data protection by default), and nothing is advertised.
impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            currency: Currency::USD,
            language: "en".to_owned(),
            timezone: "UTC".to_owned(),
            notifications: Notifications {
                email: true,
                push: true,
                marketing: false,
                in_app: true,
            },
            privacy: Privacy {
                profile_visible: true,
                share_activity: false,
            },
            travel: Travel::default(),
        }
    }
}

/// A language tag in its canonical letter case: a language of two or three letters, then a script, a region and
/// variants, as far as they are given. Extensions and private-use tags are refused; whether the parts are registered
/// is not looked up.
///
/// # Errors
/// `max_length` or `language`.
pub fn language(text: &str) -> Result<String, Rule> {
    if text.len() > MAX_LANGUAGE {
        return Err(Rule::new(
            "max_length",
            format!("must have at most {MAX_LANGUAGE} characters"),
        ));
    }
    let wrong = || Rule::new("language", "must be a language tag such as en or pt-BR");
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let mut parts = text.split('-').peekable();
    let primary = parts.next().filter(|part| matches!(part.len(), 2 | 3) && letters(part));
    let mut tag = primary.ok_or_else(wrong)?.to_ascii_lowercase();
    if let Some(script) = parts.next_if(|part| part.len() == 4 && letters(part)) {
        tag.push('-');
        tag.push_str(&script[..1].to_ascii_uppercase());
        tag.push_str(&script[1..].to_ascii_lowercase());
    }
    let is_region = |part: &&str| {
        (part.len() == 2 && letters(part)) || (part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()))
    };
    if let Some(region) = parts.next_if(is_region) {
        tag.push('-');
        tag.push_str(&region.to_ascii_uppercase());
    }
    for variant in parts {
        let digit_first = variant.as_bytes().first().is_some_and(u8::is_ascii_digit);
        let long_enough = (5..=8).contains(&variant.len()) || (variant.len() == 4 && digit_first);
        if !long_enough || !variant.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(wrong());
        }
        tag.push('-');
        tag.push_str(&variant.to_ascii_lowercase());
    }
    Ok(tag)
}

/// The name of an IANA time zone, as the database writes it.
///
/// # Errors
/// `timezone`.
pub fn timezone(text: &str) -> Result<String, Rule> {
    let wrong = || Rule::new("timezone", "must be an IANA time zone such as Europe/Lisbon");
    let zone = TimeZone::get(text).map_err(|_| wrong())?;
    zone.iana_name().map(str::to_owned).ok_or_else(wrong)
}

/// How somebody likes to travel, in 1 to 50 characters.
///
/// # Errors
/// As [`TextRule::parse`].
pub fn travel_style(text: &str) -> Result<String, Rule> {
    TextRule::line(1, 50).parse(text)
}

/// At most 20 dietary restrictions, of 1 to 50 characters each.
///
/// # Errors
/// As [`text::tags`].
pub fn dietary_restrictions(values: &[String]) -> Result<Vec<String>, Rule> {
    text::tags(values, MAX_DIETARY_RESTRICTIONS, TextRule::line(1, 50))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_have_one_spelling() {
        for (text, tag) in [
            ("en", Some("en")),
            ("PT-br", Some("pt-BR")),
            ("zh-hant-tw", Some("zh-Hant-TW")),
            ("es-419", Some("es-419")),
            ("sl-rozaj-1994", Some("sl-rozaj-1994")),
            ("", None),
            ("e", None),
            ("english", None),
            ("en_US", None),
            ("en-", None),
            ("en-u-ca-buddhist", None),
            ("x-private", None),
            ("ën", None),
        ] {
            assert_eq!(language(text).ok().as_deref(), tag, "{text}");
        }
    }

    #[test]
    fn time_zones_are_those_of_the_database() {
        assert_eq!(timezone("Europe/Lisbon").unwrap(), "Europe/Lisbon");
        assert_eq!(timezone("asia/tokyo").unwrap(), "Asia/Tokyo");
        assert_eq!(timezone("UTC").unwrap(), "UTC");
        for text in ["", "Lisbon", "+02:00", "Europe/../Lisbon", "EST5EDT,M3.2.0,M11.1.0"] {
            assert!(timezone(text).is_err(), "{text}");
        }
    }

    #[test]
    fn choices_are_named() {
        assert_eq!(Theme::parse("dark").unwrap(), Theme::Dark);
        assert_eq!(
            Theme::parse("Dark").unwrap_err().message,
            "must be one of light, dark, system"
        );
        assert_eq!(
            AccommodationType::parse("bed_and_breakfast").unwrap().name(),
            "bed_and_breakfast"
        );
    }
}
