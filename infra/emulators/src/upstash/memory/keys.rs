//! Keys whatever they hold, their expiry, and the server itself.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::super::reply::Reply;
use super::arguments::{integer, word};
use super::pattern::matches;
use super::store::{Bytes, Failure, Outcome, Store};
use super::{Operation, operation};

pub(super) const OPERATIONS: &[Operation] = &[
    operation("DEL", -2, delete),
    operation("UNLINK", -2, delete),
    operation("EXISTS", -2, |store, words| {
        Ok(Reply::count(
            words.iter().filter(|key| store.entry(key).is_some()).count(),
        ))
    }),
    operation("TYPE", 2, |store, words| {
        let entry = store.entry(word(words, 0)?);
        Ok(Reply::Status(
            entry.map_or("none", |entry| entry.value.type_name()).to_owned(),
        ))
    }),
    operation("EXPIRE", -3, |store, words| expire(store, words, 1000, true, "expire")),
    operation("PEXPIRE", -3, |store, words| expire(store, words, 1, true, "pexpire")),
    operation("EXPIREAT", -3, |store, words| {
        expire(store, words, 1000, false, "expireat")
    }),
    operation("PEXPIREAT", -3, |store, words| {
        expire(store, words, 1, false, "pexpireat")
    }),
    operation("TTL", 2, |store, words| time_to_live(store, words, 1000)),
    operation("PTTL", 2, |store, words| time_to_live(store, words, 1)),
    operation("PERSIST", 2, |store, words| {
        let entry = store.entry(word(words, 0)?);
        Ok(Reply::flag(entry.and_then(|entry| entry.expires_at.take()).is_some()))
    }),
    operation("KEYS", 2, |store, words| {
        let pattern = word(words, 0)?;
        let found = store.live().filter(|(key, _)| matches(pattern, key));
        Ok(Reply::strings(found.map(|(key, _)| key.clone())))
    }),
    operation("SCAN", -2, scan),
    operation("DBSIZE", 1, |store, _| Ok(Reply::count(store.live().count()))),
    operation("FLUSHDB", -1, flush),
    operation("FLUSHALL", -1, flush),
    operation("PING", -1, |_, words| match words {
        [] => Ok(Reply::Status("PONG".to_owned())),
        [message] => Ok(Reply::bulk(message.clone())),
        _ => Err(Failure::new("ERR wrong number of arguments for 'ping' command")),
    }),
    operation("ECHO", 2, |_, words| Ok(Reply::bulk(word(words, 0)?))),
    operation("TIME", 1, |store, _| {
        let (seconds, millis) = (store.now().div_euclid(1000), store.now().rem_euclid(1000));
        let parts = [seconds, millis * 1000].map(|part| part.to_string().into_bytes());
        Ok(Reply::strings(parts))
    }),
];

fn delete(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    Ok(Reply::count(words.iter().filter(|key| store.remove(key)).count()))
}

fn flush(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let known = |word: &Vec<u8>| word.eq_ignore_ascii_case(b"SYNC") || word.eq_ignore_ascii_case(b"ASYNC");
    if words.len() > 1 || !words.iter().all(known) {
        return Err(Failure::SYNTAX);
    }
    store.clear();
    Ok(Reply::ok())
}

fn expire(store: &mut Store, words: &[Vec<u8>], scale: i64, relative: bool, command: &str) -> Outcome {
    let key = word(words, 0)?;
    let base = if relative { store.now() } else { 0 };
    let moment = integer(word(words, 1)?)?
        .checked_mul(scale)
        .and_then(|millis| millis.checked_add(base))
        .ok_or_else(|| Failure::new(format!("ERR invalid expire time in '{command}' command")))?;
    let Some(current) = store.entry(key).map(|entry| entry.expires_at) else {
        return Ok(Reply::Integer(0));
    };
    // A key without expiry lives longer than any.
    let applies = match words.get(2..).unwrap_or_default() {
        [] => true,
        [option] => match option.to_ascii_uppercase().as_slice() {
            b"NX" => current.is_none(),
            b"XX" => current.is_some(),
            b"GT" => current.is_some_and(|current| moment > current),
            b"LT" => current.is_none_or(|current| moment < current),
            other => {
                let option = String::from_utf8_lossy(other).into_owned();
                return Err(Failure::new(format!("ERR Unsupported option {option}")));
            }
        },
        _ => return Err(Failure::SYNTAX),
    };
    Ok(Reply::flag(applies && store.expire(key, Some(moment))))
}

fn time_to_live(store: &mut Store, words: &[Vec<u8>], scale: i64) -> Outcome {
    let now = store.now();
    let left = match store.entry(word(words, 0)?).map(|entry| entry.expires_at) {
        None => -2,
        Some(None) => -1,
        Some(Some(moment)) => (moment - now).saturating_add(scale / 2) / scale,
    };
    Ok(Reply::Integer(left))
}

/// A cursor is a position in the order of the keys' hashes. That order does not move when other keys come and go, which is what
/// makes the promise of `SCAN` true: a key that is there throughout is returned.
fn scan(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let cursor: u64 = std::str::from_utf8(word(words, 0)?)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Failure::new("ERR invalid cursor"))?;
    let (mut pattern, mut count, mut kind) = (None, 10, None);
    let (options, rest) = words.get(1..).unwrap_or_default().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Failure::SYNTAX);
    }
    for [option, value] in options {
        match option.to_ascii_uppercase().as_slice() {
            b"MATCH" => pattern = Some(value),
            b"COUNT" => count = usize::try_from(integer(value)?).map_err(|_| Failure::SYNTAX)?.max(1),
            b"TYPE" => kind = Some(value),
            _ => return Err(Failure::SYNTAX),
        }
    }
    let mut ahead: Vec<(u64, &Bytes, &str)> = store
        .live()
        .map(|(key, entry)| (position(key), key, entry.value.type_name()))
        .filter(|(position, ..)| *position >= cursor)
        .collect();
    ahead.sort_unstable();
    // Keys of one position stay together, or the second of them would be left out.
    let end = ahead.get(count).map(|(next, ..)| *next);
    let page: Vec<Bytes> = ahead
        .into_iter()
        .take_while(|(position, ..)| end.is_none_or(|end| *position < end))
        .filter(|(_, key, name)| {
            pattern.is_none_or(|pattern| matches(pattern, key))
                && kind.is_none_or(|kind| kind.eq_ignore_ascii_case(name.as_bytes()))
        })
        .map(|(_, key, _)| key.clone())
        .collect();
    let next = end.unwrap_or(0).to_string();
    Ok(Reply::Array(vec![Reply::bulk(next), Reply::strings(page)]))
}

/// 48 bits, so that a cursor survives a client that reads it as a JSON number; never 0, which means the end.
fn position(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    (hasher.finish() >> 16).max(1)
}
