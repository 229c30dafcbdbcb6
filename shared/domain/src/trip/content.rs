use jiff::civil::Date;

use crate::{
    text::TextRule,
    trip::{Preferences, Status, TripError},
    validation::{Checks, Invalid, Rule},
};

/// Destinations of one trip at most.
pub const MAX_DESTINATIONS: usize = 30;

/// Tags of one trip at most.
pub const MAX_TAGS: usize = 20;

/// Days that a trip may last.
const MAX_DAYS: i32 = 366;

/// What kind of trip it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum TripType {
    Leisure,
    Business,
    Family,
    Solo,
    Other,
}

impl TripType {
    const ALL: [Self; 5] = [Self::Leisure, Self::Business, Self::Family, Self::Solo, Self::Other];

    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leisure => "leisure",
            Self::Business => "business",
            Self::Family => "family",
            Self::Solo => "solo",
            Self::Other => "other",
        }
    }

    /// Parses a name.
    ///
    /// # Errors
    /// `one_of` with the names that there are.
    pub fn parse(name: &str) -> Result<Self, Rule> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Rule::new("one_of", "must be one of leisure, business, family, solo, other"))
    }
}

/// A point on Earth, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinates {
    /// -90 to 90.
    pub latitude: f64,
    /// -180 to 180.
    pub longitude: f64,
}

impl Coordinates {
    /// Checks the bounds.
    ///
    /// # Errors
    /// `range`.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, Rule> {
        if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
            Ok(Self { latitude, longitude })
        } else {
            Err(Rule::new(
                "range",
                "must have a latitude between -90 and 90 and a longitude between -180 and 180",
            ))
        }
    }
}

/// A place that the trip goes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Destination {
    /// What people call it.
    pub name: String,
    /// ISO 3166-1 alpha-2 code, or the name as the client gave it.
    pub country: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Where it is.
    pub coordinates: Option<Coordinates>,
    /// First day there.
    pub arrival_date: Option<Date>,
    /// Last day there.
    pub departure_date: Option<Date>,
}

impl Destination {
    /// A place with nothing but a name.
    ///
    /// # Errors
    /// When the name is empty or too long.
    pub fn named(name: &str) -> Result<Self, Rule> {
        let name = TextRule::line(1, 200).parse(name)?;
        Ok(Self {
            name,
            country: None,
            city: None,
            coordinates: None,
            arrival_date: None,
            departure_date: None,
        })
    }

    /// Checks what belongs together.
    ///
    /// # Errors
    /// When it is left before it is reached.
    pub fn checked(self) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        let orderly = self
            .arrival_date
            .zip(self.departure_date)
            .is_none_or(|(from, to)| from <= to);
        checks.ensure(orderly, "departure_date", "order", "must not be before arrival_date");
        checks.finish()?;
        Ok(self)
    }
}

/// A text that names a country: any text of up to 100 characters; two letters become upper case.
///
/// # Errors
/// When it is empty or too long.
pub fn country_code(text: &str) -> Result<String, Rule> {
    let text = TextRule::line(1, 100).parse(text)?;
    Ok(if text.len() == 2 {
        text.to_ascii_uppercase()
    } else {
        text
    })
}

/// What the members of a trip edit together.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// First day.
    pub start_date: Date,
    /// Last day.
    pub end_date: Date,
    /// Where it goes, in order; at least one.
    pub destinations: Vec<Destination>,
    /// How far it is.
    pub status: Status,
    /// What kind of trip it is.
    pub trip_type: TripType,
    /// How many people travel.
    pub travelers: u32,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// How its members like to travel.
    pub preferences: Preferences,
}

/// A change of some of the content. `None` leaves a field as it is; the inner `None` clears it.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of Content")]
pub struct ContentPatch {
    pub title: Option<String>,
    pub description: Option<Option<String>>,
    pub start_date: Option<Date>,
    pub end_date: Option<Date>,
    pub destinations: Option<Vec<Destination>>,
    pub status: Option<Status>,
    pub trip_type: Option<TripType>,
    pub travelers: Option<u32>,
    pub tags: Option<Vec<String>>,
    pub preferences: Option<Preferences>,
}

impl Content {
    /// Days from the first to the last, both included.
    pub fn duration_days(&self) -> i32 {
        days(self.start_date, self.end_date)
    }

    /// Checks what belongs together.
    ///
    /// # Errors
    /// When it ends before it begins, lasts longer than a year, or goes nowhere.
    pub fn checked(self) -> Result<Self, Invalid> {
        let mut checks = Checks::default();
        checks.ensure(
            self.start_date <= self.end_date,
            "end_date",
            "order",
            "must not be before start_date",
        );
        let short = days(self.start_date, self.end_date) <= MAX_DAYS;
        checks.ensure(
            short,
            "end_date",
            "range",
            format!("must be within {MAX_DAYS} days of start_date"),
        );
        checks.ensure(
            !self.destinations.is_empty(),
            "destinations",
            "min_items",
            "must have at least one entry",
        );
        let few = self.destinations.len() <= MAX_DESTINATIONS;
        checks.ensure(
            few,
            "destinations",
            "max_items",
            format!("must have at most {MAX_DESTINATIONS} entries"),
        );
        checks.finish()?;
        Ok(self)
    }

    pub(crate) fn patched(&self, patch: ContentPatch) -> Result<Self, TripError> {
        let status = patch.status.unwrap_or(self.status);
        if !self.status.may_become(status) {
            return Err(TripError::Transition {
                from: self.status,
                to: status,
            });
        }
        let content = Self {
            title: patch.title.unwrap_or_else(|| self.title.clone()),
            description: patch.description.unwrap_or_else(|| self.description.clone()),
            start_date: patch.start_date.unwrap_or(self.start_date),
            end_date: patch.end_date.unwrap_or(self.end_date),
            destinations: patch.destinations.unwrap_or_else(|| self.destinations.clone()),
            status,
            trip_type: patch.trip_type.unwrap_or(self.trip_type),
            travelers: patch.travelers.unwrap_or(self.travelers),
            tags: patch.tags.unwrap_or_else(|| self.tags.clone()),
            preferences: patch.preferences.unwrap_or_else(|| self.preferences.clone()),
        };
        Ok(content.checked()?)
    }
}

fn days(from: Date, to: Date) -> i32 {
    from.until(to)
        .map_or(i32::MAX, |span| span.get_days().saturating_add(1))
}
