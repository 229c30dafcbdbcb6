//! Closed lists of words: one text for each, wherever it is stored, sent or read.

/// No word of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {0}")]
pub struct UnknownWord(pub &'static str);

impl From<UnknownWord> for crate::validation::Rule {
    fn from(unknown: UnknownWord) -> Self {
        Self::new("one_of", unknown.to_string())
    }
}

/// An enumeration whose members have one text each.
macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $first:ident = $first_text:literal $(| $first_alias:literal)*, $($member:ident = $text:literal $(| $alias:literal)*,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum $name {
            #[doc = concat!("`", $first_text, "`.")]
            $first,
            $(#[doc = concat!("`", $text, "`.")] $member,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[Self::$first, $(Self::$member,)*];

            /// Its text.
            pub const fn name(self) -> &'static str {
                match self { Self::$first => $first_text, $(Self::$member => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::vocabulary::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $first_text $(| $first_alias)* => Ok(Self::$first),
                    $($text $(| $alias)* => Ok(Self::$member),)*
                    _ => Err($crate::vocabulary::UnknownWord(concat!($first_text, $(", ", $text,)*))),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::vocabulary::UnknownWord;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for &'static str {
            fn from(word: $name) -> Self {
                word.name()
            }
        }
    };
}

pub(crate) use vocabulary;
