use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    future::Future,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{CompositeKey, Redis, RedisError, Seen, Tag, redis::Script, stored};

/// What is put together from others, or costs money to ask for, kept for a while: in this process, and in Redis for
/// all of them.
pub struct Composites {
    process: Cache<String, Kept>,
    making: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
    keep: Script,
    release: Script,
}

#[derive(Clone)]
struct Kept {
    value: Arc<dyn Any + Send + Sync>,
    made_at: Timestamp,
    tags: BTreeMap<String, String>,
}

/// Where a composite came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// This process had it.
    Process,
    /// Redis had it.
    Redis,
    /// It was made for this request.
    Made,
}

/// A composite.
#[derive(Debug, Clone)]
pub struct Cached<T> {
    /// It.
    pub value: Arc<T>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether it is older than its kind should be, because it could not be made anew.
    pub stale: bool,
    /// Where it came from.
    pub source: Source,
}

/// What making a composite gave.
#[derive(Debug, Clone)]
pub struct Made<T> {
    /// It.
    pub value: T,
    /// Whether others may be given it too. What is incomplete is not worth keeping.
    pub keep: bool,
}

/// Composites that a process remembers.
const REMEMBERED: usize = 512;

/// Without Redis nobody tells this process that a composite became void, so it believes its own copy only this long.
const UNTOLD: SignedDuration = SignedDuration::from_secs(10);

/// Longer than whatever is asked of a provider takes (6.5 seconds), so that a lock ends by itself only when its holder
/// is gone.
const LOCK: Duration = Duration::from_secs(7);

/// How often others look whether the holder of the lock is through, at first; then half as often each time.
const FIRST_LOOK: Duration = Duration::from_millis(100);

/// But at least this often.
const LAST_LOOK: Duration = Duration::from_millis(500);

/// Longer than any composite is given out, stale ones included: a tag that has ended by then makes nothing valid again.
const TAG: Duration = Duration::from_secs(3 * 86_400);

/// Ends the lock if it is still this holder's, and keeps the composite.
const KEEP: &str = "
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
";

const RELEASE: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
";

impl Default for Composites {
    fn default() -> Self {
        Self {
            process: Cache::new(REMEMBERED),
            making: Mutex::default(),
            keep: Script::new(KEEP),
            release: Script::new(RELEASE),
        }
    }
}

/// What could be found without making it.
enum Look<T> {
    Fresh(Cached<T>),
    /// To be given out when it cannot be made.
    Old(Cached<T>),
    Nothing,
}

impl Composites {
    /// The composite of `key`: this process's, or the one in Redis, or else what `make` gives. However many ask for it
    /// at once, in whatever processes, `make` runs once; the others wait for what it gives.
    ///
    /// When `make` fails, and there is one that is not too old, that one is given out as stale.
    ///
    /// # Errors
    /// What `make` fails with, when there is nothing to give instead.
    pub async fn get_or_make<T, E, F>(
        &self,
        redis: &Redis,
        seen: &Seen,
        key: &CompositeKey,
        make: impl FnOnce() -> F,
    ) -> Result<Cached<T>, E>
    where
        T: Serialize + DeserializeOwned + Send + Sync + 'static,
        F: Future<Output = Result<Made<T>, E>>,
    {
        let mut versions = seen.versions_of(key);
        let mut old = match self.look_here(key, versions.as_ref(), seen) {
            Look::Fresh(cached) => return Ok(cached),
            Look::Old(cached) => Some(cached),
            Look::Nothing => None,
        };
        let flight = self.flight(key);
        let _alone = flight.lock().await;
        // Whoever was before this one may have left it.
        if let Look::Fresh(cached) = self.look_here(key, versions.as_ref(), seen) {
            return Ok(cached);
        }
        let mut lock = None;
        if !seen.degraded {
            match self.look_there(redis, seen, key, &mut versions).await {
                Look::Fresh(cached) => return Ok(cached),
                Look::Old(cached) => old = Some(cached),
                Look::Nothing => {}
            }
            match self.lock_or_wait(redis, seen, key, &mut versions).await {
                Ok(token) => lock = token,
                Err(cached) => return Ok(cached),
            }
        }
        match make().await {
            Ok(made) => {
                let now = redis.now();
                let value = Arc::new(made.value);
                if made.keep {
                    self.keep(redis, key, &value, now, versions, lock.as_deref()).await;
                } else {
                    self.release(redis, key, lock.as_deref()).await;
                }
                Ok(Cached {
                    value,
                    made_at: now,
                    stale: false,
                    source: Source::Made,
                })
            }
            Err(error) => {
                self.release(redis, key, lock.as_deref()).await;
                old.ok_or(error)
            }
        }
    }

    /// Whether this process has a fresh one, if its tags have not changed since.
    pub fn has(&self, key: &CompositeKey, now: Timestamp) -> bool {
        self.process
            .get(&key.text)
            .is_some_and(|kept| age(kept.made_at, now) < key.content.fresh())
    }

    /// Makes every composite that depends on `tag` void, in all processes. One command.
    ///
    /// # Errors
    /// When Redis does not answer: composites that were kept in Redis then live until they are no longer fresh.
    pub async fn bump(&self, redis: &Redis, tag: &Tag) -> Result<(), RedisError> {
        // A random text rather than a counter: when it is lost, no version of before comes back but the one before the
        // first bump.
        let (version, seconds) = (redis.nonce(), TAG.as_secs().to_string());
        let command = ["SET", &tag.redis_key(), &version, "EX", &seconds];
        redis.command(&command).await.map(|_| ())
    }

    fn look_here<T: Send + Sync + 'static>(
        &self,
        key: &CompositeKey,
        versions: Option<&BTreeMap<String, String>>,
        seen: &Seen,
    ) -> Look<T> {
        let Some(kept) = self.process.get(&key.text) else {
            return Look::Nothing;
        };
        let Ok(value) = kept.value.downcast::<T>() else {
            return Look::Nothing;
        };
        let since = seen.now.duration_since(kept.made_at);
        let found = || judge(key, value, kept.made_at, seen.now, Source::Process);
        match versions {
            Some(versions) if *versions == kept.tags => found(),
            None if seen.degraded && since < UNTOLD => found(),
            None if seen.degraded => found().aged(),
            _ => Look::Nothing,
        }
    }

    /// Looks in Redis, unless the admission script already did. One command.
    async fn look_there<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        redis: &Redis,
        seen: &Seen,
        key: &CompositeKey,
        versions: &mut Option<BTreeMap<String, String>>,
    ) -> Look<T> {
        match seen.composite_of(key) {
            Some(text) if versions.is_some() => self.take(key, text, versions.as_ref(), seen.now),
            _ => self.ask(redis, seen, key, versions).await.0,
        }
    }

    /// The composite in Redis, and who is making it, if anybody is.
    async fn ask<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        redis: &Redis,
        seen: &Seen,
        key: &CompositeKey,
        versions: &mut Option<BTreeMap<String, String>>,
    ) -> (Look<T>, Option<String>) {
        let lock = lock_of(key);
        let tags: Vec<String> = key.tags.iter().map(Tag::redis_key).collect();
        let mut command = vec!["MGET", &key.text, &lock];
        command.extend(tags.iter().map(String::as_str));
        let Ok(Value::Array(answer)) = redis.command(&command).await else {
            return (Look::Nothing, None);
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let current = key.tags.iter().map(Tag::name).zip(answer.iter().skip(2).map(text));
        *versions = Some(current.collect());
        let found = answer.first().and_then(Value::as_str);
        let holder = answer.get(1).and_then(Value::as_str).map(str::to_owned);
        (self.take(key, found, versions.as_ref(), seen.now), holder)
    }

    fn take<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        key: &CompositeKey,
        text: Option<&str>,
        versions: Option<&BTreeMap<String, String>>,
        now: Timestamp,
    ) -> Look<T> {
        let Some(found) = text.and_then(stored::read::<T>) else {
            return Look::Nothing;
        };
        if versions != Some(&found.tags) {
            return Look::Nothing;
        }
        let value = Arc::new(found.value);
        self.process.insert(
            key.text.clone(),
            Kept {
                value: Arc::clone(&value) as _,
                made_at: found.made_at,
                tags: found.tags,
            },
        );
        judge(key, value, found.made_at, now, Source::Redis)
    }

    /// Takes the lock of the key, or waits until its holder has left the composite or is gone; then one of those who wait
    /// takes its place. How long a caller waits in all is the caller's affair. `Ok(None)`: nobody can be waited for.
    async fn lock_or_wait<T: DeserializeOwned + Send + Sync + 'static>(
        &self,
        redis: &Redis,
        seen: &Seen,
        key: &CompositeKey,
        versions: &mut Option<BTreeMap<String, String>>,
    ) -> Result<Option<String>, Cached<T>> {
        let (name, token) = (lock_of(key), redis.nonce());
        let milliseconds = LOCK.as_millis().to_string();
        let (begun, mut pause) = (tokio::time::Instant::now(), FIRST_LOOK);
        let mut is_free = true;
        while begun.elapsed() < LOCK + LAST_LOOK {
            if is_free {
                let command = ["SET", &name, &token, "NX", "PX", &milliseconds];
                match redis.command(&command).await {
                    Ok(Value::Null) => {}
                    Ok(_) => return Ok(Some(token)),
                    Err(_) => return Ok(None),
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LAST_LOOK);
            let (look, lock) = self.ask(redis, seen, key, versions).await;
            if let Look::Fresh(cached) = look {
                return Err(cached);
            }
            is_free = lock.is_none();
        }
        Ok(None)
    }

    async fn keep<T: Serialize + Send + Sync + 'static>(
        &self,
        redis: &Redis,
        key: &CompositeKey,
        value: &Arc<T>,
        made_at: Timestamp,
        versions: Option<BTreeMap<String, String>>,
        lock: Option<&str>,
    ) {
        // Without Redis the versions are not known: the copy is this process's alone, and void once Redis is back.
        let text = versions
            .as_ref()
            .and_then(|tags| stored::write(&**value, made_at, tags));
        let tags = versions.unwrap_or_else(|| BTreeMap::from([(String::new(), redis.nonce())]));
        self.process.insert(
            key.text.clone(),
            Kept {
                value: Arc::clone(value) as _,
                made_at,
                tags,
            },
        );
        let Some(text) = text else {
            return self.release(redis, key, lock).await;
        };
        let milliseconds = (key.content.fresh() + key.content.stale()).as_millis().to_string();
        let arguments = [lock.unwrap_or_default(), &text, &milliseconds];
        if let Err(error) = redis.script(&self.keep, &[&key.text, &lock_of(key)], &arguments).await {
            tracing::debug!(%error, "a composite is kept by this process alone");
        }
    }

    async fn release(&self, redis: &Redis, key: &CompositeKey, lock: Option<&str>) {
        let Some(token) = lock else { return };
        if let Err(error) = redis.script(&self.release, &[&lock_of(key)], &[token]).await {
            tracing::debug!(%error, "a lock ends by itself");
        }
    }

    /// What those who want to make the same composite in this process queue for.
    fn flight(&self, key: &CompositeKey) -> Arc<tokio::sync::Mutex<()>> {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = making.get(&key.text).and_then(Weak::upgrade) {
            return flight;
        }
        making.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::default();
        making.insert(key.text.clone(), Arc::downgrade(&flight));
        flight
    }
}

impl<T> Look<T> {
    fn aged(self) -> Self {
        match self {
            Self::Fresh(cached) => Self::Old(cached),
            other => other,
        }
    }
}

fn lock_of(key: &CompositeKey) -> String {
    format!("lock:{}", key.text)
}

fn age(made_at: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(made_at).try_into().unwrap_or_default()
}

fn judge<T>(key: &CompositeKey, value: Arc<T>, made_at: Timestamp, now: Timestamp, source: Source) -> Look<T> {
    let age = age(made_at, now);
    let cached = |stale| Cached {
        value,
        made_at,
        stale,
        source,
    };
    if age < key.content.fresh() {
        Look::Fresh(cached(false))
    } else if age < key.content.fresh() + key.content.stale() {
        Look::Old(cached(true))
    } else {
        Look::Nothing
    }
}
