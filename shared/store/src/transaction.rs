use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use crate::{StoreError, keys::Key};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// What must hold of an item for a write to happen.
#[derive(Debug, Clone)]
pub enum Condition {
    /// There is none.
    Absent,
    /// There is one.
    Present,
    /// There is one, and it has this version.
    Version(u64),
    /// A condition expression over the names and values that it comes with.
    Expression(String, Vec<(&'static str, AttributeValue)>),
}

impl Condition {
    /// A condition expression; attribute names in it are written as `#name`, values as `:name`.
    pub(crate) fn expression(text: &str, values: Vec<(&'static str, AttributeValue)>) -> Self {
        Self::Expression(text.to_owned(), values)
    }

    /// Nothing has to hold: another write of the same transaction, or the secrecy of the key, orders this one.
    pub(crate) fn anyway() -> Self {
        Self::expression("attribute_not_exists(pk) OR attribute_exists(pk)", Vec::new())
    }
}

/// The parts of an update expression.
#[derive(Debug, Clone, Default)]
pub struct Update {
    pub(crate) set: Vec<(&'static str, AttributeValue)>,
    pub(crate) add: Vec<(&'static str, AttributeValue)>,
    pub(crate) remove: Vec<&'static str>,
}

impl Update {
    /// Gives an attribute a value.
    pub(crate) fn set(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.set.push((name, value));
        self
    }

    /// Adds to a number.
    pub(crate) fn add(mut self, name: &'static str, amount: i64) -> Self {
        self.add.push((name, AttributeValue::N(amount.to_string())));
        self
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Change {
    Put(Item),
    Update(Update),
    Delete,
    Check,
}

/// One conditional write.
#[derive(Debug, Clone)]
pub struct Write {
    pub(crate) label: &'static str,
    pub(crate) key: Key,
    pub(crate) change: Change,
    pub(crate) condition: Condition,
}

impl Write {
    /// Stores a new item; there must be none. It begins with version 1.
    ///
    /// # Errors
    /// When the item cannot be expressed in DynamoDB's types.
    pub fn insert<T: Serialize>(label: &'static str, key: Key, item: &T) -> Result<Self, StoreError> {
        Self::put(label, key, item, 1, Condition::Absent)
    }

    /// Stores a new item in the place of the one with the `expected` version.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub fn replace<T: Serialize>(label: &'static str, key: Key, item: &T, expected: u64) -> Result<Self, StoreError> {
        Self::put(label, key, item, expected + 1, Condition::Version(expected))
    }

    /// Stores an item under a condition of its own.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub(crate) fn put<T: Serialize>(
        label: &'static str,
        key: Key,
        item: &T,
        version: u64,
        condition: Condition,
    ) -> Result<Self, StoreError> {
        let mut item: Item = serde_dynamo::to_item(item)?;
        item.insert("version".to_owned(), AttributeValue::N(version.to_string()));
        Ok(Self {
            label,
            key,
            change: Change::Put(item),
            condition,
        })
    }

    /// Changes some attributes of an item.
    pub(crate) fn update(label: &'static str, key: Key, update: Update, condition: Condition) -> Self {
        Self {
            label,
            key,
            change: Change::Update(update),
            condition,
        }
    }

    /// Removes an item.
    pub fn remove(label: &'static str, key: Key, condition: Condition) -> Self {
        Self {
            label,
            key,
            change: Change::Delete,
            condition,
        }
    }

    /// Changes nothing, and lets the transaction fail unless the condition holds.
    pub fn check(label: &'static str, key: Key, condition: Condition) -> Self {
        Self {
            label,
            key,
            change: Change::Check,
            condition,
        }
    }
}

/// Writes that happen together or not at all; at most [`Transaction::MAX`].
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    pub(crate) writes: Vec<Write>,
}

impl Transaction {
    /// How many writes DynamoDB takes in one transaction.
    pub const MAX: usize = 100;

    /// Adds a write.
    #[must_use]
    pub fn with(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// Adds a write.
    pub fn push(&mut self, write: Write) {
        self.writes.push(write);
    }

    /// Adds writes.
    #[must_use]
    pub fn with_all(mut self, writes: Vec<Write>) -> Self {
        self.writes.extend(writes);
        self
    }
}

impl From<Write> for Transaction {
    fn from(write: Write) -> Self {
        Self { writes: vec![write] }
    }
}

/// An expression with its names and values, as the SDK takes them.
#[derive(Debug, Default)]
pub(crate) struct Expressions {
    pub(crate) condition: Option<String>,
    pub(crate) update: Option<String>,
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Expressions {
    pub(crate) fn of(write: &Write) -> Self {
        let mut parts = Self::default();
        parts.condition = Some(match &write.condition {
            Condition::Absent => "attribute_not_exists(pk)".to_owned(),
            Condition::Present => "attribute_exists(pk)".to_owned(),
            Condition::Version(version) => {
                parts.name("version");
                parts
                    .values
                    .insert(":expected_version".to_owned(), AttributeValue::N(version.to_string()));
                "#version = :expected_version".to_owned()
            }
            Condition::Expression(text, values) => {
                parts.names_in(text);
                parts
                    .values
                    .extend(values.iter().map(|(name, value)| (format!(":{name}"), value.clone())));
                text.clone()
            }
        });
        if let Change::Update(update) = &write.change {
            parts.update = Some(parts.update_expression(update));
        }
        parts
    }

    fn update_expression(&mut self, update: &Update) -> String {
        let mut clauses = Vec::new();
        let mut assign = |verb: &str, sign: &str, pairs: &[(&'static str, AttributeValue)]| {
            if pairs.is_empty() {
                return;
            }
            let list: Vec<String> = pairs
                .iter()
                .map(|(name, value)| {
                    self.names.insert(format!("#{name}"), (*name).to_owned());
                    self.values.insert(format!(":new_{name}"), value.clone());
                    format!("#{name}{sign}:new_{name}")
                })
                .collect();
            clauses.push(format!("{verb} {}", list.join(", ")));
        };
        assign("SET", " = ", &update.set);
        assign("ADD", " ", &update.add);
        if !update.remove.is_empty() {
            let list: Vec<String> = update.remove.iter().map(|name| format!("#{name}")).collect();
            for name in &update.remove {
                self.name(name);
            }
            clauses.push(format!("REMOVE {}", list.join(", ")));
        }
        clauses.join(" ")
    }

    fn name(&mut self, name: &str) {
        self.names.insert(format!("#{name}"), name.to_owned());
    }

    /// Every `#name` of an expression stands for the attribute of that name.
    fn names_in(&mut self, text: &str) {
        for part in text.split('#').skip(1) {
            let name: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            self.name(&name);
        }
    }

    pub(crate) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    pub(crate) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}
