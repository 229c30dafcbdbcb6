use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use tripsage_cache::Content;
use tripsage_domain::{
    ids::TripId,
    search::{StayCriteria, StayOrder},
    stay::{Guests, StaySearch, nights},
    text::{TextRule, tags},
    validation::{Checks, Invalid},
};
use tripsage_providers::Provider;
use utoipa::ToSchema;

use crate::{
    asking::Question,
    fields::{Amount, date, limits, local_day, not_past, trip_id},
    places::{Spot, spot},
    showing::{Showing, Shown},
};

/// What places to stay to look for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaySearchFields {
    /// Where: the name or the id of a destination, or any place that Airbnb finds by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Kyoto, Japan")]
    pub(crate) location: Option<String>,
    /// Where, exactly; with `longitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) latitude: Option<f64>,
    /// Where, exactly; with `latitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) longitude: Option<f64>,
    /// First night.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) check_in: Option<String>,
    /// Morning of leaving.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub(crate) check_out: Option<String>,
    /// Adults, when `adults` is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 16)]
    pub(crate) guests: Option<u8>,
    /// Guests of 18 and more; one when nothing is said. At most sixteen guests in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 16)]
    pub(crate) adults: Option<u8>,
    /// Guests of 2 to 17, searched as if they were 10: give `children_ages` for exact prices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) children: Option<u8>,
    /// Guests under 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) infants: Option<u8>,
    /// Age of each guest under 18, in the place of `children` and `infants`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) children_ages: Option<Vec<u8>>,
    /// Rooms; one when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9)]
    pub(crate) rooms: Option<u8>,
    /// `hotel` or `home`; either when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) property_types: Option<Vec<String>>,
    /// Price for all nights and rooms at least, in `currency`. What has no price is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min_price: Option<Amount>,
    /// Price for all nights and rooms at most, in `currency`. What has no price is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_price: Option<Amount>,
    /// ISO 4217 code of the limits; prices in another currency are not left out. USD when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency: Option<String>,
    /// What it must have, in the providers' words: `wifi`, `pool`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub(crate) amenities: Option<Vec<String>>,
    /// Kilometres from the place at most; 10 when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0.1, maximum = 100)]
    pub(crate) max_distance_km: Option<f64>,
    /// What guests think of it at least, 0 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10)]
    pub(crate) min_rating: Option<f64>,
    /// The trip that it is for: kept with the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Uuid)]
    pub(crate) trip_id: Option<String>,
    /// `relevance` (as if none were given), `price`, `rating` or `distance`; also `price_asc`,
    /// `price_desc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_by: Option<String>,
    /// `asc` or `desc`; when absent the best comes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_order: Option<String>,
    /// Number of the page, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 50)]
    pub(crate) page: Option<u32>,
    /// Listings per page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    pub(crate) per_page: Option<u32>,
}

/// A question for stays, with what is done with the answers.
#[derive(Debug, Clone)]
pub(crate) struct StayQuestion {
    pub(crate) search: StaySearch,
    pub(crate) nights: u8,
    pub(crate) criteria: StayCriteria,
    pub(crate) shown: Shown<StayOrder>,
    pub(crate) trip: Option<TripId>,
    /// The same as it was asked, in one form, without sorting and pages.
    pub(crate) fields: StaySearchFields,
}

/// Age of a child of whom no age is given.
const CHILD: u8 = 10;
const INFANT: u8 = 1;

/// Days on which rooms are sold ahead.
const HORIZON: i32 = 360;

/// Providers are asked for circles of these radii only, so that questions that differ little have one answer.
const RADII: [u16; 4] = [10, 25, 50, 100];

impl StaySearchFields {
    /// Checks everything; the result is what can be asked at `now`.
    pub(crate) fn question(mut self, now: Timestamp) -> Result<StayQuestion, Invalid> {
        let mut checks = Checks::default();
        let place = spot(
            &mut checks,
            "location",
            self.location.as_deref(),
            self.latitude,
            self.longitude,
        );
        let dates = self.dates(&mut checks, place.as_ref(), now);
        let guests = self.guests(&mut checks);
        let rooms = self.rooms.unwrap_or(1);
        checks.ensure((1..=9).contains(&rooms), "rooms", "range", "must be between 1 and 9");
        let amounts = [
            ("min_price", self.min_price.as_ref()),
            ("max_price", self.max_price.as_ref()),
        ];
        let [min_price, max_price] = limits(&mut checks, self.currency.as_deref(), amounts);
        let orderly = min_price
            .zip(max_price)
            .is_none_or(|(least, most)| least.minor <= most.minor);
        checks.ensure(orderly, "max_price", "order", "must not be below min_price");
        let distance = self.max_distance_km;
        let fits = distance.is_none_or(|km| (0.1..=100.0).contains(&km));
        checks.ensure(fits, "max_distance_km", "range", "must be between 0.1 and 100");
        let fits = self.min_rating.is_none_or(|rating| (0.0..=10.0).contains(&rating));
        checks.ensure(fits, "min_rating", "range", "must be between 0 and 10");
        let amenities = self.amenities.as_deref();
        let amenities = checks.optional("amenities", amenities, |list| tags(list, 20, TextRule::line(1, 50)));
        let kinds = self.property_types.clone().unwrap_or_default();
        for (at, kind) in kinds.iter().enumerate() {
            let known = matches!(kind.as_str(), "hotel" | "home");
            checks.ensure(
                known,
                &format!("property_types[{at}]"),
                "one_of",
                "must be one of hotel, home",
            );
        }
        let trip = trip_id(&mut checks, self.trip_id.as_deref());
        let showing = Showing::take(
            &mut self.sort_by,
            &mut self.sort_order,
            &mut self.page,
            &mut self.per_page,
        );
        let shown = showing.parse(&mut checks, StayOrder::Relevance);
        let (place, dates, guests, shown) = checks.build(|| Some((place?, dates?, guests?, shown?)))?;
        let wanted = distance.unwrap_or(10.0);
        let radius_km = RADII
            .into_iter()
            .find(|radius| f64::from(*radius) >= wanted)
            .unwrap_or(100);
        let (check_in, check_out, nights) = dates;
        self.location = self.location.as_ref().map(|_| place.name.clone());
        if let Some(money) = max_price.or(min_price) {
            self.currency = Some(money.currency.code().to_owned());
        }
        Ok(StayQuestion {
            criteria: StayCriteria {
                center: place.at,
                max_km: distance,
                min_price,
                max_price,
                min_rating: self.min_rating,
                amenities: amenities
                    .unwrap_or_default()
                    .iter()
                    .map(|name| name.to_lowercase())
                    .collect(),
                kinds,
            },
            search: StaySearch {
                place: place.name,
                center: place.at,
                radius_km,
                check_in,
                check_out,
                rooms,
                guests,
            },
            nights,
            shown,
            trip,
            fields: self,
        })
    }

    fn dates(
        &self,
        checks: &mut Checks,
        place: Option<&Spot>,
        now: Timestamp,
    ) -> Option<(jiff::civil::Date, jiff::civil::Date, u8)> {
        let check_in = checks.required("check_in", self.check_in.as_deref(), date);
        let check_out = checks.required("check_out", self.check_out.as_deref(), date);
        let (check_in, check_out) = (check_in?, check_out?);
        let zone = place.and_then(|place| place.city).map_or("UTC", |city| city.zone);
        let today = local_day(zone, now);
        if !not_past(checks, "check_in", check_in, today) {
            return None;
        }
        let near = today.saturating_add(HORIZON.days()) >= check_in;
        checks.ensure(near, "check_in", "range", format!("must be within {HORIZON} days"));
        let nights = checks.take("check_out", nights(check_in, check_out, today))?;
        Some((check_in, check_out, nights))
    }

    fn guests(&self, checks: &mut Checks) -> Option<Guests> {
        let both = self.guests.is_some() && self.adults.is_some();
        checks.ensure(!both, "guests", "exclusive", "must not be given together with adults");
        let counted = self.children.is_some() || self.infants.is_some();
        let listed = self.children_ages.is_some();
        checks.ensure(
            !(counted && listed),
            "children_ages",
            "exclusive",
            "must not be given together with children or infants",
        );
        let count = |count: Option<u8>| usize::from(count.unwrap_or(0).min(50));
        let mut children = self.children_ages.clone().unwrap_or_default();
        children.truncate(50);
        children.extend(std::iter::repeat_n(CHILD, count(self.children)));
        children.extend(std::iter::repeat_n(INFANT, count(self.infants)));
        children.sort_unstable();
        let adults = self.adults.or(self.guests).unwrap_or(1);
        let field = if self.guests.is_some() { "guests" } else { "adults" };
        let guests = Guests::new(adults, children);
        let field = match &guests {
            Err(rule) if rule.rule == "range" => "children_ages",
            _ => field,
        };
        checks.take(field, guests)
    }
}

impl StayQuestion {
    /// What the provider is asked. Airbnb looks places up by name, Duffel by coordinates.
    pub(crate) fn asked(&self, provider: Provider) -> Question {
        let search = &self.search;
        let place = match (provider, search.center) {
            (Provider::Airbnb, _) | (_, None) => search.place.to_lowercase(),
            (_, Some(at)) => format!("{:.4},{:.4},{}", at.latitude, at.longitude, search.radius_km),
        };
        let ages: Vec<String> = search.guests.children.iter().map(u8::to_string).collect();
        Question {
            provider,
            content: Content::StayPrices,
            parts: vec![
                place,
                search.check_in.to_string(),
                search.check_out.to_string(),
                search.rooms.to_string(),
                search.guests.adults.to_string(),
                ages.join(","),
            ],
        }
    }

    /// In a few words.
    pub(crate) fn title(&self) -> String {
        let search = &self.search;
        format!("{}, {} to {}", search.place, search.check_in, search.check_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(text: &str) -> Result<StayQuestion, Vec<String>> {
        let fields: StaySearchFields = serde_json::from_str(text).unwrap();
        fields
            .question("2027-03-01T23:30:00Z".parse().unwrap())
            .map_err(|invalid| {
                let violations = invalid.violations().iter();
                violations
                    .map(|violation| format!("{} {}", violation.field, violation.rule))
                    .collect()
            })
    }

    #[test]
    fn every_broken_rule_names_its_field() {
        let dates = r#""check_in":"2027-06-01","check_out":"2027-06-03""#;
        for (text, expected) in [
            (
                "{}".to_owned(),
                vec!["location required", "check_in required", "check_out required"],
            ),
            (
                format!(r#"{{"location":"Kyoto",{dates},"adults":0}}"#),
                vec!["adults adult_required"],
            ),
            (
                format!(r#"{{"location":"Kyoto",{dates},"guests":17}}"#),
                vec!["guests max_guests"],
            ),
            (
                format!(r#"{{"location":"Kyoto",{dates},"children_ages":[18]}}"#),
                vec!["children_ages range"],
            ),
            (
                format!(r#"{{"latitude":1,{dates}}}"#),
                vec!["longitude required", "location required"],
            ),
            (
                format!(r#"{{"location":"Kyoto",{dates},"currency":"XXQ"}}"#),
                vec!["currency currency"],
            ),
            (
                format!(r#"{{"location":"Kyoto",{dates},"min_price":9,"max_price":8}}"#),
                vec!["max_price order"],
            ),
            (
                format!(r#"{{"location":"Kyoto",{dates},"property_types":["castle"]}}"#),
                vec!["property_types[0] one_of"],
            ),
            (
                r#"{"location":"Kyoto","check_in":"2027-06-03","check_out":"2027-06-03"}"#.to_owned(),
                vec!["check_out date_order"],
            ),
            // In Kyoto it is the second of March already.
            (
                r#"{"location":"Kyoto","check_in":"2027-03-01","check_out":"2027-03-03"}"#.to_owned(),
                vec!["check_in past_date"],
            ),
        ] {
            assert_eq!(question(&text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn filters_ask_providers_the_same() {
        let dates = r#""check_in":"2027-06-01","check_out":"2027-06-03""#;
        let plain = question(&format!(r#"{{"location":"Kyoto",{dates}}}"#)).unwrap();
        let picky = question(&format!(
            r#"{{"location":"kyoto-jp",{dates},"min_rating":9,"max_distance_km":2.5,"sort_by":"price","amenities":["WiFi"]}}"#
        ))
        .unwrap();
        for provider in [Provider::Duffel, Provider::Airbnb] {
            assert_eq!(plain.asked(provider).key("a"), picky.asked(provider).key("a"));
        }
        assert_eq!((plain.nights, plain.search.place.as_str()), (2, "Kyoto, Japan"));
        let unknown = question(&format!(r#"{{"location":"Hintertupfing",{dates}}}"#)).unwrap();
        assert!(unknown.search.center.is_none());
    }
}
