use std::str::FromStr;

/// Somebody else who knows the user and vouches for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Provider {
    /// github.com.
    Github,
    /// accounts.google.com.
    Google,
}

impl Provider {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Github, Self::Google];

    /// Its lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Google => "google",
        }
    }
}

impl FromStr for Provider {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|provider| provider.name() == name).ok_or(())
    }
}
