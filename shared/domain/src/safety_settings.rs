//! What somebody keeps for an emergency, and what is shown of it.

use crate::{validation::Rule, vocabulary::vocabulary};

vocabulary! {
    /// A blood group.
    BloodGroup {
        APositive = "A+",
        ANegative = "A-",
        BPositive = "B+",
        BNegative = "B-",
        AbPositive = "AB+",
        AbNegative = "AB-",
        OPositive = "O+",
        ONegative = "O-",
    }
}

/// People to call, at most.
pub const MAX_CONTACTS: usize = 2;

/// Bytes of everything that is sealed, as JSON: what KMS encrypts directly.
pub const MAX_SEALED: usize = 4096;

/// Somebody to call in an emergency.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub name: String,
    /// Their number.
    pub phone: String,
}

/// What is sealed. It has no debug text, so that it gets into no log.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Whom to call.
    pub contacts: Vec<Contact>,
    /// What a doctor should know.
    pub medical_conditions: Option<String>,
    /// What they take.
    pub medications: Option<String>,
    /// What they must not be given.
    pub allergies: Option<String>,
    /// Their blood group.
    pub blood_group: Option<BloodGroup>,
    /// Who insures them.
    pub insurance_provider: Option<String>,
    /// Under what number.
    pub insurance_id: Option<String>,
}

/// What is shown, and stored readable, of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The initial.
    pub name: String,
    /// The country code and the last two digits.
    pub phone: String,
}

/// What is shown, and stored readable, of what is sealed: which of it there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one field whether there is anything in it"
)]
pub struct Redacted {
    /// Whom to call.
    pub contacts: Vec<Masked>,
    /// Whether there is anything that a doctor should know.
    pub has_medical_conditions: bool,
    /// Whether they take anything.
    pub has_medications: bool,
    /// Whether there is anything that they must not be given.
    pub has_allergies: bool,
    /// Whether their blood group is known.
    pub has_blood_group: bool,
    /// Whether it is known who insures them.
    pub has_insurance_provider: bool,
    /// Whether it is known under what number.
    pub has_insurance_id: bool,
}

impl Sealed {
    /// Whether there is nothing to seal.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is shown of it.
    pub fn redacted(&self) -> Redacted {
        let mask = |contact: &Contact| Masked {
            name: mask_name(&contact.name),
            phone: mask_phone(&contact.phone),
        };
        Redacted {
            contacts: self.contacts.iter().map(mask).collect(),
            has_medical_conditions: self.medical_conditions.is_some(),
            has_medications: self.medications.is_some(),
            has_allergies: self.allergies.is_some(),
            has_blood_group: self.blood_group.is_some(),
            has_insurance_provider: self.insurance_provider.is_some(),
            has_insurance_id: self.insurance_id.is_some(),
        }
    }
}

/// A telephone number: 3 to 15 digits, `+` before them for an international one; what people put between digits is left
/// out.
///
/// # Errors
/// `phone`.
pub fn phone(text: &str) -> Result<String, Rule> {
    let wrong = || {
        Rule::new(
            "phone",
            "must be a telephone number of 3 to 15 digits such as +49 30 1234567",
        )
    };
    let text = text.trim();
    let (plus, rest) = text.strip_prefix('+').map_or(("", text), |rest| ("+", rest));
    if text.len() > 40
        || !rest
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '/'))
    {
        return Err(wrong());
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    if (3..=15).contains(&digits.len()) {
        Ok(format!("{plus}{digits}"))
    } else {
        Err(wrong())
    }
}

/// Country codes of two digits (ITU-T E.164); 1 and 7 have one, all others three.
const TWO_DIGITS: &[&str] = &[
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51",
    "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90",
    "91", "92", "93", "94", "95", "98",
];

/// `+49 ••• ••12`; of a number of fewer than eight digits nothing is shown.
fn mask_phone(phone: &str) -> String {
    let digits = phone.trim_start_matches('+');
    if digits.len() < 8 {
        return "•••".to_owned();
    }
    let last = digits.get(digits.len() - 2..).unwrap_or_default();
    let country = phone.strip_prefix('+').and_then(|digits| {
        let length = match digits.get(..2)? {
            two if two.starts_with(['1', '7']) => 1,
            two if TWO_DIGITS.contains(&two) => 2,
            _ => 3,
        };
        digits.get(..length)
    });
    match country {
        Some(country) => format!("+{country} ••• ••{last}"),
        None => format!("••• ••{last}"),
    }
}

/// `M•••`.
fn mask_name(name: &str) -> String {
    let initial = name.chars().next().map(String::from).unwrap_or_default();
    format!("{initial}•••")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_shown_masked() {
        for (text, stored, shown) in [
            ("+49 (30) 123-456 12", Some("+493012345612"), "+49 ••• ••12"),
            ("+1-555-010-0199", Some("+15550100199"), "+1 ••• ••99"),
            ("+353 1 234 5678", Some("+35312345678"), "+353 ••• ••78"),
            ("030 1234512", Some("0301234512"), "••• ••12"),
            ("112", Some("112"), "•••"),
            ("12", None, ""),
            ("+49 30 ask for Ann", None, ""),
            ("1234567890123456", None, ""),
            ("٣٤٥٦٧٨٩٠", None, ""),
        ] {
            let parsed = phone(text);
            assert_eq!(parsed.as_deref().ok(), stored, "{text}");
            if let Ok(parsed) = parsed {
                assert_eq!(mask_phone(&parsed), shown);
            }
        }
    }

    #[test]
    fn what_is_shown_says_only_what_there_is() {
        let sealed = Sealed {
            contacts: vec![Contact {
                name: "Mia".to_owned(),
                phone: "+493012345612".to_owned(),
            }],
            allergies: Some("nuts".to_owned()),
            ..Sealed::default()
        };
        let shown = sealed.redacted();
        assert!(!sealed.is_empty() && shown.has_allergies && !shown.has_medications);
        assert_eq!(shown.contacts[0].name, "M•••");
        assert!(Sealed::default().is_empty());
    }
}
