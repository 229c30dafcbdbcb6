//! Reading matter about the safety of women: what moderators have written down for everybody.

use jiff::Timestamp;

use crate::{ids::ResourceId, vocabulary::vocabulary};

vocabulary! {
    /// What it is about.
    Category {
        Tips = "tips",
        Emergency = "emergency",
        Legal = "legal",
        Health = "health",
        Packing = "packing",
        Cultural = "cultural",
        Navigation = "navigation",
    }
}

vocabulary! {
    /// How urgent it is to know.
    Urgency {
        Low = "low",
        Medium = "medium",
        High = "high",
        Critical = "critical",
    }
}

/// Resources that there are, at most: a list of them is read whole.
pub const MAX_RESOURCES: usize = 300;

/// A page elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is called.
    pub title: String,
    /// Its `https` address.
    pub url: String,
}

/// Somebody to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helpline {
    /// Where.
    pub country: String,
    /// Who answers.
    pub service: String,
    /// The number.
    pub number: String,
}

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What it is called.
    pub title: String,
    /// What it is about, in a sentence or two.
    pub description: String,
    /// What it says.
    pub content: String,
    /// What kind of matter it is.
    pub category: Category,
    /// The part of the world that it is for; `None`: everywhere.
    pub target_region: Option<String>,
    /// The countries that it is for.
    pub target_countries: Vec<String>,
    /// The kinds of travel that it is for.
    pub travel_types: Vec<String>,
    /// Where there is more.
    pub external_links: Vec<Link>,
    /// Whom to call.
    pub helplines: Vec<Helpline>,
    /// How urgent it is to know.
    pub urgency: Urgency,
    /// What language it is in.
    pub language: String,
    /// Whether moderators recommend it.
    pub featured: bool,
    /// Whether it stands before all others.
    pub pinned: bool,
}

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its id.
    pub id: ResourceId,
    /// What it says.
    pub content: Content,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it changed.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: u64,
}
