//! The keyspace: typed values with an optional expiry.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use super::super::reply::Reply;

pub(super) type Bytes = Vec<u8>;
pub(super) type Hash = BTreeMap<Bytes, Bytes>;
pub(super) type Set = BTreeSet<Bytes>;
pub(super) type SortedSet = BTreeMap<Bytes, f64>;
pub(super) type List = VecDeque<Bytes>;

/// The text of an error reply.
#[derive(Debug)]
pub(super) struct Failure(pub(super) Cow<'static, str>);

pub(super) type Outcome = Result<Reply, Failure>;

impl Failure {
    pub(super) const SYNTAX: Self = Self(Cow::Borrowed("ERR syntax error"));
    pub(super) const NOT_AN_INTEGER: Self = Self(Cow::Borrowed("ERR value is not an integer or out of range"));
    pub(super) const NOT_A_FLOAT: Self = Self(Cow::Borrowed("ERR value is not a valid float"));
    pub(super) const OVERFLOW: Self = Self(Cow::Borrowed("ERR increment or decrement would overflow"));
    const WRONG_TYPE: Self = Self(Cow::Borrowed(
        "WRONGTYPE Operation against a key holding the wrong kind of value",
    ));

    pub(super) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }
}

#[derive(Debug)]
pub(super) enum Value {
    String(Bytes),
    Hash(Hash),
    Set(Set),
    SortedSet(SortedSet),
    List(List),
}

impl Value {
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::String(_) => "string",
            Self::Hash(_) => "hash",
            Self::Set(_) => "set",
            Self::SortedSet(_) => "zset",
            Self::List(_) => "list",
        }
    }

    /// Redis has no empty collections: the key goes with the last element.
    fn is_spent(&self) -> bool {
        match self {
            Self::String(_) => false,
            Self::Hash(hash) => hash.is_empty(),
            Self::Set(set) => set.is_empty(),
            Self::SortedSet(set) => set.is_empty(),
            Self::List(list) => list.is_empty(),
        }
    }
}

/// A type that a key can hold.
pub(super) trait Kind: Default {
    fn wrap(self) -> Value;
    fn of(value: &mut Value) -> Option<&mut Self>;
}

macro_rules! kind {
    ($type:ty, $variant:ident) => {
        impl Kind for $type {
            fn wrap(self) -> Value {
                Value::$variant(self)
            }

            fn of(value: &mut Value) -> Option<&mut Self> {
                match value {
                    Value::$variant(inner) => Some(inner),
                    _ => None,
                }
            }
        }
    };
}

kind!(Bytes, String);
kind!(Hash, Hash);
kind!(Set, Set);
kind!(SortedSet, SortedSet);
kind!(List, List);

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) value: Value,
    /// Milliseconds since the epoch.
    pub(super) expires_at: Option<i64>,
}

impl Entry {
    fn is_live(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|expiry| expiry > now)
    }
}

/// How many keys one command looks at in search of expired ones that nobody asks for.
const SWEEP: usize = 16;

#[derive(Default)]
pub(super) struct Store {
    entries: BTreeMap<Bytes, Entry>,
    now: i64,
    swept_to: Option<Bytes>,
}

impl Store {
    /// Sets the time of the commands to come, and drops some of what expired by then.
    pub(super) fn advance(&mut self, now: i64) {
        self.now = now;
        let start = self.swept_to.take().map_or(Bound::Unbounded, Bound::Excluded);
        let mut seen = self.entries.range::<Bytes, _>((start, Bound::Unbounded)).take(SWEEP);
        let mut expired = Vec::new();
        for (key, entry) in &mut seen {
            self.swept_to = Some(key.clone());
            if !entry.is_live(now) {
                expired.push(key.clone());
            }
        }
        for key in expired {
            self.entries.remove(&key);
        }
    }

    pub(super) fn now(&self) -> i64 {
        self.now
    }

    pub(super) fn entry(&mut self, key: &[u8]) -> Option<&mut Entry> {
        let now = self.now;
        if !self.entries.get(key)?.is_live(now) {
            self.entries.remove(key);
        }
        self.entries.get_mut(key)
    }

    /// The value at `key`, which must be of the asked type if it is there.
    pub(super) fn get<K: Kind>(&mut self, key: &[u8]) -> Result<Option<&mut K>, Failure> {
        self.entry(key)
            .map(|entry| K::of(&mut entry.value).ok_or(Failure::WRONG_TYPE))
            .transpose()
    }

    /// Lets `change` work on the value at `key`, made when missing and removed when left empty.
    pub(super) fn change<K: Kind, R>(
        &mut self,
        key: &[u8],
        change: impl FnOnce(&mut K) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        if self.entry(key).is_none() {
            let mut fresh = K::default();
            let result = change(&mut fresh)?;
            let value = fresh.wrap();
            if !value.is_spent() {
                self.put(key, value, None);
            }
            return Ok(result);
        }
        let value = self.get::<K>(key)?.ok_or(Failure::WRONG_TYPE)?;
        let result = change(value)?;
        if self.entry(key).is_some_and(|entry| entry.value.is_spent()) {
            self.entries.remove(key);
        }
        Ok(result)
    }

    pub(super) fn put(&mut self, key: &[u8], value: Value, expires_at: Option<i64>) {
        self.entries.insert(key.to_vec(), Entry { value, expires_at });
    }

    pub(super) fn remove(&mut self, key: &[u8]) -> bool {
        self.entry(key).is_some() && self.entries.remove(key).is_some()
    }

    /// An expiry that has already passed deletes the key. Returns whether there was one.
    pub(super) fn expire(&mut self, key: &[u8], expires_at: Option<i64>) -> bool {
        let now = self.now;
        let Some(entry) = self.entry(key) else {
            return false;
        };
        entry.expires_at = expires_at;
        if !entry.is_live(now) {
            self.entries.remove(key);
        }
        true
    }

    pub(super) fn live(&self) -> impl Iterator<Item = (&Bytes, &Entry)> {
        self.entries.iter().filter(|(_, entry)| entry.is_live(self.now))
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{SWEEP, Store, Value};

    #[test]
    fn expired_keys_that_nobody_asks_for_leave_the_memory() {
        let mut store = Store::default();
        for at in 0..10 * SWEEP {
            let expires_at = (at % 2 == 0).then_some(100);
            store.put(at.to_string().as_bytes(), Value::String(Vec::new()), expires_at);
        }
        store.advance(99);
        assert_eq!(store.entries.len(), 10 * SWEEP);
        for _ in 0..12 {
            store.advance(100);
        }
        assert_eq!(store.entries.len(), 5 * SWEEP);
    }
}
