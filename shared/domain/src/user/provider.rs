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

/// What becomes of somebody who comes from a provider with an account there that nobody here has connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newcomer {
    /// They get an account.
    Register,
    /// Their account there is connected with the account here that has the same address.
    Connect,
    /// There is such an account, and nothing shows that it is theirs: they have to sign in and connect by themselves.
    SignInFirst,
    /// The provider does not say that the address is theirs.
    ConfirmFirst,
}

/// Decides by whether the provider vouches for the address, and whether it is confirmed here (`None`: it is not known
/// here). What is known here shows only to somebody whom the provider vouches for.
pub const fn newcomer(vouched_for: bool, confirmed_here: Option<bool>) -> Newcomer {
    match (vouched_for, confirmed_here) {
        (false, _) => Newcomer::ConfirmFirst,
        (true, None) => Newcomer::Register,
        (true, Some(true)) => Newcomer::Connect,
        (true, Some(false)) => Newcomer::SignInFirst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_connected_only_when_both_sides_have_confirmed_the_address() {
        for (vouched_for, confirmed_here, expected) in [
            (true, None, Newcomer::Register),
            (true, Some(true), Newcomer::Connect),
            (true, Some(false), Newcomer::SignInFirst),
            (false, None, Newcomer::ConfirmFirst),
            (false, Some(true), Newcomer::ConfirmFirst),
            (false, Some(false), Newcomer::ConfirmFirst),
        ] {
            assert_eq!(newcomer(vouched_for, confirmed_here), expected);
        }
    }
}
