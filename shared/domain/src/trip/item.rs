//! One planned thing of a trip: a flight, a night in a hotel, a dinner.

use std::cmp::Ordering;

use jiff::{Timestamp, civil::Time};

use crate::{
    ids::{ItemId, UserId},
    money::Money,
    policy::TripAction,
    text::TextRule,
    trip::{Coordinates, MAX_ITEMS, Trip, TripError, When, when::check_order},
    validation::{Invalid, Rule},
};

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the documentation")]
        pub enum $name { $($variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The lower-case name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Parses a name.
            ///
            /// # Errors
            /// `one_of` with the names that there are.
            pub fn parse(name: &str) -> Result<Self, Rule> {
                Self::ALL.iter().copied().find(|one| one.name() == name).ok_or_else(|| {
                    Rule::new("one_of", format!("must be one of {}", [$($text),*].join(", ")))
                })
            }
        }
    };
}

names! {
    /// What kind of thing it is.
    ItemType {
        Flight = "flight", Accommodation = "accommodation", Activity = "activity",
        Transport = "transport", Meal = "meal", Note = "note",
    }
}

names! {
    /// How firm it is.
    ItemStatus { Idea = "idea", Planned = "planned", Booked = "booked", Cancelled = "cancelled" }
}

names! {
    /// Class of travel.
    Cabin { Economy = "economy", PremiumEconomy = "premium_economy", Business = "business", First = "first" }
}

names! {
    /// Means of transport on the ground and on water.
    Mode {
        Train = "train", Bus = "bus", Tram = "tram", Metro = "metro", Ferry = "ferry", Car = "car", RentalCar = "rental_car",
        Taxi = "taxi", Bicycle = "bicycle", Walk = "walk", Other = "other",
    }
}

names! {
    /// Which meal.
    MealType { Breakfast = "breakfast", Brunch = "brunch", Lunch = "lunch", Dinner = "dinner", Snack = "snack", Drinks = "drinks" }
}

/// Seats of one item at most.
pub const MAX_SEATS: usize = 20;

/// Where something happens.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Location {
    /// What people call it.
    pub name: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Where it is.
    pub coordinates: Option<Coordinates>,
}

impl Location {
    /// One line that finds it.
    pub fn line(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.name, &self.address]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        match (parts.is_empty(), self.coordinates) {
            (false, _) => Some(parts.join(", ")),
            (true, Some(at)) => Some(format!("{}, {}", at.latitude, at.longitude)),
            (true, None) => None,
        }
    }
}

/// What only items of one type have.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub enum Details {
    Flight {
        carrier: Option<String>,
        flight_number: Option<String>,
        /// IATA code.
        origin: Option<String>,
        /// IATA code.
        destination: Option<String>,
        origin_terminal: Option<String>,
        destination_terminal: Option<String>,
        cabin: Option<Cabin>,
        seats: Vec<String>,
    },
    Accommodation {
        name: Option<String>,
        address: Option<String>,
        room_type: Option<String>,
        /// From when the room is ready, on the day on which the item begins.
        check_in_time: Option<Time>,
        /// Until when it must be left, on the day on which the item ends.
        check_out_time: Option<Time>,
    },
    Activity {
        category: Option<String>,
        provider: Option<String>,
        meeting_point: Option<String>,
    },
    Transport {
        mode: Option<Mode>,
        provider: Option<String>,
        from: Option<String>,
        to: Option<String>,
        seats: Vec<String>,
    },
    Meal {
        meal: Option<MealType>,
        cuisine: Option<String>,
    },
    Note,
}

impl Details {
    /// What type of item has them.
    pub const fn item_type(&self) -> ItemType {
        match self {
            Self::Flight { .. } => ItemType::Flight,
            Self::Accommodation { .. } => ItemType::Accommodation,
            Self::Activity { .. } => ItemType::Activity,
            Self::Transport { .. } => ItemType::Transport,
            Self::Meal { .. } => ItemType::Meal,
            Self::Note => ItemType::Note,
        }
    }
}

/// What the members edit of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// What only its type has.
    pub details: Details,
    /// Where it happens.
    pub location: Option<Location>,
    /// When it begins; without it, the item has no date yet.
    pub start: Option<When>,
    /// When it ends. A day that is the end belongs to the item.
    pub end: Option<When>,
    /// What it costs, for all travellers.
    pub cost: Option<Money>,
    /// How firm it is.
    pub status: ItemStatus,
    /// What the supplier knows the booking by.
    pub booking_reference: Option<String>,
    /// A page about it.
    pub url: Option<String>,
    /// For the travellers themselves.
    pub notes: Option<String>,
    /// Whether it may move to another time or day.
    pub flexible: bool,
}

impl Plan {
    /// Checks what belongs together.
    ///
    /// # Errors
    /// As [`check_order`].
    pub fn checked(self) -> Result<Self, Invalid> {
        check_order(self.start.as_ref(), self.end.as_ref())?;
        Ok(self)
    }
}

/// A planned thing of a trip.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// What the members edit.
    pub plan: Plan,
    /// Orders items that have the same time or none. A new item takes the number of the version that adds it, and so
    /// comes last.
    pub position: u64,
    /// Grows by one with each change: the entity's version towards clients.
    pub version: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Item {
    /// A new item, to be added to `trip` as its next version.
    pub fn new(id: ItemId, trip: &Trip, plan: Plan, now: Timestamp) -> Self {
        Self {
            id,
            plan,
            position: trip.sequence + 1,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The item with another plan; nothing changed gives the same version.
    #[must_use]
    pub fn edited(&self, plan: Plan, now: Timestamp) -> Self {
        if plan == self.plan {
            return self.clone();
        }
        Self {
            plan,
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        }
    }

    /// The item at another place of the order; nothing changed gives the same version.
    #[must_use]
    pub fn moved(&self, position: u64, now: Timestamp) -> Self {
        if position == self.position {
            return self.clone();
        }
        Self {
            position,
            version: self.version + 1,
            updated_at: now,
            ..self.clone()
        }
    }

    /// The order in which items are shown: by day; in a day, those without a time first; then by instant, then by
    /// position. Items without a date come last.
    pub fn in_order(&self, other: &Self) -> Ordering {
        let key = |item: &Self| {
            let start = item.plan.start.as_ref();
            (
                start.is_none(),
                start.map(When::date),
                start.and_then(When::instant),
                item.position,
                item.id,
            )
        };
        key(self).cmp(&key(other))
    }
}

impl Trip {
    /// The trip with `added` items more (or fewer), to be committed with them.
    ///
    /// # Errors
    /// When `user` may not, or there would be too many.
    pub fn replanned(&self, user: UserId, added: isize, now: Timestamp) -> Result<Self, TripError> {
        self.permit(user, TripAction::Edit)?;
        let item_count = self.item_count.saturating_add_signed(added);
        if added > 0 && item_count > MAX_ITEMS {
            return Err(TripError::Full(MAX_ITEMS, "items"));
        }
        Ok(Self {
            item_count,
            updated_at: now,
            ..self.clone()
        })
    }
}

/// The code of an airport: three letters, in any case.
///
/// # Errors
/// `iata`.
pub fn airport(code: &str) -> Result<String, Rule> {
    if code.len() == 3 && code.bytes().all(|b| b.is_ascii_alphabetic()) {
        Ok(code.to_ascii_uppercase())
    } else {
        Err(Rule::new("iata", "must be an IATA airport code such as ZRH"))
    }
}

/// The address of a page on the web.
///
/// # Errors
/// `url` for anything but `https://`, a host without user information, and characters that a URL may have.
pub fn web_address(text: &str) -> Result<String, Rule> {
    let wrong = || Rule::new("url", "must be an https:// address");
    let text = TextRule::line(1, 2000).parse(text)?;
    let rest = text.strip_prefix("https://").ok_or_else(wrong)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let printable = |c: char| !c.is_whitespace() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}');
    let named = !host.is_empty() && !host.contains('@') && !host.starts_with([':', '.']);
    if named && text.chars().all(printable) {
        Ok(text)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests;
