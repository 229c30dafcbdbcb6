//! A version of a trip as clients read it.

use jiff::Timestamp;
use serde::Serialize;
use tripsage_store::trips::{EntityChange, VersionRow};
use utoipa::ToSchema;

/// One entry of the version history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionResponse {
    /// Its number; the first is 1.
    number: u64,
    /// When the change was made.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who made it; `null` when they have left the product.
    #[schema(format = Uuid)]
    user_id: Option<String>,
    /// What was done.
    #[schema(example = "item.updated")]
    action: String,
    /// What it changed.
    changed: Vec<ChangedEntity>,
    /// SHA-256 over all of this and `previous_hash`.
    hash: String,
    /// Hash of the version before; empty for the first.
    previous_hash: String,
    /// Whether this version is what its hash says, and follows on the one before it. `false` means that somebody has
    /// tampered with the stored history.
    verified: bool,
}

/// One thing that a version changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangedEntity {
    /// `trip`, `item/<id>` or `member/<mark>`.
    entity: String,
    /// `created`, `updated` or `removed`.
    change: &'static str,
    /// Names of the fields that differ.
    fields: Vec<String>,
}

/// One field that differs between two states.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldDifference {
    /// `trip`, `item/<id>` or `member/<mark>`.
    entity: String,
    /// Name of the field.
    field: String,
    /// Its value before; `null` when there was none.
    old: serde_json::Value,
    /// Its value after; `null` when there is none.
    new: serde_json::Value,
}

/// Fields that change with every change, and say nothing by themselves.
const BOOKKEEPING: [&str; 4] = ["id", "version", "created_at", "updated_at"];

impl FieldDifference {
    /// What the changes change, field by field.
    pub(crate) fn all(changes: &[EntityChange]) -> Vec<Self> {
        let fields = changes.iter().flat_map(EntityChange::fields);
        fields
            .filter(|change| !BOOKKEEPING.contains(&change.field.as_str()))
            .map(|change| Self {
                entity: change.entity,
                field: change.field,
                old: change.old,
                new: change.new,
            })
            .collect()
    }
}

impl ChangedEntity {
    fn new(change: &EntityChange) -> Self {
        let fields = FieldDifference::all(std::slice::from_ref(change));
        Self {
            entity: change.entity.clone(),
            change: match (&change.before, &change.after) {
                (None, _) => "created",
                (Some(_), Some(_)) => "updated",
                (Some(_), None) => "removed",
            },
            fields: fields.into_iter().map(|difference| difference.field).collect(),
        }
    }
}

impl VersionResponse {
    /// A version; `verified` is for the caller to find out.
    pub(crate) fn new(version: &VersionRow, verified: bool) -> Self {
        Self {
            number: version.number,
            at: version.at,
            user_id: version.actor.map(|user| user.to_string()),
            action: version.action.clone(),
            changed: version.changes.iter().map(ChangedEntity::new).collect(),
            hash: version.hash.clone(),
            previous_hash: version.previous_hash.clone(),
            verified,
        }
    }
}
