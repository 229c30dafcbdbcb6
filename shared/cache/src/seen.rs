use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::{CompositeKey, Tag, Wanted};

/// What a request already knows of Redis, because the script of its admission looked.
#[derive(Debug, Clone)]
pub struct Seen {
    pub(crate) now: Timestamp,
    versions: BTreeMap<String, String>,
    composite: Option<(String, Option<String>)>,
    /// Redis did not answer: it is not asked again in this request.
    pub(crate) degraded: bool,
}

impl Seen {
    /// Nothing is known yet.
    pub const fn nothing(now: Timestamp) -> Self {
        Self {
            now,
            versions: BTreeMap::new(),
            composite: None,
            degraded: false,
        }
    }

    pub(crate) fn degraded(now: Timestamp) -> Self {
        Self {
            degraded: true,
            ..Self::nothing(now)
        }
    }

    /// What follows the four numbers of the verdict.
    pub(crate) fn read(answer: &Value, wanted: Wanted<'_>, now: Timestamp) -> Self {
        let text = |index: usize| answer.get(4 + index).and_then(Value::as_str);
        let versions = wanted.tags.iter().enumerate();
        Self {
            versions: versions
                .filter_map(|(index, tag)| Some((tag.name(), text(index)?.to_owned())))
                .collect(),
            composite: wanted.composite.map(|key| {
                let found = text(wanted.tags.len()).filter(|found| !found.is_empty());
                (key.text.clone(), found.map(str::to_owned))
            }),
            ..Self::nothing(now)
        }
    }

    /// The version of a tag, if it was looked up. It changes when the tag is bumped.
    pub fn version(&self, tag: &Tag) -> Option<&str> {
        self.versions.get(&tag.name()).map(String::as_str)
    }

    /// The versions of all tags that `key` depends on; `None` unless all are known.
    pub(crate) fn versions_of(&self, key: &CompositeKey) -> Option<BTreeMap<String, String>> {
        let version = |tag: &Tag| Some((tag.name(), self.version(tag)?.to_owned()));
        key.tags.iter().map(version).collect()
    }

    /// Whether `key` was looked up, and what was there.
    pub(crate) fn composite_of(&self, key: &CompositeKey) -> Option<Option<&str>> {
        let (text, found) = self.composite.as_ref()?;
        (*text == key.text).then_some(found.as_deref())
    }
}
