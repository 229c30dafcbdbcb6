//! Templates: the template itself, a row for its owner's list, and one in the public list when it is public.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tripsage_domain::{
    ids::{ItemId, TemplateId, UserId},
    trip::{Item, MAX_TEMPLATES, Plan, Template, TemplateVisibility},
};
use uuid::Uuid;

use crate::{
    Condition, Db, Range, StoreError, Transaction, Update, Write,
    keys::{self, Instant, Table},
    trips::{
        item_rows::ItemRow,
        rows::{ContentRow, corrupt},
    },
};

#[derive(Debug, Serialize, Deserialize)]
struct TemplateRow {
    id: TemplateId,
    owner: UserId,
    visibility: String,
    content: ContentRow,
    items: Vec<ItemRow>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// What a list shows of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateListingRow {
    /// Its id.
    pub id: TemplateId,
    /// Whose it is.
    pub owner: UserId,
    /// Who may see it.
    pub visibility: String,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// How many days it lasts.
    pub duration_days: i32,
    /// Names of its destinations.
    pub destinations: Vec<String>,
    /// What kind of trip it is.
    pub trip_type: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// How many items it has.
    pub item_count: usize,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Label of the write that fails when somebody has as many templates as they may have.
pub const TEMPLATES_FULL: &str = "templates";

impl TemplateListingRow {
    /// Where in a list, newest first, it stands.
    pub fn position(&self) -> String {
        format!("{}#{}", Instant::from(self.created_at), self.id)
    }
}

impl TemplateRow {
    fn new(template: &Template) -> Self {
        let item = |(index, plan): (usize, &Plan)| {
            ItemRow::from(&Item {
                id: ItemId::from_uuid(Uuid::from_u128(index as u128)),
                plan: plan.clone(),
                position: index as u64,
                version: 1,
                created_at: template.created_at,
                updated_at: template.created_at,
            })
        };
        Self {
            id: template.id,
            owner: template.owner,
            visibility: template.visibility.name().to_owned(),
            content: ContentRow::from(&template.content),
            items: template.plans.iter().enumerate().map(item).collect(),
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }

    fn into_template(self, version: u64) -> Result<Template, StoreError> {
        let items = self.items.into_iter().map(ItemRow::into_item);
        Ok(Template {
            id: self.id,
            owner: self.owner,
            visibility: TemplateVisibility::parse(&self.visibility).map_err(corrupt)?,
            content: self.content.into_content()?,
            plans: items.map(|item| item.map(|item| item.plan)).collect::<Result<_, _>>()?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version,
        })
    }
}

fn listing(template: &Template) -> TemplateListingRow {
    let content = &template.content;
    TemplateListingRow {
        id: template.id,
        owner: template.owner,
        visibility: template.visibility.name().to_owned(),
        title: content.title.clone(),
        description: content.description.clone(),
        duration_days: content.duration_days(),
        destinations: content.destinations.iter().map(|place| place.name.clone()).collect(),
        trip_type: content.trip_type.name().to_owned(),
        tags: content.tags.clone(),
        item_count: template.plans.len(),
        created_at: template.created_at,
        updated_at: template.updated_at,
    }
}

/// Bytes that a template takes, about; DynamoDB stores at most 400 KB of it.
///
/// # Errors
/// Never for a template that can be stored at all.
pub fn template_weight(template: &Template) -> Result<usize, StoreError> {
    let text = serde_json::to_string(&TemplateRow::new(template));
    text.map(|text| text.len())
        .map_err(|error| StoreError::Corrupt(error.to_string()))
}

impl Db {
    /// AP-72: a template. The caller's right to see it is decided on what is read.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn find_template(&self, id: TemplateId) -> Result<Option<Template>, StoreError> {
        match self.get::<TemplateRow>(&keys::template(id)).await? {
            Some(loaded) => loaded.item.into_template(loaded.version).map(Some),
            None => Ok(None),
        }
    }

    /// AP-73: all templates of a user, newest first.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_templates(&self, user: UserId) -> Result<Vec<TemplateListingRow>, StoreError> {
        let range = Range::new(
            Table::Travel,
            keys::user_partition(user),
            keys::TEMPLATE_LISTING_PREFIX,
            MAX_TEMPLATES,
        )
        .descending();
        let loaded = self.query_all(range).await?;
        Ok(loaded.into_iter().map(|loaded| loaded.item).collect())
    }

    /// AP-74: public templates, newest first, at most `limit`, after a position in the list. One query for each shard.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn list_public_templates(
        &self,
        after: Option<String>,
        limit: usize,
    ) -> Result<Vec<TemplateListingRow>, StoreError> {
        let shards = (0..keys::PUBLIC_TEMPLATE_SHARDS).map(|shard| {
            let range = Range::new(Table::Travel, keys::public_templates(shard), "", limit)
                .descending()
                .after(after.clone());
            self.query::<TemplateListingRow>(range)
        });
        let pages = try_join_all(shards).await?;
        let loaded = pages.into_iter().flat_map(|page| page.items);
        let mut rows: Vec<_> = loaded.map(|loaded| loaded.item).collect();
        rows.sort_by_cached_key(|row| std::cmp::Reverse(row.position()));
        rows.truncate(limit);
        Ok(rows)
    }
}

impl Transaction {
    /// AP-75: a new template. Conflicts: `template`, [`TEMPLATES_FULL`].
    ///
    /// # Errors
    /// When it cannot be expressed in DynamoDB's types.
    pub fn inserting_template(template: &Template) -> Result<Self, StoreError> {
        let row = TemplateRow::new(template);
        let room = Condition::expression(
            "attribute_not_exists(#templates) OR #templates < :most",
            vec![("most", AttributeValue::N(MAX_TEMPLATES.to_string()))],
        );
        let transaction = Self::from(Write::insert("template", keys::template(template.id), &row)?).with(counting(
            template.owner,
            1,
            room,
        ));
        transaction.listing_template(None, template)
    }

    /// AP-76: a template in the place of the version that was read. Conflict: `template`.
    ///
    /// # Errors
    /// As [`Self::inserting_template`].
    pub fn replacing_template(before: &Template, after: &Template) -> Result<Self, StoreError> {
        let row = TemplateRow::new(after);
        Self::from(Write::replace(
            "template",
            keys::template(after.id),
            &row,
            before.version,
        )?)
        .listing_template(Some(before), after)
    }

    /// AP-77: removes the version of a template that was read. Conflict: `template`.
    ///
    /// # Errors
    /// Never.
    pub fn removing_template(template: &Template) -> Result<Self, StoreError> {
        let own = keys::template_listing(template.owner, template.created_at, template.id);
        let mut transaction = Self::from(Write::remove(
            "template",
            keys::template(template.id),
            Condition::Version(template.version),
        ))
        .with(Write::remove("template", own, Condition::Present))
        .with(counting(template.owner, -1, Condition::Present));
        if template.visibility == TemplateVisibility::Public {
            transaction.push(unpublishing(template));
        }
        Ok(transaction)
    }

    /// The rows of the lists follow the template, whose version is checked.
    fn listing_template(mut self, before: Option<&Template>, after: &Template) -> Result<Self, StoreError> {
        let row = listing(after);
        let own = keys::template_listing(after.owner, after.created_at, after.id);
        self.push(Write::put("template", own, &row, 1, Condition::anyway())?);
        let was_public = before.is_some_and(|before| before.visibility == TemplateVisibility::Public);
        if after.visibility == TemplateVisibility::Public {
            let key = keys::public_template(after.created_at, after.id);
            self.push(Write::put("template", key, &row, 1, Condition::anyway())?);
        } else if was_public {
            self.push(unpublishing(after));
        }
        Ok(self)
    }
}

fn counting(owner: UserId, by: i64, condition: Condition) -> Write {
    let update = Update::default().add("templates", by).add("version", 1);
    Write::update(TEMPLATES_FULL, keys::template_count(owner), update, condition)
}

fn unpublishing(template: &Template) -> Write {
    let key = keys::public_template(template.created_at, template.id);
    Write::remove("template", key, Condition::Present)
}
