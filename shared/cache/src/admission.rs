use std::{collections::HashMap, sync::Mutex, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

use crate::{CompositeKey, Redis, RedisError, Seen, Tag, redis::Script};

/// How many requests one caller may make in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests.
    pub requests: u32,
    /// Length of the window.
    pub window: Duration,
}

/// Where a caller stands with their limit, and whether their session was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether this request is within the limit.
    pub allowed: bool,
    /// Requests left in the window.
    pub remaining: u32,
    /// When the window has made room again.
    pub reset: Duration,
    /// Whether the credential is marked as revoked. `false` proves nothing.
    pub revoked: bool,
    /// Whether Redis did not answer, and the limit was judged by this process alone.
    pub degraded: bool,
}

/// What the script looks up beside the limit, at no further command.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Tags whose versions the request will need.
    pub tags: &'a [Tag],
    /// The composite that the request will most likely need.
    pub composite: Option<&'a CompositeKey>,
}

/// One script call for everything that has to be known before a request is served.
pub struct Admission {
    script: Script,
    local: Mutex<HashMap<String, (u64, u32, u32)>>,
}

/// `KEYS`: the window, the mark of a revocation, then whatever else is wanted, which is handed back as it is.
///
/// Sliding window counter: the last window counts by the part of it that still overlaps. The state is one text: the
/// number of the window, its count, and the count of the one before. Two commands inside, because those may be billed
/// too.
///
/// A refused request is not counted, so a caller who keeps asking is let in again as soon as there is room.
const SCRIPT: &str = "
local limit, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local current = math.floor(now / window)
local known = redis.call('MGET', unpack(KEYS))
local number, count, previous = string.match(known[1] or '', '^(%d+):(%d+):(%d+)$')
number, count, previous = tonumber(number or -1), tonumber(count or 0), tonumber(previous or 0)
if number ~= current then
  if number == current - 1 then previous = count else previous = 0 end
  count = 0
end
local used = count + math.floor(previous * (window - now % window) / window)
local allowed = 0
if used < limit then
  allowed = 1
  count = count + 1
  used = used + 1
  redis.call('SET', KEYS[1], string.format('%d:%d:%d', current, count, previous), 'PX', window * 2)
end
local revoked = 0
if known[2] then revoked = 1 end
local answer = { allowed, limit - used, window - now % window, revoked }
for i = 3, #KEYS do answer[i + 2] = known[i] or '' end
return answer
";

/// Callers that the fallback remembers; beyond that it forgets all and begins anew.
const MAX_LOCAL: usize = 10_000;

impl Default for Admission {
    fn default() -> Self {
        Self {
            script: Script::new(SCRIPT),
            local: Mutex::default(),
        }
    }
}

impl Admission {
    /// Counts a request of `caller`, looks up whether `credential` is marked as revoked, and whatever else is wanted. One
    /// command, one round trip.
    ///
    /// `caller` names the caller and the class of the operation. Without Redis the limit holds for this process.
    pub async fn check(
        &self,
        redis: &Redis,
        caller: &str,
        credential: Option<&str>,
        limit: Limit,
        now: Timestamp,
        wanted: Wanted<'_>,
    ) -> (Verdict, Seen) {
        let bucket = format!("limit:{caller}");
        let marker = revocation_key(credential.unwrap_or("nobody"));
        let tags: Vec<String> = wanted.tags.iter().map(Tag::redis_key).collect();
        let mut keys = vec![bucket.as_str(), &marker];
        keys.extend(tags.iter().map(String::as_str));
        keys.extend(wanted.composite.map(|key| key.text.as_str()));
        let window = limit.window.as_millis().to_string();
        let (requests, at) = (limit.requests.to_string(), now.as_millisecond().to_string());
        let arguments = [requests.as_str(), &window, &at];
        match redis
            .script(&self.script, &keys, &arguments)
            .await
            .and_then(|value| Ok((read_verdict(&value)?, Seen::read(&value, wanted, now))))
        {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(%error, "the limit is judged by this process alone");
                (self.check_locally(caller, limit, now), Seen::degraded(now))
            }
        }
    }

    fn check_locally(&self, caller: &str, limit: Limit, now: Timestamp) -> Verdict {
        let window = u64::try_from(limit.window.as_millis()).unwrap_or(u64::MAX).max(1);
        let now = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let (current, elapsed) = (now / window, now % window);
        let mut buckets = self.local.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if buckets.len() >= MAX_LOCAL && !buckets.contains_key(caller) {
            buckets.clear();
        }
        let (number, count, previous) = buckets.entry(caller.to_owned()).or_insert((current, 0, 0));
        if *number != current {
            *previous = if *number + 1 == current { *count } else { 0 };
            (*number, *count) = (current, 0);
        }
        let overlapping = u64::from(*previous) * (window - elapsed) / window;
        let used = *count + u32::try_from(overlapping).unwrap_or(u32::MAX);
        let allowed = used < limit.requests;
        *count += u32::from(allowed);
        Verdict {
            allowed,
            remaining: limit.requests.saturating_sub(used + u32::from(allowed)),
            reset: Duration::from_millis(window - elapsed),
            revoked: false,
            degraded: true,
        }
    }

    /// Marks a credential as revoked, so that every process refuses it at its next request.
    ///
    /// # Errors
    /// When Redis does not answer; the caller has already recorded the revocation in DynamoDB, where each process
    /// looks within seconds.
    pub async fn mark_revoked(&self, redis: &Redis, credential: &str, keep: Duration) -> Result<(), RedisError> {
        let seconds = keep.as_secs().max(1).to_string();
        redis
            .command(&["SET", &revocation_key(credential), "1", "EX", &seconds])
            .await
            .map(|_| ())
    }
}

fn revocation_key(credential: &str) -> String {
    format!("revoked:{credential}")
}

fn read_verdict(value: &Value) -> Result<Verdict, RedisError> {
    let number = |index: usize| value.get(index).and_then(Value::as_i64);
    match (number(0), number(1), number(2), number(3)) {
        (Some(allowed), Some(remaining), Some(reset), Some(revoked)) => Ok(Verdict {
            allowed: allowed == 1,
            remaining: u32::try_from(remaining).unwrap_or(0),
            reset: Duration::from_millis(u64::try_from(reset).unwrap_or(0)),
            revoked: revoked == 1,
            degraded: false,
        }),
        _ => Err(RedisError::Unavailable(
            "the script's answer is not four numbers".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_redis_a_process_keeps_the_limit_and_recovers() {
        let admission = Admission::default();
        let limit = Limit {
            requests: 10,
            window: Duration::from_secs(60),
        };
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let allowed = |second| {
            (0..20)
                .filter(|_| admission.check_locally("a", limit, at(second)).allowed)
                .count()
        };
        assert_eq!(allowed(0), 10);
        assert_eq!(allowed(59), 0);
        assert_eq!(allowed(90), 5, "half of the last window still counts");
        assert_eq!(allowed(400), 10);
        assert!(
            admission.check_locally("b", limit, at(0)).allowed,
            "callers are independent"
        );
    }
}
