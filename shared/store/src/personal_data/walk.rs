use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::Value;
use tripsage_domain::ids::{GuideId, ReviewId, TripId, UserId};

use super::{Entity, Erasure};
use crate::{
    Db, Range, StoreError,
    keys::{self, Key, Table, ratings},
    users::UserRow,
    votes::VotedRow,
};

/// Rows that are read at once.
const PAGE: usize = 100;

/// A row, whatever it is.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) entity: Entity,
    pub(super) key: Key,
    pub(super) value: Value,
}

impl Row {
    pub(super) fn new(table: Table, value: Value) -> Result<Self, StoreError> {
        let text = |name: &str| {
            let text = value[name].as_str();
            text.map(str::to_owned)
                .ok_or_else(|| StoreError::Corrupt(format!("a row without {name}")))
        };
        let (pk, sk) = (text("pk")?, text("sk")?);
        // Going on would leave out, or leave behind, what belongs to somebody.
        let entity = Entity::of(table, &pk, &sk)
            .ok_or_else(|| StoreError::Corrupt("a row of a kind that is not known".to_owned()))?;
        Ok(Self {
            entity,
            key: Key::new(table, pk, sk),
            value,
        })
    }

    /// The id in an attribute.
    pub(super) fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, StoreError> {
        let id = self.value[name].as_str().and_then(|text| text.parse().ok());
        id.ok_or_else(|| StoreError::Corrupt(format!("a row without {name}")))
    }

    /// The row as its type.
    pub(super) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, StoreError> {
        T::deserialize(&self.value).map_err(|error| StoreError::Corrupt(error.to_string()))
    }

    /// Whether an attribute is this user's id.
    pub(super) fn names(&self, name: &str, user: UserId) -> bool {
        self.value[name].as_str() == Some(user.to_string().as_str())
    }
}

enum Source {
    /// Rows of a partition that is the user's own.
    Own(Range),
    /// The directory, in which neighbours share a partition.
    Directory(Range),
    /// What an itinerary of the user holds that is not about others.
    Itinerary(Range),
    /// One row of a partition that others share.
    Pointed(Range),
    /// What a trip holds of the user: all of it when it is theirs, else what they did.
    Trip(Range, bool),
}

/// Reads, page by page, every row that is about one user.
pub(super) struct Walk<'a> {
    db: &'a Db,
    user: UserId,
    sources: VecDeque<Source>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(db: &'a Db, user: &UserRow) -> Result<Self, StoreError> {
        let own = |table, pk| Source::Own(Range::new(table, pk, "", PAGE));
        let email = keys::email_claim(&keys::email_digest(&user.email()?));
        let name = keys::username(&user.slug()?);
        Ok(Self {
            db,
            user: user.id,
            sources: [
                own(Table::Identity, keys::user_partition(user.id)),
                own(Table::Identity, email.pk),
                Source::Directory(Range::new(Table::Identity, name.pk, name.sk, PAGE)),
                own(Table::Travel, keys::user_partition(user.id)),
                own(Table::Vault, keys::user_partition(user.id)),
                own(Table::Community, keys::user_partition(user.id)),
                own(Table::Operations, keys::audit_partition(user.id)),
                own(Table::Operations, keys::user_partition(user.id)),
            ]
            .into(),
        })
    }

    /// Some more rows; `None` when that was all.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Row>>, StoreError> {
        let Some(source) = self.sources.pop_front() else {
            return Ok(None);
        };
        let range = match &source {
            Source::Own(range)
            | Source::Directory(range)
            | Source::Itinerary(range)
            | Source::Pointed(range)
            | Source::Trip(range, _) => range.clone(),
        };
        let page = self.db.rows(range.clone()).await?;
        let next = page.next.map(|sk| range.after(Some(sk)));
        let mut rows = page.items;
        let next = match source {
            Source::Own(_) => next.map(Source::Own),
            Source::Pointed(_) => None,
            Source::Directory(_) => {
                rows.retain(|row| row.names("user", self.user));
                next.map(Source::Directory)
            }
            Source::Itinerary(_) => {
                rows.retain(|row| row.entity.erasure() == Erasure::ItineraryErased);
                next.map(Source::Itinerary)
            }
            Source::Trip(_, owned) => {
                rows.retain(|row| match row.entity {
                    Entity::TripVersion => row.names("actor", self.user),
                    Entity::TripInvitation => row.names("invited_by", self.user),
                    Entity::TripLink => row.names("created_by", self.user),
                    Entity::TripFeed => row.names("user", self.user),
                    _ => owned,
                });
                next.map(|range| Source::Trip(range, owned))
            }
        };
        if let Some(next) = next {
            self.sources.push_front(next);
        }
        for row in &rows {
            let owned = match row.entity {
                Entity::TripListing => row.value["role"] == "owner",
                Entity::FormerTrip => false,
                Entity::OwnItinerary => {
                    let itinerary = keys::itineraries::itinerary(row.id("id")?);
                    let range = Range::new(Table::Community, itinerary.pk, "", PAGE);
                    self.sources.push_back(Source::Itinerary(range));
                    continue;
                }
                Entity::Voted => {
                    let voted: VotedRow = row.read()?;
                    let vote = keys::reactions::vote(voted.subject(), self.user);
                    let range = Range::new(Table::Community, vote.pk, vote.sk, 1);
                    self.sources.push_back(Source::Pointed(range));
                    continue;
                }
                // A group is its organizer's; who else stands in it is not about them.
                Entity::Membership if row.value["role"] == "organizer" => {
                    let group = keys::group(row.id("group")?);
                    let range = Range::new(Table::Community, group.pk, group.sk, 1);
                    self.sources.push_back(Source::Pointed(range));
                    continue;
                }
                Entity::GuideClaim => {
                    let guide = keys::guide(row.id("guide")?);
                    let range = Range::new(Table::Community, guide.pk, guide.sk, PAGE);
                    self.sources.push_back(Source::Own(range));
                    continue;
                }
                Entity::Engagement => {
                    let booking = keys::guide_booking(row.id("id")?);
                    let range = Range::new(Table::Community, booking.pk, booking.sk, 1);
                    self.sources.push_back(Source::Pointed(range));
                    continue;
                }
                Entity::GuideBooking => {
                    if let Some(review) = review_of(row)? {
                        let range = Range::new(Table::Community, review.pk, review.sk, 1);
                        self.sources.push_back(Source::Pointed(range));
                    }
                    continue;
                }
                Entity::Rated | Entity::Told => {
                    let said = match row.entity {
                        Entity::Rated => ratings::rating(row.id("id")?),
                        _ => ratings::intel(row.id("id")?),
                    };
                    let range = Range::new(Table::Community, said.pk, said.sk, 1);
                    self.sources.push_back(Source::Pointed(range));
                    continue;
                }
                Entity::TemplateListing => {
                    let template = keys::template(row.id("id")?);
                    let range = Range::new(Table::Travel, template.pk, "", PAGE);
                    self.sources.push_back(Source::Own(range));
                    continue;
                }
                _ => continue,
            };
            let trip: TripId = row.id("id")?;
            let range = Range::new(Table::Travel, keys::trip_partition(trip), "", PAGE);
            self.sources.push_back(Source::Trip(range, owned));
        }
        Ok(Some(rows))
    }
}

/// Where the review of a booking is, if it has one.
fn review_of(booking: &Row) -> Result<Option<Key>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Reviewed {
        guide: GuideId,
        review: Option<Review>,
    }
    #[derive(serde::Deserialize)]
    struct Review {
        id: ReviewId,
        at: Timestamp,
    }
    let reviewed: Reviewed = booking.read()?;
    let key = |review: Review| keys::guide_review(reviewed.guide, review.at, review.id);
    Ok(reviewed.review.map(key))
}

impl Db {
    /// AP-90: rows of whatever kind.
    pub(super) async fn rows(&self, range: Range) -> Result<crate::Page<Row>, StoreError> {
        let table = range.table;
        let page = self.query::<Value>(range).await?;
        let rows = page.items.into_iter().map(|loaded| Row::new(table, loaded.item));
        Ok(crate::Page {
            items: rows.collect::<Result<_, _>>()?,
            next: page.next,
        })
    }
}
