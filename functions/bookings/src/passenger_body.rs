use jiff::civil::Date;
use serde::Deserialize;
use tripsage_domain::{
    booking::{Document, DocumentType, Passenger, Traveller},
    text::TextRule,
    user::Email,
    validation::{Checks, Invalid, Rule},
};
use utoipa::ToSchema;

use crate::{
    booking_body::TravellerFields,
    values::{date, provider_id},
};

/// A name as it stands in a passport.
const NAME: TextRule = TextRule::line(1, 100);

/// A traveller of a flight. Only the name is kept; the rest goes to the airline.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookingPassenger {
    /// The offer's id of this passenger; without it they are taken in the order of the offer.
    id: Option<String>,
    /// `mr`, `ms`, `mrs`, `miss` or `dr`.
    title: Option<String>,
    /// `m` or `f`, as in the passport.
    gender: Option<String>,
    /// As in the passport.
    given_name: Option<String>,
    /// As in the passport.
    family_name: Option<String>,
    /// Birth date.
    #[schema(value_type = Option<String>, format = Date)]
    born_on: Option<String>,
    /// Where the airline can reach them.
    email: Option<String>,
    /// In international form, such as `+442080160509`.
    phone_number: Option<String>,
    /// Where the airline asks for one.
    identity_document: Option<DocumentFields>,
}

/// A document that shows who somebody is. It is never stored.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentFields {
    /// `passport` or `tax_id`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Its number.
    number: Option<String>,
    /// ISO 3166 code of the country that issued it, two letters.
    issuing_country: Option<String>,
    /// Its last day.
    #[schema(value_type = Option<String>, format = Date)]
    expires_on: Option<String>,
}

impl BookingPassenger {
    pub(crate) fn into_passenger(self) -> Result<Passenger, Invalid> {
        let mut checks = Checks::default();
        let id = checks.optional("id", self.id, |id| provider_id(&id));
        let title = checks.required("title", self.title, |text| Ok(text.parse()?));
        let gender = checks.required("gender", self.gender, |text| Ok(text.parse()?));
        let given_name = checks.required("given_name", self.given_name, |text| NAME.parse(&text));
        let family_name = checks.required("family_name", self.family_name, |text| NAME.parse(&text));
        let born_on = checks.required("born_on", self.born_on, |text| date(&text));
        let email = checks.required("email", self.email, |text| email(&text));
        let phone_number = checks.required("phone_number", self.phone_number, |text| phone(&text));
        let document = self
            .identity_document
            .and_then(|document| checks.nested("identity_document", document.into_document()));
        checks.build(|| {
            Some(Passenger {
                id,
                title: title?,
                gender: gender?,
                given_name: given_name?,
                family_name: family_name?,
                born_on: born_on?,
                email: email?,
                phone_number: phone_number?,
                document,
            })
        })
    }
}

impl DocumentFields {
    fn into_document(self) -> Result<Document, Invalid> {
        let mut checks = Checks::default();
        let kind = checks.required("type", self.kind, |name| match name.as_str() {
            "passport" => Ok(DocumentType::Passport),
            "tax_id" => Ok(DocumentType::TaxId),
            _ => Err(Rule::new("one_of", "must be one of passport, tax_id")),
        });
        let number = checks.required("number", self.number, |text| TextRule::line(1, 50).parse(&text));
        let country = checks.required("issuing_country", self.issuing_country, |text| country(&text));
        let expires_on: Option<Date> = checks.optional("expires_on", self.expires_on, |text| date(&text));
        checks.build(|| {
            Some(Document {
                kind: kind?,
                number: number?,
                country: country?,
                expires_on,
            })
        })
    }
}

impl TravellerFields {
    pub(crate) fn into_traveller(self) -> Result<Traveller, Invalid> {
        let mut checks = Checks::default();
        let given_name = checks.required("given_name", self.given_name, |text| NAME.parse(&text));
        let family_name = checks.required("family_name", self.family_name, |text| NAME.parse(&text));
        checks.build(|| {
            Some(Traveller {
                given_name: given_name?,
                family_name: family_name?,
            })
        })
    }
}

pub(crate) fn email(text: &str) -> Result<String, Rule> {
    Email::parse(text).map(|email| email.as_str().to_owned())
}

/// E.164: a plus sign and up to fifteen digits.
pub(crate) fn phone(text: &str) -> Result<String, Rule> {
    let compact: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.'))
        .collect();
    let digits = compact.strip_prefix('+').unwrap_or_default();
    let fits = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if fits && !digits.starts_with('0') {
        Ok(compact)
    } else {
        Err(Rule::new(
            "phone",
            "must be in international form such as +442080160509",
        ))
    }
}

fn country(text: &str) -> Result<String, Rule> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()) {
        Ok(text.to_ascii_uppercase())
    } else {
        Err(Rule::new("country", "must be two letters such as GB"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_international() {
        for (text, expected) in [
            ("+44 20 8016 0509", Some("+442080160509")),
            ("+1 (212) 555-0100", Some("+12125550100")),
            ("02080160509", None),
            ("+0044208016", None),
            ("+12345", None),
            ("+1234567890123456", None),
            ("+44208016050x", None),
        ] {
            assert_eq!(phone(text).ok().as_deref(), expected, "{text}");
        }
    }
}
