//! Where everything is, some at a time.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use tripsage_domain::ids::UserId;

use crate::{
    Db, Range, StoreError,
    catalogue::Kind,
    keys::{self, Table, catalogue},
    users::DirectoryRow,
};

/// Entries of a list that are looked at together.
pub(super) const SOME: usize = 50;

/// How far a reconciliation has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Position {
    /// Which of the places.
    pub(super) place: usize,
    /// The last sort key there that was looked at.
    pub(super) after: Option<String>,
}

impl Position {
    /// Where to go on in a place, or in the one behind it when nothing is left there.
    pub(super) fn behind(place: usize, after: Option<String>) -> Self {
        let place = if after.is_some() { place } else { place + 1 };
        Self { place, after }
    }
}

/// Where things are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A partition of a list of everything of a kind.
    List(Kind, String),
    /// A partition of the directory.
    People(String),
    /// What there is to read.
    Resources,
}

/// Everywhere; made once, because each step of a walk looks its place up.
pub(super) static PLACES: LazyLock<Vec<Place>> = LazyLock::new(places);

/// The lists first, so that what they show too much is gone soon.
fn places() -> Vec<Place> {
    let mut places = Vec::new();
    for kind in [Kind::Itinerary, Kind::Rating, Kind::Group, Kind::Guide] {
        let measures = kind.ordered().unwrap_or_default();
        let orders = measures.iter().map(|measure| Some(*measure));
        for order in std::iter::once(None).chain(orders) {
            places.extend(catalogue::catalogue_order(kind, order).map(|list| Place::List(kind, list)));
        }
    }
    places.extend(keys::username_partitions().map(Place::People));
    places.push(Place::Resources);
    places
}

impl Db {
    /// AP-247: some of those who are in a partition of the directory, with the place to go on after.
    pub(super) async fn people_of(
        &self,
        partition: &str,
        after: Option<String>,
    ) -> Result<(Vec<UserId>, Option<String>), StoreError> {
        let range = Range::new(Table::Identity, partition.to_owned(), "", SOME).after(after);
        let page = self.query::<DirectoryRow>(range).await?;
        let people = page.items.into_iter().map(|loaded| loaded.item.user);
        Ok((people.collect(), page.next))
    }
}
