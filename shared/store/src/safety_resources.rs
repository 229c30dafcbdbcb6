//! Reading matter about the safety of women: each resource with all that it says, how it stands, and a list of all of them.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    change::Change,
    ids::ResourceId,
    safety_resource::{Category, Content, Helpline, Link, MAX_RESOURCES, Resource, Urgency},
    votes::{Tally, Vote},
};

use crate::{
    Condition, Db, Loaded, Range, StoreError, Transaction, Update, Write,
    keys::{self, Key, Table},
};

/// Label of the write that loses when somebody else has changed the resource.
pub const RESOURCE_CHANGED: &str = "resource";

/// Label of the write that fails when there are as many resources as there may be.
pub const RESOURCES_FULL: &str = "resources";

/// How a resource stands: counted by the projection, from the votes and the views.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceStanding {
    /// Which resource it is of.
    #[serde(default)]
    pub id: Option<ResourceId>,
    /// How many found it helpful.
    pub helpful: i64,
    /// How many did not.
    pub unhelpful: i64,
    /// How many travellers and sessions have seen it.
    #[serde(default)]
    pub views: i64,
}

impl ResourceStanding {
    /// Of a resource that nobody has voted on or seen yet.
    pub(crate) fn new(id: ResourceId) -> Self {
        Self {
            id: Some(id),
            ..Self::default()
        }
    }

    /// How it stands after a change.
    #[must_use]
    pub(crate) fn after(self, change: &Change) -> Self {
        match *change {
            Change::Voted { before, after, .. } => self.with(before, after),
            Change::Viewed { .. } => Self {
                views: self.views + 1,
                ..self
            },
            _ => self,
        }
    }

    /// How it stands when one vote becomes another.
    #[must_use]
    pub fn with(self, before: Option<Vote>, after: Option<Vote>) -> Self {
        let tally = Tally {
            up: self.helpful,
            down: self.unhelpful,
        };
        let tally = tally.with(before, after);
        Self {
            helpful: tally.up,
            unhelpful: tally.down,
            ..self
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ResourceRow {
    #[serde(flatten)]
    entry: EntryRow,
    content: String,
    external_links: Vec<(String, String)>,
    helplines: Vec<(String, String, String)>,
    updated_at: Timestamp,
}

/// What a list shows of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRow {
    /// Its id.
    pub id: ResourceId,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// What kind of matter it is.
    pub category: Category,
    /// The part of the world that it is for.
    pub target_region: Option<String>,
    /// The countries that it is for.
    pub target_countries: Vec<String>,
    /// The kinds of travel that it is for.
    pub travel_types: Vec<String>,
    /// How urgent it is to know.
    pub urgency: Urgency,
    /// What language it is in.
    pub language: String,
    /// Whether moderators recommend it.
    pub featured: bool,
    /// Whether it stands before all others.
    pub pinned: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<&Resource> for EntryRow {
    fn from(resource: &Resource) -> Self {
        let content = resource.content.clone();
        Self {
            id: resource.id,
            title: content.title,
            description: content.description,
            category: content.category,
            target_region: content.target_region,
            target_countries: content.target_countries,
            travel_types: content.travel_types,
            urgency: content.urgency,
            language: content.language,
            featured: content.featured,
            pinned: content.pinned,
            created_at: resource.created_at,
        }
    }
}

impl From<&Resource> for ResourceRow {
    fn from(resource: &Resource) -> Self {
        let content = resource.content.clone();
        let links = content.external_links.into_iter();
        let helplines = content.helplines.into_iter();
        Self {
            entry: EntryRow::from(resource),
            content: content.content,
            external_links: links.map(|link| (link.title, link.url)).collect(),
            helplines: helplines
                .map(|line| (line.country, line.service, line.number))
                .collect(),
            updated_at: resource.updated_at,
        }
    }
}

impl ResourceRow {
    fn into_resource(self, version: u64) -> Resource {
        let entry = self.entry;
        let links = self.external_links.into_iter();
        let helplines = self.helplines.into_iter();
        Resource {
            id: entry.id,
            content: Content {
                title: entry.title,
                description: entry.description,
                content: self.content,
                category: entry.category,
                target_region: entry.target_region,
                target_countries: entry.target_countries,
                travel_types: entry.travel_types,
                external_links: links.map(|(title, url)| Link { title, url }).collect(),
                helplines: helplines
                    .map(|(country, service, number)| Helpline {
                        country,
                        service,
                        number,
                    })
                    .collect(),
                urgency: entry.urgency,
                language: entry.language,
                featured: entry.featured,
                pinned: entry.pinned,
            },
            created_at: entry.created_at,
            updated_at: self.updated_at,
            version,
        }
    }
}

impl Db {
    /// AP-214: what the list shows of every resource; pinned ones first, then those that are recommended, then the newest.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_resources(&self) -> Result<Vec<EntryRow>, StoreError> {
        let pk = keys::RESOURCES.to_owned();
        let range = Range::new(Table::Community, pk, keys::RESOURCE_ENTRY_PREFIX, MAX_RESOURCES);
        let loaded = self.query_all::<EntryRow>(range).await?;
        let mut entries: Vec<EntryRow> = loaded.into_iter().map(|loaded| loaded.item).collect();
        entries.sort_by_key(|entry| {
            (
                !entry.pinned,
                !entry.featured,
                std::cmp::Reverse(entry.created_at),
                entry.id,
            )
        });
        Ok(entries)
    }

    /// AP-215: a resource.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_resource(&self, id: ResourceId) -> Result<Option<Resource>, StoreError> {
        let loaded = self.get::<ResourceRow>(&keys::resource(id)).await?;
        Ok(loaded.map(|loaded| loaded.item.into_resource(loaded.version)))
    }

    /// AP-216: how resources stand, in no order; at most 100. One that nobody has voted on or seen is left out.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_resource_standings(&self, ids: &[ResourceId]) -> Result<Vec<ResourceStanding>, StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::resource_standing(*id)).collect();
        self.get_many(&keys).await
    }

    /// AP-216: how a resource stands, with the version that a change of it must expect; `None` before the
    /// first vote or view.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_resource_standing(&self, id: ResourceId) -> Result<Option<Loaded<ResourceStanding>>, StoreError> {
        self.get(&keys::resource_standing(id)).await
    }
}

impl Transaction {
    /// AP-217: a new resource. Conflicts: [`RESOURCE_CHANGED`], [`RESOURCES_FULL`].
    ///
    /// # Errors
    /// When a row cannot be expressed in DynamoDB's types.
    pub fn inserting_resource(resource: &Resource) -> Result<Self, StoreError> {
        let most = AttributeValue::N(MAX_RESOURCES.to_string());
        let room = Condition::expression(
            "attribute_not_exists(#resources) OR #resources < :most",
            vec![("most", most)],
        );
        let insert = Write::insert(
            RESOURCE_CHANGED,
            keys::resource(resource.id),
            &ResourceRow::from(resource),
        )?;
        Self::from(insert).with(counting(1, room)).listing_resource(resource)
    }

    /// AP-218: a resource in the place of the version that was read. Conflict: [`RESOURCE_CHANGED`].
    ///
    /// # Errors
    /// As [`Self::inserting_resource`].
    pub fn replacing_resource(before: &Resource, after: &Resource) -> Result<Self, StoreError> {
        let row = ResourceRow::from(after);
        let key = keys::resource(after.id);
        Self::from(Write::replace(RESOURCE_CHANGED, key, &row, before.version)?).listing_resource(after)
    }

    /// AP-218: removes the version of a resource that was read. Conflict: [`RESOURCE_CHANGED`].
    pub fn removing_resource(resource: &Resource) -> Self {
        let id = resource.id;
        let read = Condition::Version(resource.version);
        Self::from(Write::remove(RESOURCE_CHANGED, keys::resource(id), read))
            .with(Write::remove("entry", keys::resource_entry(id), Condition::Present))
            .with(Write::remove(
                "standing",
                keys::resource_standing(id),
                Condition::anyway(),
            ))
            .with(counting(-1, Condition::Present))
    }

    /// The entry of the list follows the resource, whose version is checked.
    fn listing_resource(self, resource: &Resource) -> Result<Self, StoreError> {
        let (key, row) = (keys::resource_entry(resource.id), EntryRow::from(resource));
        Ok(self.with(Write::put("entry", key, &row, 1, Condition::anyway())?))
    }
}

fn counting(by: i64, condition: Condition) -> Write {
    let update = Update::default().add("resources", by).add("version", 1);
    Write::update(RESOURCES_FULL, keys::resource_count(), update, condition)
}
