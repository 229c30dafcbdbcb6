//! `GenerateSecretString`: what CloudFormation puts into a secret that is given no text.

use serde_json::Value;

use super::super::error::AwsError;
use super::super::random;
use crate::template::GeneratedSecret;

/// Text as `GenerateSecretString` makes it.
pub(super) fn generate(rule: &GeneratedSecret) -> Result<String, AwsError> {
    let kinds = [
        ("abcdefghijklmnopqrstuvwxyz", !rule.exclude_lowercase),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", !rule.exclude_uppercase),
        ("0123456789", !rule.exclude_numbers),
        ("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", !rule.exclude_punctuation),
        (" ", rule.include_space),
    ];
    let kinds: Vec<Vec<char>> = kinds
        .into_iter()
        .filter(|(_, included)| *included)
        .map(|(kind, _)| {
            kind.chars()
                .filter(|c| !rule.exclude_characters.contains(*c))
                .collect::<Vec<_>>()
        })
        .filter(|kind| !kind.is_empty())
        .collect();
    let alphabet = kinds.concat();
    let wanted = if rule.require_each_included_type {
        kinds.len()
    } else {
        0
    };
    if rule.password_length < wanted.max(1) {
        return Err(AwsError::validation(
            "PasswordLength is too small for what it must include",
        ));
    }
    // Drawing again until every kind is there keeps all such texts equally likely.
    let password = loop {
        let candidate: String = (0..rule.password_length)
            .map(|_| random::pick(&alphabet))
            .collect::<Result<_, _>>()?;
        if wanted == 0 || kinds.iter().all(|kind| candidate.contains(kind.as_slice())) {
            break candidate;
        }
    };
    let (Some(template), Some(key)) = (&rule.secret_string_template, &rule.generate_string_key) else {
        return Ok(password);
    };
    let mut object: Value = serde_json::from_str(template)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| AwsError::validation("SecretStringTemplate is not a JSON object"))?;
    object[key.as_str()] = password.into();
    Ok(object.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_secrets_honour_their_rule() {
        let rule = GeneratedSecret {
            password_length: 64,
            exclude_punctuation: true,
            ..GeneratedSecret::default()
        };
        let secret = generate(&rule).unwrap();
        assert_eq!(secret.len(), 64);
        assert!(secret.chars().all(|c| c.is_ascii_alphanumeric()), "{secret}");
        assert_ne!(secret, generate(&rule).unwrap());

        let rule = GeneratedSecret {
            password_length: 4,
            exclude_characters: "0oO1lI".into(),
            ..GeneratedSecret::default()
        };
        for _ in 0..50 {
            let secret = generate(&rule).unwrap();
            assert!(
                secret.contains(|c: char| c.is_ascii_lowercase())
                    && secret.contains(|c: char| c.is_ascii_punctuation())
            );
            assert!(!secret.contains(['0', 'o', 'O', '1', 'l', 'I']));
        }

        let rule = GeneratedSecret {
            secret_string_template: Some(r#"{"user":"ann"}"#.into()),
            generate_string_key: Some("password".into()),
            ..GeneratedSecret::default()
        };
        let object: Value = serde_json::from_str(&generate(&rule).unwrap()).unwrap();
        assert_eq!(object["user"], "ann");
        assert_eq!(object["password"].as_str().unwrap().chars().count(), 32);

        assert!(
            generate(&GeneratedSecret {
                password_length: 3,
                ..GeneratedSecret::default()
            })
            .is_err()
        );
    }
}
