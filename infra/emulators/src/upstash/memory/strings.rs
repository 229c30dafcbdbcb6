//! Strings and counters.

use super::super::reply::Reply;
use super::arguments::{expiry, float, float_text, integer, pairs, word};
use super::store::{Bytes, Failure, Outcome, Store, Value};
use super::{Operation, operation};

pub(super) const OPERATIONS: &[Operation] = &[
    operation("GET", 2, get),
    operation("SET", -3, set),
    operation("SETNX", 3, set_nx),
    operation("SETEX", 4, |store, words| set_for(store, words, b"EX", "setex")),
    operation("PSETEX", 4, |store, words| set_for(store, words, b"PX", "psetex")),
    operation("GETDEL", 2, get_del),
    operation("GETEX", -2, get_ex),
    operation("MGET", -2, multi_get),
    operation("MSET", -3, multi_set),
    operation("INCR", 2, |store, words| add(store, words, 1)),
    operation("DECR", 2, |store, words| add(store, words, -1)),
    operation("INCRBY", 3, |store, words| add(store, words, integer(word(words, 1)?)?)),
    operation("DECRBY", 3, |store, words| {
        let amount = integer(word(words, 1)?)?;
        let negated = amount
            .checked_neg()
            .ok_or_else(|| Failure::new("ERR decrement would overflow"))?;
        add(store, words, negated)
    }),
    operation("INCRBYFLOAT", 3, add_float),
    operation("APPEND", 3, append),
    operation("STRLEN", 2, |store, words| {
        let value = store.get::<Bytes>(word(words, 0)?)?;
        Ok(Reply::count(value.map_or(0, |value| value.len())))
    }),
];

fn get(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    Ok(Reply::optional(store.get::<Bytes>(word(words, 0)?)?.cloned()))
}

/// The options of `SET`.
#[derive(Default)]
struct SetOptions {
    expires_at: Option<i64>,
    keep_ttl: bool,
    /// `Some(true)`: only if the key is there (`XX`); `Some(false)`: only if it is not (`NX`).
    requires: Option<bool>,
    get: bool,
}

fn set_options(words: &[Vec<u8>], now: i64) -> Result<SetOptions, Failure> {
    let mut options = SetOptions::default();
    let mut rest = words.iter();
    while let Some(option) = rest.next() {
        let timed = options.keep_ttl || options.expires_at.is_some();
        match option.to_ascii_uppercase().as_slice() {
            b"NX" if options.requires.is_none() => options.requires = Some(false),
            b"XX" if options.requires.is_none() => options.requires = Some(true),
            b"GET" => options.get = true,
            b"KEEPTTL" if !timed => options.keep_ttl = true,
            b"EX" | b"PX" | b"EXAT" | b"PXAT" if !timed => {
                let value = rest.next().ok_or(Failure::SYNTAX)?;
                options.expires_at = expiry(option, value, now, "set")?;
            }
            _ => return Err(Failure::SYNTAX),
        }
    }
    Ok(options)
}

fn set(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let (key, value) = (word(words, 0)?, word(words, 1)?);
    let options = set_options(words.get(2..).unwrap_or_default(), store.now())?;
    let previous = if options.get {
        store.get::<Bytes>(key)?.cloned()
    } else {
        None
    };
    let existing = store.entry(key).map(|entry| entry.expires_at);
    let applies = options.requires.is_none_or(|present| present == existing.is_some());
    if applies {
        let kept = existing.flatten().filter(|_| options.keep_ttl);
        store.put(key, Value::String(value.to_vec()), options.expires_at.or(kept));
        // EXAT and PXAT may name a moment that has passed.
        store.expire(key, options.expires_at.or(kept));
    }
    Ok(match (options.get, applies) {
        (true, _) => Reply::optional(previous),
        (false, true) => Reply::ok(),
        (false, false) => Reply::Nil,
    })
}

fn set_nx(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let (key, value) = (word(words, 0)?, word(words, 1)?);
    let absent = store.entry(key).is_none();
    if absent {
        store.put(key, Value::String(value.to_vec()), None);
    }
    Ok(Reply::flag(absent))
}

fn set_for(store: &mut Store, words: &[Vec<u8>], unit: &[u8], command: &str) -> Outcome {
    let expires_at = expiry(unit, word(words, 1)?, store.now(), command)?;
    store.put(word(words, 0)?, Value::String(word(words, 2)?.to_vec()), expires_at);
    Ok(Reply::ok())
}

fn get_del(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let key = word(words, 0)?;
    let value = store.get::<Bytes>(key)?.cloned();
    store.remove(key);
    Ok(Reply::optional(value))
}

fn get_ex(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let key = word(words, 0)?;
    let expires_at = match words.get(1..).unwrap_or_default() {
        [] => return get(store, words),
        [option] if option.eq_ignore_ascii_case(b"PERSIST") => None,
        [option, value] => Some(expiry(option, value, store.now(), "getex")?.ok_or(Failure::SYNTAX)?),
        _ => return Err(Failure::SYNTAX),
    };
    let value = store.get::<Bytes>(key)?.cloned();
    store.expire(key, expires_at);
    Ok(Reply::optional(value))
}

/// A key of another type counts as missing here.
fn multi_get(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let values = words
        .iter()
        .map(|key| Reply::optional(store.get::<Bytes>(key).ok().flatten().cloned()));
    Ok(Reply::Array(values.collect()))
}

fn multi_set(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    for (key, value) in pairs(words, "mset")? {
        store.put(key, Value::String(value.to_vec()), None);
    }
    Ok(Reply::ok())
}

fn add(store: &mut Store, words: &[Vec<u8>], amount: i64) -> Outcome {
    let key = word(words, 0)?;
    let current = store.get::<Bytes>(key)?.map_or(Ok(0), |value| integer(value))?;
    let sum = current.checked_add(amount).ok_or(Failure::OVERFLOW)?;
    overwrite(store, key, sum.to_string().into_bytes())?;
    Ok(Reply::Integer(sum))
}

fn add_float(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let (key, amount) = (word(words, 0)?, float(word(words, 1)?)?);
    let current = store.get::<Bytes>(key)?.map_or(Ok(0.0), |value| float(value))?;
    let sum = current + amount;
    if !sum.is_finite() {
        return Err(Failure::new("ERR increment would produce NaN or Infinity"));
    }
    overwrite(store, key, float_text(sum))?;
    Ok(Reply::Bulk(float_text(sum)))
}

/// A counter keeps its expiry.
fn overwrite(store: &mut Store, key: &[u8], text: Bytes) -> Result<(), Failure> {
    store.change::<Bytes, _>(key, |value| {
        *value = text;
        Ok(())
    })
}

fn append(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let tail = word(words, 1)?;
    store.change::<Bytes, _>(word(words, 0)?, |value| {
        value.extend_from_slice(tail);
        Ok(Reply::count(value.len()))
    })
}
