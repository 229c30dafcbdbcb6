//! Sets.

use super::super::reply::Reply;
use super::arguments::word;
use super::store::{Failure, Set, Store};
use super::{Operation, operation};

pub(super) const OPERATIONS: &[Operation] = &[
    operation("SADD", -3, |store, words| {
        store.change::<Set, _>(word(words, 0)?, |set| {
            let before = set.len();
            set.extend(words.iter().skip(1).cloned());
            Ok(Reply::count(set.len() - before))
        })
    }),
    operation("SREM", -3, |store, words| {
        store.change::<Set, _>(word(words, 0)?, |set| {
            let members = words.iter().skip(1);
            Ok(Reply::count(members.filter(|member| set.remove(*member)).count()))
        })
    }),
    operation("SMEMBERS", 2, |store, words| {
        let set = store.get::<Set>(word(words, 0)?)?.cloned();
        Ok(Reply::strings(set.unwrap_or_default()))
    }),
    operation("SISMEMBER", 3, |store, words| {
        let found = contains(store, words)?;
        Ok(Reply::flag(found.first() == Some(&true)))
    }),
    operation("SMISMEMBER", -3, |store, words| {
        let found = contains(store, words)?;
        Ok(Reply::Array(found.into_iter().map(Reply::flag).collect()))
    }),
    operation("SCARD", 2, |store, words| {
        let set = store.get::<Set>(word(words, 0)?)?;
        Ok(Reply::count(set.map_or(0, |set| set.len())))
    }),
];

fn contains(store: &mut Store, words: &[Vec<u8>]) -> Result<Vec<bool>, Failure> {
    let set = store.get::<Set>(word(words, 0)?)?;
    let members = words.iter().skip(1);
    Ok(members
        .map(|member| set.as_ref().is_some_and(|set| set.contains(member)))
        .collect())
}
