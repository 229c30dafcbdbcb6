use jiff::{Timestamp, civil::Date};

use crate::{
    ids::{BusinessId, HiddenGemId, SafetyAlertId},
    itinerary::Difficulty,
    money::Money,
    trip::Coordinates,
    validation::Rule,
    vocabulary::vocabulary,
};

/// The highest number of a day.
pub const MAX_DAY: u16 = 366;

vocabulary!(
    /// How bad something is.
    Severity {
        Low = "low",
        Medium = "medium",
        High = "high",
        Critical = "critical",
    }
);

vocabulary!(
    /// Whether one still has to beware.
    AlertStatus {
        Active = "active",
        Resolved = "resolved",
    }
);

/// The number of a day, counted from 1.
///
/// # Errors
/// `range`.
pub fn day_number(number: u16) -> Result<u16, Rule> {
    if (1..=MAX_DAY).contains(&number) {
        Ok(number)
    } else {
        Err(Rule::new("range", format!("must be between 1 and {MAX_DAY}")))
    }
}

/// What is planned for a day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayPlan {
    /// Which day, counted from 1; no other plan of the itinerary has the same.
    pub day_number: u16,
    /// Which date.
    pub date: Option<Date>,
    /// What it is called.
    pub title: String,
    /// What happens.
    pub description: Option<String>,
    /// How far one goes.
    pub distance_km: Option<f64>,
    /// How far up.
    pub elevation_gain_m: Option<u32>,
    /// How far down.
    pub elevation_loss_m: Option<u32>,
    /// Where it begins.
    pub start_point: Option<String>,
    /// Where it ends.
    pub end_point: Option<String>,
    /// How long one is on the way.
    pub estimated_duration_hours: Option<f64>,
    /// What one does.
    pub activities: Vec<String>,
}

/// A business that an itinerary recommends.
#[derive(Debug, Clone, PartialEq)]
pub struct Business {
    /// Its id.
    pub id: BusinessId,
    /// What it is called.
    pub name: String,
    /// What kind of business.
    pub business_type: Option<String>,
    /// What it is like.
    pub description: Option<String>,
    /// Where it is.
    pub location: Option<Coordinates>,
    /// Its address.
    pub address: Option<String>,
    /// Its telephone number.
    pub phone: Option<String>,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its page.
    pub website: Option<String>,
    /// When it is open.
    pub operating_hours: Option<String>,
    /// What it costs, roughly.
    pub price_range: Option<String>,
    /// What it costs for one.
    pub cost_per_person: Option<Money>,
    /// How good it is, 0 to 5, as its author finds.
    pub rating: Option<f64>,
    /// What it offers.
    pub services: Vec<String>,
    /// Whether its author finds it safe for women.
    pub is_women_safe: bool,
    /// For whom it can be reached and used.
    pub accessibility: Option<String>,
    /// On which day to go.
    pub recommended_day: Option<u16>,
}

/// A place worth finding.
#[derive(Debug, Clone, PartialEq)]
pub struct HiddenGem {
    /// Its id.
    pub id: HiddenGemId,
    /// What it is called.
    pub name: String,
    /// What it is like.
    pub description: Option<String>,
    /// What kind of place.
    pub gem_type: Option<String>,
    /// Where it is.
    pub location: Option<Coordinates>,
    /// How to get there.
    pub how_to_reach: Option<String>,
    /// How hard it is to get there.
    pub difficulty: Option<Difficulty>,
    /// When it is best.
    pub best_time_to_visit: Option<String>,
    /// What one pays to get in.
    pub entry_fee: Option<Money>,
    /// How long one stays.
    pub visit_minutes: Option<u32>,
    /// How good it is, 0 to 5, as its author finds.
    pub rating: Option<f64>,
    /// On which day to go.
    pub recommended_day: Option<u16>,
}

/// Something to beware of.
#[derive(Debug, Clone, PartialEq)]
pub struct SafetyAlert {
    /// Its id.
    pub id: SafetyAlertId,
    /// What kind of danger.
    pub alert_type: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is called.
    pub title: String,
    /// What happened, or may.
    pub description: Option<String>,
    /// Where.
    pub location: Option<Coordinates>,
    /// What the place is called.
    pub location_name: Option<String>,
    /// When it happened.
    pub incident_date: Option<Date>,
    /// When it was written down.
    pub reported_at: Timestamp,
    /// What to do.
    pub recommended_action: Option<String>,
    /// How to get around it.
    pub alternative_route: Option<String>,
    /// Whether one still has to beware.
    pub status: AlertStatus,
    /// Since when not.
    pub resolved_at: Option<Timestamp>,
}

impl SafetyAlert {
    /// What it becomes by `edited`: what the server sets stays, and the time of the resolution goes with the status.
    #[must_use]
    pub fn edited(&self, edited: Self, now: Timestamp) -> Self {
        let resolved_at = match edited.status {
            AlertStatus::Active => None,
            AlertStatus::Resolved => Some(self.resolved_at.unwrap_or(now)),
        };
        Self {
            id: self.id,
            reported_at: self.reported_at,
            resolved_at,
            ..edited
        }
    }
}

/// A kind of part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// [`DayPlan`].
    Day,
    /// [`Business`].
    Business,
    /// [`HiddenGem`].
    HiddenGem,
    /// [`SafetyAlert`].
    SafetyAlert,
}

impl PartKind {
    /// How many an itinerary may have.
    pub const fn max(self) -> usize {
        match self {
            Self::Day => 60,
            Self::Business | Self::HiddenGem => 100,
            Self::SafetyAlert => 50,
        }
    }

    /// What many of them are called.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Day => "days",
            Self::Business => "businesses",
            Self::HiddenGem => "hidden gems",
            Self::SafetyAlert => "safety alerts",
        }
    }
}

/// Which part of an itinerary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum PartId {
    Day(u16),
    Business(BusinessId),
    HiddenGem(HiddenGemId),
    SafetyAlert(SafetyAlertId),
}

impl PartId {
    /// What kind it is of.
    pub const fn kind(self) -> PartKind {
        match self {
            Self::Day(_) => PartKind::Day,
            Self::Business(_) => PartKind::Business,
            Self::HiddenGem(_) => PartKind::HiddenGem,
            Self::SafetyAlert(_) => PartKind::SafetyAlert,
        }
    }
}

/// A part of an itinerary.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Part {
    Day(DayPlan),
    Business(Business),
    HiddenGem(HiddenGem),
    SafetyAlert(SafetyAlert),
}

impl Part {
    /// Which one it is.
    pub const fn id(&self) -> PartId {
        match self {
            Self::Day(day) => PartId::Day(day.day_number),
            Self::Business(business) => PartId::Business(business.id),
            Self::HiddenGem(gem) => PartId::HiddenGem(gem.id),
            Self::SafetyAlert(alert) => PartId::SafetyAlert(alert.id),
        }
    }
}
