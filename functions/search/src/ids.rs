use serde::Deserialize;

/// An id that a provider made: it goes into the path of a request to the provider, so it holds nothing that means
/// something there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ProviderId(String);

/// Longest id; those of Google's places have been seen with 200 characters.
const LONGEST: usize = 400;

impl ProviderId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProviderId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        let is_one = !text.is_empty() && text.len() <= LONGEST && text.bytes().all(fits);
        if is_one { Ok(Self(text)) } else { Err("is not an id") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_means_something_in_a_path_is_an_id() {
        for (text, is_one) in [
            ("off_00009htYpSCXrwaB9Dn123", true),
            ("ChIJ-x_1", true),
            ("", false),
            ("a/b", false),
            ("..", false),
            ("a%2f", false),
            ("a?b", false),
        ] {
            assert_eq!(ProviderId::try_from(text.to_owned()).is_ok(), is_one, "{text}");
        }
    }
}
