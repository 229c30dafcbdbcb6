//! Weather, in words that do not depend on who was asked.

use crate::vocabulary::vocabulary;

vocabulary!(
    /// What the sky does.
    Conditions {
        Clear = "clear",
        PartlyCloudy = "partly_cloudy",
        Cloudy = "cloudy",
        Fog = "fog",
        Drizzle = "drizzle",
        Rain = "rain",
        Snow = "snow",
        Thunderstorm = "thunderstorm",
        Unknown = "unknown",
    }
);

impl Conditions {
    /// By the code of table 4677 of the World Meteorological Organization.
    pub fn of_wmo(code: u16) -> Self {
        match code {
            0 => Self::Clear,
            1 | 2 => Self::PartlyCloudy,
            3 => Self::Cloudy,
            45 | 48 => Self::Fog,
            51..=57 => Self::Drizzle,
            61..=67 | 80..=82 => Self::Rain,
            71..=77 | 85 | 86 => Self::Snow,
            95..=99 => Self::Thunderstorm,
            _ => Self::Unknown,
        }
    }

    /// By OpenWeather's id of a condition.
    pub fn of_openweather(id: u16) -> Self {
        match id {
            200..=299 => Self::Thunderstorm,
            300..=399 => Self::Drizzle,
            500..=599 => Self::Rain,
            600..=699 => Self::Snow,
            700..=799 => Self::Fog,
            800 => Self::Clear,
            801 | 802 => Self::PartlyCloudy,
            803 | 804 => Self::Cloudy,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_lists_become_words() {
        for (wmo, openweather, expected) in [
            (0, 800, Conditions::Clear),
            (2, 801, Conditions::PartlyCloudy),
            (3, 804, Conditions::Cloudy),
            (48, 741, Conditions::Fog),
            (53, 301, Conditions::Drizzle),
            (81, 502, Conditions::Rain),
            (75, 601, Conditions::Snow),
            (96, 211, Conditions::Thunderstorm),
            (40, 900, Conditions::Unknown),
        ] {
            assert_eq!(
                (Conditions::of_wmo(wmo), Conditions::of_openweather(openweather)),
                (expected, expected)
            );
        }
    }
}
