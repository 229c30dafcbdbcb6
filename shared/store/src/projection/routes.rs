//! Who counts what: from a record of the stream to the changes that it tells of.

use serde::Deserialize;
use tripsage_domain::{
    change::Change,
    group::JoinStatus,
    ids::{GroupId, IntelId, ItineraryId, RatingId, ResourceId, ReviewId, UserId},
    votes::Subject,
};
use uuid::Uuid;

use super::{Event, Record};
use crate::{
    StoreError,
    groups::GroupMemberRow,
    guides::BookingRow,
    intel::IntelRow,
    itineraries::ItineraryRow,
    keys::{
        ENGAGEMENT, GROUP, GROUP_MEMBER_PREFIX,
        itineraries::ITINERARY_AND_PARTS_PREFIX as ITINERARY,
        ratings::{INTEL, RATING},
        reactions::{VIEW_PREFIX, VOTE_PREFIX},
    },
    ratings::RatingRow,
    views::ViewRow,
    votes::VoteRow,
};

/// What counts changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// An itinerary.
    Itinerary(ItineraryId),
    /// A safety rating.
    Rating(RatingId),
    /// A piece of travel intel.
    Intel(IntelId),
    /// Something to read about the safety of women.
    Resource(ResourceId),
    /// A review of a guide.
    Review(ReviewId),
    /// What a traveller has contributed.
    Traveller(UserId),
    /// A group, for its place in the catalogue.
    Group(GroupId),
    /// Nothing is counted, but somebody is told.
    Reader(UserId),
}

impl Target {
    /// What kind of thing, and which.
    pub(crate) fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Itinerary(id) => ("itinerary", id.uuid()),
            Self::Rating(id) => ("rating", id.uuid()),
            Self::Intel(id) => ("intel", id.uuid()),
            Self::Resource(id) => ("resource", id.uuid()),
            Self::Review(id) => ("review", id.uuid()),
            Self::Traveller(id) => ("traveller", id.uuid()),
            Self::Group(id) => ("group", id.uuid()),
            Self::Reader(id) => ("reader", id.uuid()),
        }
    }

    const fn of(subject: Subject) -> Self {
        match subject {
            Subject::Itinerary(id) => Self::Itinerary(id),
            Subject::Rating(id) => Self::Rating(id),
            Subject::Intel(id) => Self::Intel(id),
            Subject::Resource(id) => Self::Resource(id),
            Subject::Review(id) => Self::Review(id),
        }
    }
}

/// A row that tells of changes, by its sort key. The event source mapping of the template passes these records on and
/// no others; a test holds the two to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Vote,
    View,
    Itinerary,
    Rating,
    Intel,
    Group,
    Member,
    Engagement,
}

/// Of a group no more is needed: what it says is read when its place is looked at.
#[derive(Deserialize)]
struct GroupIdRow {
    id: GroupId,
}

/// Sort keys, and whether they are only the beginning of one.
const SOURCES: [(&str, bool, Source); 8] = [
    (VOTE_PREFIX, true, Source::Vote),
    (VIEW_PREFIX, true, Source::View),
    (ITINERARY, false, Source::Itinerary),
    (RATING, false, Source::Rating),
    (INTEL, false, Source::Intel),
    (GROUP, false, Source::Group),
    (GROUP_MEMBER_PREFIX, true, Source::Member),
    (ENGAGEMENT, false, Source::Engagement),
];

/// The sort keys of the rows that tell of changes: whole, or as prefixes.
pub fn sources() -> impl Iterator<Item = (&'static str, bool)> {
    SOURCES.into_iter().map(|(sk, is_prefix, _)| (sk, is_prefix))
}

impl Record {
    /// The changes that the record tells of, each for who counts it; none for rows that nobody counts.
    ///
    /// # Errors
    /// When the row cannot be read.
    pub fn events(&self) -> Result<Vec<(Target, Event)>, StoreError> {
        let source = SOURCES.into_iter().find(|(sk, is_prefix, _)| {
            if *is_prefix {
                self.sk.starts_with(sk)
            } else {
                self.sk == *sk
            }
        });
        let changes = match source {
            Some((_, _, Source::Vote)) => self.vote()?,
            Some((_, _, Source::View)) => self.view()?,
            Some((_, _, Source::Itinerary)) => self.itinerary()?,
            Some((_, _, Source::Rating)) => self.rating()?,
            Some((_, _, Source::Intel)) => self.intel()?,
            Some((_, _, Source::Group)) => self.group()?,
            Some((_, _, Source::Member)) => self.member()?,
            Some((_, _, Source::Engagement)) => self.engagement()?,
            None => Vec::new(),
        };
        let numbered = changes.into_iter().enumerate();
        Ok(numbered
            .map(|(index, (target, change))| (target, Event::new(&self.event, target, index, change)))
            .collect())
    }

    fn vote(&self) -> Result<Vec<(Target, Change)>, StoreError> {
        let (before, after) = self.images::<VoteRow>()?;
        let Some(row) = after.as_ref().or(before.as_ref()) else {
            return Ok(Vec::new());
        };
        let (subject, itinerary) = (row.subject(), row.itinerary);
        let change = Change::Voted {
            subject,
            itinerary,
            before: before.as_ref().and_then(VoteRow::vote),
            after: after.as_ref().and_then(VoteRow::vote),
        };
        let own = Target::of(subject);
        let itinerary = itinerary.map(Target::Itinerary).filter(|target| *target != own);
        Ok([Some(own), itinerary]
            .into_iter()
            .flatten()
            .map(|target| (target, change))
            .collect())
    }

    /// A view counts when it comes; nothing but the end of what was seen removes it.
    fn view(&self) -> Result<Vec<(Target, Change)>, StoreError> {
        let (_, after) = self.images::<ViewRow>()?;
        let new = after.filter(|_| self.is_new());
        let change = |row: ViewRow| {
            let subject = row.subject();
            (Target::of(subject), Change::Viewed { subject })
        };
        Ok(new.map(change).into_iter().collect())
    }
    /// Others count an itinerary while everybody can see it.
    fn itinerary(&self) -> Result<Vec<(Target, Change)>, StoreError> {
        let (before, after) = self.images::<ItineraryRow>()?;
        let Some(row) = after.as_ref().or(before.as_ref()) else {
            return Ok(Vec::new());
        };
        let seen = |row: &Option<ItineraryRow>| row.as_ref().is_some_and(|row| row.0.is_public());
        let delta = i64::from(seen(&after)) - i64::from(seen(&before));
        if delta == 0 {
            return Ok(Vec::new());
        }
        let (itinerary, by) = (row.0.id, row.0.owner);
        let published = Change::Published { itinerary, by, delta };
        let mut changes = vec![(Target::Traveller(by), published)];
        for &source in row.0.remix.iter().flat_map(|remix| &remix.sources) {
            let remixed = Change::Remixed {
                itinerary: source,
                delta,
            };
            changes.push((Target::Itinerary(source), remixed));
        }
        Ok(changes)
    }

    fn rating(&self) -> Result<Vec<(Target, Change)>, StoreError> {
        let (before, after) = self.images::<RatingRow>()?;
        let Some(row) = after.as_ref().or(before.as_ref()) else {
            return Ok(Vec::new());
        };
        let (itinerary, by) = (row.itinerary, row.by);
        let change = Change::Rated {
            itinerary,
            by,
            before: before.as_ref().map(RatingRow::scores),
            after: after.as_ref().map(RatingRow::scores),
        };
        Ok(vec![
            (Target::Itinerary(itinerary), change),
            (Target::Traveller(by), change),
        ])
    }

    /// Intel that was deleted may keep its place in a thread; it counts no more.
    fn intel(&self) -> Result<Vec<(Target, Change)>, StoreError> {
        let (before, after) = self.images::<IntelRow>()?;
        let author = |row: &Option<IntelRow>| row.as_ref().and_then(|row| Some(row.told.as_ref()?.author));
        let (Some(row), Some(by)) = (after.as_ref().or(before.as_ref()), author(&after).or(author(&before))) else {
            return Ok(Vec::new());
        };
        let itinerary = row.itinerary;
        let change = Change::Reported {
            itinerary,
            by,
            before: before.as_ref().and_then(IntelRow::report),
            after: after.as_ref().and_then(IntelRow::report),
        };
        Ok(vec![
            (Target::Itinerary(itinerary), change),
            (Target::Traveller(by), change),
        ])
    }

    fn group(&self) -> Result<Vec<(Target, Change)>, StoreError> {
        let (_, after) = self.images::<GroupIdRow>()?;
        let grouped = |row: GroupIdRow| (Target::Group(row.id), Change::Grouped { group: row.id });
        Ok(after.map(grouped).into_iter().collect())
    }

    fn member(&self) -> Result<Vec<(Target, Change)>, StoreError> {
        let (before, after) = self.images::<GroupMemberRow>()?;
        let Some(row) = after else { return Ok(Vec::new()) };
        let was = before.as_ref().map(|row| row.status);
        let (group, user) = (row.group, row.user);
        Ok(match row.status {
            JoinStatus::Pending if was.is_none() && row.invited => {
                vec![(Target::Reader(user), Change::Invited { group })]
            }
            JoinStatus::Pending if was.is_none() => vec![(Target::Group(group), Change::Requested { group })],
            JoinStatus::Accepted if was != Some(JoinStatus::Accepted) => {
                let asked = was == Some(JoinStatus::Pending) && !row.invited;
                let joined = Change::Joined { group, user, asked };
                let to = if asked {
                    Target::Reader(user)
                } else {
                    Target::Group(group)
                };
                vec![(to, joined)]
            }
            _ => Vec::new(),
        })
    }

    fn engagement(&self) -> Result<Vec<(Target, Change)>, StoreError> {
        let (before, after) = self.images::<BookingRow>()?;
        let news = after.map(|after| after.news(before.as_ref())).unwrap_or_default();
        Ok(news
            .into_iter()
            .map(|(user, change)| (Target::Reader(user), change))
            .collect())
    }
}
