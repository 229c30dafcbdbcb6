//! The version history of a trip: every change, who, when, and what it was before. Each version carries the hash of
//! the one before, so that none can be changed or left out unnoticed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tripsage_domain::ids::{TripId, UserId};

use crate::{StoreError, keys::Digest};

/// One version: the state of a trip after one change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    /// Its number; the first is 1.
    pub number: u64,
    /// When the change was made.
    pub at: Timestamp,
    /// Who made it; nobody any more once they have left the product. Not part of the hash: [`Self::actor_mark`] is.
    pub actor: Option<UserId>,
    /// Digest of the trip and the actor.
    pub actor_mark: String,
    /// What was done, such as `trip.updated`.
    pub action: String,
    /// What it changed.
    pub changes: Vec<EntityChange>,
    /// Hash of the version before; empty for the first.
    pub previous_hash: String,
    /// Hash of this version.
    pub hash: String,
}

/// One thing that a version changed, before and after, as JSON texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityChange {
    /// What: `trip`, `item/<id>`, `member/<mark>`.
    pub entity: String,
    /// As it was; absent when it was made.
    pub before: Option<String>,
    /// As it is; absent when it was removed.
    pub after: Option<String>,
}

/// One field that a version changed.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// What the field belongs to.
    pub entity: String,
    /// Its name.
    pub field: String,
    /// Its value before.
    pub old: Value,
    /// Its value after.
    pub new: Value,
}

impl EntityChange {
    /// A change of `entity` from one stored form to another.
    pub(crate) fn new<T: Serialize>(entity: String, before: Option<&T>, after: Option<&T>) -> Result<Self, StoreError> {
        let text = |state: Option<&T>| {
            state
                .map(serde_json::to_string)
                .transpose()
                .map_err(|error| StoreError::Corrupt(error.to_string()))
        };
        Ok(Self {
            entity,
            before: text(before)?,
            after: text(after)?,
        })
    }

    /// Field by field, in the order of their names; unchanged fields are left out.
    pub fn fields(&self) -> Vec<FieldChange> {
        let parse = |text: &Option<String>| text.as_deref().and_then(|text| serde_json::from_str(text).ok());
        diff(
            &self.entity,
            &parse(&self.before).unwrap_or(Value::Null),
            &parse(&self.after).unwrap_or(Value::Null),
        )
    }
}

/// What differs between two states of `entity`, field by field.
pub fn diff(entity: &str, before: &Value, after: &Value) -> Vec<FieldChange> {
    let empty = serde_json::Map::new();
    let (old, new) = (
        before.as_object().unwrap_or(&empty),
        after.as_object().unwrap_or(&empty),
    );
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    let value = |map: &serde_json::Map<String, Value>, name: &str| map.get(name).cloned().unwrap_or(Value::Null);
    names
        .into_iter()
        .map(|name| FieldChange {
            entity: entity.to_owned(),
            field: name.clone(),
            old: value(old, name),
            new: value(new, name),
        })
        .filter(|change| change.old != change.new)
        .collect()
}

/// How a member is named in the history: nobody who does not know both ids can tell who it was.
pub fn member_mark(trip: TripId, user: UserId) -> String {
    Digest::of(&[trip.uuid().as_bytes(), user.uuid().as_bytes()]).to_string()
}

impl VersionRow {
    pub(crate) fn new(
        trip: TripId,
        number: u64,
        at: Timestamp,
        actor: UserId,
        action: &str,
        changes: Vec<EntityChange>,
        previous_hash: String,
    ) -> Self {
        let mut version = Self {
            number,
            at,
            actor: Some(actor),
            actor_mark: member_mark(trip, actor),
            action: action.to_owned(),
            changes,
            previous_hash,
            hash: String::new(),
        };
        version.hash = version.computed_hash();
        version
    }

    /// Whether it is what its hash says.
    pub fn is_intact(&self) -> bool {
        self.computed_hash() == self.hash
    }

    /// Whether it follows on `before`, or is the first.
    pub fn follows(&self, before: Option<&Self>) -> bool {
        match before {
            Some(before) => self.number == before.number + 1 && self.previous_hash == before.hash,
            None => self.number == 1 && self.previous_hash.is_empty(),
        }
    }

    /// The hash of what it says.
    pub fn computed_hash(&self) -> String {
        let (number, at) = (self.number.to_string(), self.at.as_microsecond().to_string());
        let mut parts: Vec<&[u8]> = vec![
            self.previous_hash.as_bytes(),
            number.as_bytes(),
            at.as_bytes(),
            self.actor_mark.as_bytes(),
            self.action.as_bytes(),
        ];
        for change in &self.changes {
            parts.push(change.entity.as_bytes());
            for state in [&change.before, &change.after] {
                // Absent and empty must not look alike.
                parts.push(if state.is_some() { b"1" } else { b"0" });
                parts.push(state.as_deref().unwrap_or_default().as_bytes());
            }
        }
        Digest::of(&parts).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_diff_names_exactly_what_changed() {
        let before = json!({"title": "A", "tags": ["x"], "status": "planning"});
        let after = json!({"title": "B", "tags": ["x"], "notes": "n"});
        let fields: Vec<_> = diff("trip", &before, &after)
            .into_iter()
            .map(|c| (c.field, c.old, c.new))
            .collect();
        assert_eq!(
            fields,
            [
                ("notes".to_owned(), Value::Null, json!("n")),
                ("status".to_owned(), json!("planning"), Value::Null),
                ("title".to_owned(), json!("A"), json!("B")),
            ]
        );
    }
}
