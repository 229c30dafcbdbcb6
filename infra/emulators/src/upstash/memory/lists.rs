//! Lists.

use super::super::reply::Reply;
use super::arguments::{integer, span, word};
use super::store::{Failure, List, Outcome, Store};
use super::{Operation, operation};

pub(super) const OPERATIONS: &[Operation] = &[
    operation("LPUSH", -3, |store, words| push(store, words, List::push_front)),
    operation("RPUSH", -3, |store, words| push(store, words, List::push_back)),
    operation("LPOP", -2, |store, words| pop(store, words, List::pop_front)),
    operation("RPOP", -2, |store, words| pop(store, words, List::pop_back)),
    operation("LLEN", 2, |store, words| {
        let list = store.get::<List>(word(words, 0)?)?;
        Ok(Reply::count(list.map_or(0, |list| list.len())))
    }),
    operation("LRANGE", 4, |store, words| {
        let (start, stop) = (integer(word(words, 1)?)?, integer(word(words, 2)?)?);
        let list = store.get::<List>(word(words, 0)?)?;
        Ok(list.map_or(Reply::Array(Vec::new()), |list| {
            Reply::strings(list.range(span(start, stop, list.len())).cloned())
        }))
    }),
    operation("LTRIM", 4, |store, words| {
        let (start, stop) = (integer(word(words, 1)?)?, integer(word(words, 2)?)?);
        store.change::<List, _>(word(words, 0)?, |list| {
            let kept = span(start, stop, list.len());
            list.truncate(kept.end);
            list.drain(..kept.start);
            Ok(Reply::ok())
        })
    }),
];

fn push(store: &mut Store, words: &[Vec<u8>], put: fn(&mut List, Vec<u8>)) -> Outcome {
    store.change::<List, _>(word(words, 0)?, |list| {
        for item in words.iter().skip(1) {
            put(list, item.clone());
        }
        Ok(Reply::count(list.len()))
    })
}

/// Without a count one item, with a count a list of them: and a missing key is nil in both cases.
fn pop(store: &mut Store, words: &[Vec<u8>], take: fn(&mut List) -> Option<Vec<u8>>) -> Outcome {
    let key = word(words, 0)?;
    let count = match words.get(1..).unwrap_or_default() {
        [] => None,
        [count] => Some(
            usize::try_from(integer(count)?)
                .map_err(|_| Failure::new("ERR value is out of range, must be positive"))?,
        ),
        _ => return Err(Failure::SYNTAX),
    };
    if store.get::<List>(key)?.is_none() {
        return Ok(Reply::Nil);
    }
    store.change::<List, _>(key, |list| {
        Ok(match count {
            None => Reply::optional(take(list)),
            Some(count) => Reply::strings((0..count).map_while(|_| take(list))),
        })
    })
}
