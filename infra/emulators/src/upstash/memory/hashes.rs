//! Hashes.

use super::super::reply::Reply;
use super::arguments::{integer, pairs, word};
use super::store::{Failure, Hash, Outcome, Store};
use super::{Operation, operation};

pub(super) const OPERATIONS: &[Operation] = &[
    operation("HSET", -4, set),
    operation("HSETNX", 4, set_nx),
    operation("HGET", 3, |store, words| {
        let hash = store.get::<Hash>(word(words, 0)?)?;
        Ok(field(hash.as_deref(), word(words, 1)?))
    }),
    operation("HMGET", -3, |store, words| {
        let hash = store.get::<Hash>(word(words, 0)?)?;
        let fields = words.iter().skip(1);
        Ok(Reply::Array(fields.map(|name| field(hash.as_deref(), name)).collect()))
    }),
    operation("HGETALL", 2, |store, words| {
        let hash = store.get::<Hash>(word(words, 0)?)?.cloned().unwrap_or_default();
        Ok(Reply::strings(hash.into_iter().flat_map(|(name, value)| [name, value])))
    }),
    operation("HKEYS", 2, |store, words| {
        let hash = store.get::<Hash>(word(words, 0)?)?.cloned().unwrap_or_default();
        Ok(Reply::strings(hash.into_keys()))
    }),
    operation("HVALS", 2, |store, words| {
        let hash = store.get::<Hash>(word(words, 0)?)?.cloned().unwrap_or_default();
        Ok(Reply::strings(hash.into_values()))
    }),
    operation("HDEL", -3, |store, words| {
        store.change::<Hash, _>(word(words, 0)?, |hash| {
            let fields = words.iter().skip(1);
            Ok(Reply::count(fields.filter(|name| hash.remove(*name).is_some()).count()))
        })
    }),
    operation("HLEN", 2, |store, words| {
        let hash = store.get::<Hash>(word(words, 0)?)?;
        Ok(Reply::count(hash.map_or(0, |hash| hash.len())))
    }),
    operation("HEXISTS", 3, |store, words| {
        let hash = store.get::<Hash>(word(words, 0)?)?;
        let name = word(words, 1)?;
        Ok(Reply::flag(hash.is_some_and(|hash| hash.contains_key(name))))
    }),
    operation("HINCRBY", 4, increment),
];

fn field(hash: Option<&Hash>, name: &[u8]) -> Reply {
    Reply::optional(hash.and_then(|hash| hash.get(name)).cloned())
}

fn set(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let fields = pairs(words.get(1..).unwrap_or_default(), "hset")?;
    store.change::<Hash, _>(word(words, 0)?, |hash| {
        let before = hash.len();
        for (name, value) in fields {
            hash.insert(name.to_vec(), value.to_vec());
        }
        Ok(Reply::count(hash.len() - before))
    })
}

fn set_nx(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let (name, value) = (word(words, 1)?, word(words, 2)?);
    store.change::<Hash, _>(word(words, 0)?, |hash| {
        let absent = !hash.contains_key(name);
        if absent {
            hash.insert(name.to_vec(), value.to_vec());
        }
        Ok(Reply::flag(absent))
    })
}

fn increment(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let (name, amount) = (word(words, 1)?, integer(word(words, 2)?)?);
    store.change::<Hash, _>(word(words, 0)?, |hash| {
        let current = match hash.get(name) {
            None => 0,
            Some(text) => integer(text).map_err(|_| Failure::new("ERR hash value is not an integer"))?,
        };
        let sum = current.checked_add(amount).ok_or(Failure::OVERFLOW)?;
        hash.insert(name.to_vec(), sum.to_string().into_bytes());
        Ok(Reply::Integer(sum))
    })
}
