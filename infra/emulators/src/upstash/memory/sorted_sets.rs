//! Sorted sets. A range sorts the members when it is asked for: the sets of a laptop are small.

use super::super::reply::Reply;
use super::arguments::{float, float_text, integer, pairs, span, word};
use super::store::{Bytes, Failure, Outcome, SortedSet, Store};
use super::{Operation, operation};

pub(super) const OPERATIONS: &[Operation] = &[
    operation("ZADD", -4, add),
    operation("ZINCRBY", 4, |store, words| {
        let (amount, member) = (float(word(words, 1)?)?, word(words, 2)?);
        store.change::<SortedSet, _>(word(words, 0)?, |set| {
            increment(set, member, amount).map(|score| Reply::Bulk(float_text(score)))
        })
    }),
    operation("ZREM", -3, |store, words| {
        store.change::<SortedSet, _>(word(words, 0)?, |set| {
            let members = words.iter().skip(1);
            Ok(Reply::count(
                members.filter(|member| set.remove(*member).is_some()).count(),
            ))
        })
    }),
    operation("ZSCORE", 3, |store, words| {
        let member = word(words, 1)?;
        let set = store.get::<SortedSet>(word(words, 0)?)?;
        let score = set.and_then(|set| set.get(member).copied());
        Ok(Reply::optional(score.map(float_text)))
    }),
    operation("ZCARD", 2, |store, words| {
        let set = store.get::<SortedSet>(word(words, 0)?)?;
        Ok(Reply::count(set.map_or(0, |set| set.len())))
    }),
    operation("ZCOUNT", 4, |store, words| {
        let bounds = Bounds::parse(word(words, 1)?, word(words, 2)?)?;
        let set = store.get::<SortedSet>(word(words, 0)?)?;
        let count = set.map_or(0, |set| set.values().filter(|score| bounds.hold(**score)).count());
        Ok(Reply::count(count))
    }),
    operation("ZREMRANGEBYSCORE", 4, |store, words| {
        let bounds = Bounds::parse(word(words, 1)?, word(words, 2)?)?;
        store.change::<SortedSet, _>(word(words, 0)?, |set| {
            let before = set.len();
            set.retain(|_, score| !bounds.hold(*score));
            Ok(Reply::count(before - set.len()))
        })
    }),
    operation("ZRANGE", -4, |store, words| range(store, words, &Range::default())),
    operation("ZREVRANGE", -4, |store, words| {
        range(
            store,
            words,
            &Range {
                reverse: true,
                fixed: true,
                ..Range::default()
            },
        )
    }),
    operation("ZRANGEBYSCORE", -4, |store, words| {
        range(
            store,
            words,
            &Range {
                by_score: true,
                fixed: true,
                ..Range::default()
            },
        )
    }),
    operation("ZREVRANGEBYSCORE", -4, |store, words| {
        range(
            store,
            words,
            &Range {
                by_score: true,
                reverse: true,
                fixed: true,
                ..Range::default()
            },
        )
    }),
];

fn increment(set: &mut SortedSet, member: &[u8], amount: f64) -> Result<f64, Failure> {
    let score = set.get(member).unwrap_or(&0.0) + amount;
    if score.is_nan() {
        return Err(Failure::new("ERR resulting score is not a number (NaN)"));
    }
    set.insert(member.to_vec(), score);
    Ok(score)
}

/// The options before the scores of `ZADD`.
#[derive(Default)]
struct AddOptions {
    /// `Some(true)`: `XX`, only members that are there; `Some(false)`: `NX`, only new ones.
    requires: Option<bool>,
    greater: bool,
    less: bool,
    changed: bool,
    increment: bool,
}

impl AddOptions {
    /// Returns the options and the words after them.
    fn parse(mut words: &[Vec<u8>]) -> Result<(Self, &[Vec<u8>]), Failure> {
        let mut options = Self::default();
        while let [option, rest @ ..] = words {
            match option.to_ascii_uppercase().as_slice() {
                b"NX" if options.requires != Some(true) => options.requires = Some(false),
                b"XX" if options.requires != Some(false) => options.requires = Some(true),
                b"NX" | b"XX" => {
                    return Err(Failure::new(
                        "ERR XX and NX options at the same time are not compatible",
                    ));
                }
                b"GT" => options.greater = true,
                b"LT" => options.less = true,
                b"CH" => options.changed = true,
                b"INCR" => options.increment = true,
                _ => break,
            }
            words = rest;
        }
        let exclusive = [options.greater, options.less, options.requires == Some(false)];
        if exclusive.into_iter().filter(|set| *set).count() > 1 {
            return Err(Failure::new(
                "ERR GT, LT, and/or NX options at the same time are not compatible",
            ));
        }
        Ok((options, words))
    }

    fn permit(&self, current: Option<f64>, score: f64) -> bool {
        self.requires.is_none_or(|present| present == current.is_some())
            && current.is_none_or(|current| (!self.greater || score > current) && (!self.less || score < current))
    }
}

fn add(store: &mut Store, words: &[Vec<u8>]) -> Outcome {
    let (options, tail) = AddOptions::parse(words.get(1..).unwrap_or_default())?;
    let mut entries = Vec::new();
    for (score, member) in pairs(tail, "zadd").map_err(|_| Failure::SYNTAX)? {
        entries.push((float(score)?, member));
    }
    if options.increment && entries.len() > 1 {
        return Err(Failure::new("ERR INCR option supports a single increment-element pair"));
    }
    store.change::<SortedSet, _>(word(words, 0)?, |set| {
        let (mut added, mut updated) = (0, 0);
        let mut incremented = None;
        for (score, member) in entries {
            let current = set.get(member).copied();
            let score = if options.increment {
                current.unwrap_or(0.0) + score
            } else {
                score
            };
            if score.is_nan() {
                return Err(Failure::new("ERR resulting score is not a number (NaN)"));
            }
            if !options.permit(current, score) {
                continue;
            }
            added += usize::from(current.is_none());
            updated += usize::from(current.is_some_and(|current| current != score));
            set.insert(member.to_vec(), score);
            incremented = Some(float_text(score));
        }
        Ok(if options.increment {
            Reply::optional(incremented)
        } else {
            Reply::count(if options.changed { added + updated } else { added })
        })
    })
}

/// A range of scores: `5`, `(5` without 5 itself, `-inf`, `+inf`.
struct Bounds {
    least: (f64, bool),
    most: (f64, bool),
}

impl Bounds {
    fn parse(least: &[u8], most: &[u8]) -> Result<Self, Failure> {
        let bound = |word: &[u8]| {
            let (number, inclusive) = match word {
                [b'(', number @ ..] => (number, false),
                number => (number, true),
            };
            float(number)
                .map(|number| (number, inclusive))
                .map_err(|_| Failure::new("ERR min or max is not a float"))
        };
        Ok(Self {
            least: bound(least)?,
            most: bound(most)?,
        })
    }

    fn hold(&self, score: f64) -> bool {
        let ((least, with_least), (most, with_most)) = (self.least, self.most);
        (score > least || with_least && score == least) && (score < most || with_most && score == most)
    }
}

/// What a range command asks for besides its two ends.
#[derive(Clone, Default)]
struct Range {
    by_score: bool,
    reverse: bool,
    /// The command's name says it all: `BYSCORE` and `REV` are not options of it.
    fixed: bool,
    with_scores: bool,
    /// Offset and count; a negative count means all.
    limit: Option<(i64, i64)>,
}

impl Range {
    fn with_options(&self, mut words: &[Vec<u8>]) -> Result<Self, Failure> {
        let mut range = self.clone();
        while let [option, rest @ ..] = words {
            words = rest;
            match (option.to_ascii_uppercase().as_slice(), rest) {
                (b"WITHSCORES", _) => range.with_scores = true,
                (b"BYSCORE", _) if !self.fixed => range.by_score = true,
                (b"REV", _) if !self.fixed => range.reverse = true,
                (b"BYLEX", _) if !self.fixed => {
                    return Err(Failure::new("ERR BYLEX is not supported by this local endpoint"));
                }
                (b"LIMIT", [offset, count, rest @ ..]) => {
                    range.limit = Some((integer(offset)?, integer(count)?));
                    words = rest;
                }
                _ => return Err(Failure::SYNTAX),
            }
        }
        if range.limit.is_some() && !range.by_score {
            return Err(Failure::new(
                "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            ));
        }
        Ok(range)
    }
}

fn range(store: &mut Store, words: &[Vec<u8>], kind: &Range) -> Outcome {
    let (start, stop) = (word(words, 1)?, word(words, 2)?);
    let range = kind.with_options(words.get(3..).unwrap_or_default())?;
    let mut members: Vec<(Bytes, f64)> = store
        .get::<SortedSet>(word(words, 0)?)?
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .collect();
    // Stable: members of one score stay in the order of their names.
    members.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    if range.reverse {
        members.reverse();
    }
    if range.by_score {
        let (least, most) = if range.reverse { (stop, start) } else { (start, stop) };
        let bounds = Bounds::parse(least, most)?;
        members.retain(|(_, score)| bounds.hold(*score));
        let (offset, count) = range.limit.unwrap_or((0, -1));
        // A negative offset is an empty range in Redis, not an error.
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX).min(members.len());
        members.drain(..skipped);
        members.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    } else {
        let kept = span(integer(start)?, integer(stop)?, members.len());
        members.truncate(kept.end);
        members.drain(..kept.start);
    }
    let with_scores = range.with_scores;
    Ok(Reply::strings(members.into_iter().flat_map(move |(member, score)| {
        std::iter::once(member).chain(with_scores.then(|| float_text(score)))
    })))
}
