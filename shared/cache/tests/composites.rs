//! Composites as several processes share them through one Redis.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use jiff::SignedDuration;
use tripsage_cache::{Admission, CompositeKey, Composites, Content, Limit, Made, Redis, Seen, Source, Tag, Wanted};
use tripsage_domain::ports::Clock as _;
use tripsage_emulators::proxy::{Effect, Fault};
use tripsage_testkit::TestCloud;

/// What one process has.
struct Process {
    redis: Redis,
    admission: Admission,
    composites: Composites,
}

impl Process {
    fn of(cloud: &TestCloud) -> Self {
        Self {
            redis: Redis::new(&cloud.runtime_with("search", &[("REDIS_TIMEOUT_MS", "5000")])),
            admission: Admission::default(),
            composites: Composites::default(),
        }
    }

    async fn admit(&self, cloud: &TestCloud, key: &CompositeKey) -> Seen {
        let limit = Limit {
            requests: 100_000,
            window: Duration::from_secs(60),
        };
        let wanted = Wanted {
            tags: &[Tag::Search],
            composite: Some(key),
        };
        let check = self
            .admission
            .check(&self.redis, "somebody", None, limit, cloud.clock.now(), wanted);
        check.await.1
    }

    /// A request for `key`, whose maker gives `value`.
    async fn ask(&self, cloud: &TestCloud, key: &CompositeKey, value: &str) -> (String, Source, bool) {
        let seen = self.admit(cloud, key).await;
        let make = async || Ok::<_, ()>(made(value));
        let cached = self
            .composites
            .get_or_make(&self.redis, &seen, key, make)
            .await
            .unwrap();
        ((*cached.value).clone(), cached.source, cached.stale)
    }

    /// A request for `key`, whose maker fails.
    async fn fail(&self, cloud: &TestCloud, key: &CompositeKey) -> Option<(String, bool)> {
        let seen = self.admit(cloud, key).await;
        let make = async || Err::<Made<String>, ()>(());
        let cached = self.composites.get_or_make(&self.redis, &seen, key, make).await.ok()?;
        Some(((*cached.value).clone(), cached.stale))
    }
}

fn key(part: &str) -> CompositeKey {
    CompositeKey::new(Content::FlightPrices, 1, &[part], &[Tag::Search])
}

fn made(value: &str) -> Made<String> {
    Made {
        value: value.to_owned(),
        keep: true,
    }
}

fn found(value: &str, source: Source) -> (String, Source, bool) {
    (value.to_owned(), source, false)
}

#[tokio::test]
async fn what_one_process_made_the_others_find_in_the_round_trip_of_their_admission() {
    let cloud = TestCloud::start().await;
    let (one, other) = (Process::of(&cloud), Process::of(&cloud));
    let key = key("a");
    assert_eq!(one.ask(&cloud, &key, "first").await, found("first", Source::Made));
    assert_eq!(one.ask(&cloud, &key, "second").await, found("first", Source::Process));
    cloud.cloud.upstash().reset();
    assert_eq!(other.ask(&cloud, &key, "second").await, found("first", Source::Redis));
    assert_eq!(
        cloud.cloud.upstash().calls().len(),
        1,
        "the admission script brought it"
    );
    assert_eq!(other.ask(&cloud, &key, "second").await, found("first", Source::Process));

    cloud.clock.advance(SignedDuration::from_secs(300));
    assert_eq!(one.ask(&cloud, &key, "third").await, found("third", Source::Made));
    assert_eq!(other.ask(&cloud, &key, "fourth").await, found("third", Source::Redis));
}

#[tokio::test]
async fn a_bumped_tag_makes_everything_of_it_void_everywhere() {
    let cloud = TestCloud::start().await;
    let (one, other) = (Process::of(&cloud), Process::of(&cloud));
    let key = key("a");
    one.ask(&cloud, &key, "first").await;
    other.ask(&cloud, &key, "first").await;
    one.composites.bump(&one.redis, &Tag::Search).await.unwrap();
    let void = other.fail(&cloud, &key).await;
    assert_eq!(void, None, "what is void is not even given out as stale");
    assert_eq!(other.ask(&cloud, &key, "second").await, found("second", Source::Made));
    assert_eq!(one.ask(&cloud, &key, "third").await, found("second", Source::Redis));
}

#[tokio::test]
async fn one_that_cannot_be_made_anew_is_given_out_as_stale_for_a_while() {
    let cloud = TestCloud::start().await;
    let (one, other) = (Process::of(&cloud), Process::of(&cloud));
    let key = key("a");
    one.ask(&cloud, &key, "first").await;
    cloud.clock.advance(SignedDuration::from_secs(301));
    assert_eq!(one.fail(&cloud, &key).await, Some(("first".to_owned(), true)));
    assert_eq!(other.fail(&cloud, &key).await, Some(("first".to_owned(), true)));
    cloud.clock.advance(SignedDuration::from_secs(900));
    assert_eq!(one.fail(&cloud, &key).await, None);
    assert_eq!(other.fail(&cloud, &key).await, None);
}

#[tokio::test]
async fn what_is_incomplete_is_given_to_who_asked_and_not_kept() {
    let cloud = TestCloud::start().await;
    let one = Process::of(&cloud);
    let key = key("a");
    let seen = one.admit(&cloud, &key).await;
    let make = async || {
        Ok::<_, ()>(Made {
            keep: false,
            ..made("part")
        })
    };
    let cached = one.composites.get_or_make(&one.redis, &seen, &key, make).await.unwrap();
    assert_eq!((*cached.value).clone(), "part");
    assert_eq!(one.ask(&cloud, &key, "whole").await, found("whole", Source::Made));
}

/// How often it is made when a hundred ask for it at once in so many processes, and it takes so long.
async fn times_made(count: usize, takes: Duration) -> usize {
    let cloud = Arc::new(TestCloud::start().await);
    let processes: Vec<_> = (0..count).map(|_| Arc::new(Process::of(&cloud))).collect();
    let times = Arc::new(AtomicUsize::new(0));
    let asked = (0..100).map(|index: usize| {
        let (cloud, process, times) = (
            Arc::clone(&cloud),
            Arc::clone(&processes[index % count]),
            Arc::clone(&times),
        );
        tokio::spawn(async move {
            let key = key("a");
            let seen = process.admit(&cloud, &key).await;
            let make = async || {
                times.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(takes).await;
                Ok::<_, ()>(made("once"))
            };
            let cached = process.composites.get_or_make(&process.redis, &seen, &key, make).await;
            (*cached.unwrap().value).clone()
        })
    });
    for task in asked.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), "once");
    }
    times.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_hundred_that_miss_at_once_make_it_once() {
    assert_eq!(times_made(4, Duration::from_millis(300)).await, 1);
}

#[tokio::test]
async fn nor_do_they_lose_patience_while_it_takes_as_long_as_a_provider_may() {
    assert_eq!(times_made(20, Duration::from_secs(6)).await, 1);
}

#[tokio::test]
async fn one_of_those_who_wait_takes_the_place_of_a_holder_that_is_gone() {
    let cloud = Arc::new(TestCloud::start().await);
    let key = key("a");
    let gone = Process::of(&cloud);
    let seen = gone.admit(&cloud, &key).await;
    let make = async || std::future::pending::<Result<Made<String>, ()>>().await;
    let killed = gone.composites.get_or_make(&gone.redis, &seen, &key, make);
    assert!(tokio::time::timeout(Duration::from_millis(300), killed).await.is_err());

    let waiting = (0..10).map(|_| {
        let (cloud, key) = (Arc::clone(&cloud), key.clone());
        tokio::spawn(async move { Process::of(&cloud).ask(&cloud, &key, "next").await.1 })
    });
    let waiting: Vec<_> = waiting.collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    cloud.clock.advance(SignedDuration::from_secs(8));
    let mut made = 0;
    for task in waiting {
        made += usize::from(task.await.unwrap() == Source::Made);
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn a_lock_whose_holder_is_gone_ends_by_itself() {
    let cloud = TestCloud::start().await;
    let (one, other) = (Process::of(&cloud), Process::of(&cloud));
    let key = key("a");
    let seen = one.admit(&cloud, &key).await;
    let make = async || std::future::pending::<Result<Made<String>, ()>>().await;
    let killed = one.composites.get_or_make(&one.redis, &seen, &key, make);
    assert!(tokio::time::timeout(Duration::from_millis(500), killed).await.is_err());
    cloud.clock.advance(SignedDuration::from_secs(20));
    assert_eq!(other.ask(&cloud, &key, "second").await, found("second", Source::Made));
}

#[tokio::test]
async fn a_holder_that_is_late_leaves_the_lock_of_the_next_one_alone() {
    let cloud = TestCloud::start().await;
    let one = Process::of(&cloud);
    for keep in [true, false] {
        let key = key(if keep { "a" } else { "b" });
        let seen = one.admit(&cloud, &key).await;
        let redis = Redis::new(&cloud.runtime("search"));
        let make = async || {
            let locks = redis.command(&["KEYS", "lock:*"]).await.unwrap();
            let name = locks[0].as_str().unwrap().to_owned();
            redis.command(&["SET", &name, "newer"]).await.unwrap();
            Ok::<_, ()>(Made { keep, ..made("late") })
        };
        one.composites.get_or_make(&one.redis, &seen, &key, make).await.unwrap();
        let locks = redis.command(&["KEYS", "lock:*"]).await.unwrap();
        assert_eq!(locks.as_array().unwrap().len(), 1);
        redis.command(&["DEL", locks[0].as_str().unwrap()]).await.unwrap();
    }
}

#[tokio::test]
async fn rubbish_in_redis_is_a_miss_and_is_replaced() {
    let cloud = TestCloud::start().await;
    let one = Process::of(&cloud);
    let key = key("a");
    one.ask(&cloud, &key, &"first".repeat(1000)).await;
    let names = one.redis.command(&["KEYS", "composite:*"]).await.unwrap();
    let name = names[0].as_str().unwrap().to_owned();
    for rubbish in ["", "PONG", "{}\n", "{\"at\":1,\"tags\":{},\"packed\":true}\nH4sI"] {
        one.redis.command(&["SET", &name, rubbish]).await.unwrap();
        let fresh = Process::of(&cloud);
        assert_eq!(fresh.ask(&cloud, &key, "second").await.1, Source::Made, "{rubbish}");
    }
    // Of another type than a text: MGET says that there is none, and SET puts one there.
    one.redis.command(&["DEL", &name]).await.unwrap();
    one.redis.command(&["LPUSH", &name, "x"]).await.unwrap();
    let fresh = Process::of(&cloud);
    assert_eq!(fresh.ask(&cloud, &key, "third").await, found("third", Source::Made));
    assert_eq!(
        Process::of(&cloud).ask(&cloud, &key, "x").await,
        found("third", Source::Redis)
    );
}

#[tokio::test]
async fn without_redis_a_process_believes_itself_for_ten_seconds_and_recovers() {
    let cloud = TestCloud::start().await;
    let one = Process::of(&cloud);
    let key = key("a");
    cloud.cloud.upstash().fault(Fault::new(Effect::Reset));
    assert_eq!(one.ask(&cloud, &key, "first").await, found("first", Source::Made));
    assert_eq!(one.ask(&cloud, &key, "second").await, found("first", Source::Process));
    cloud.clock.advance(SignedDuration::from_secs(11));
    let old = one.fail(&cloud, &key).await;
    assert_eq!(
        old,
        Some(("first".to_owned(), false)),
        "better than nothing, and not yet old"
    );
    assert_eq!(one.ask(&cloud, &key, "second").await, found("second", Source::Made));
    cloud.cloud.upstash().reset();
    cloud.clock.advance(SignedDuration::from_secs(6));
    assert_eq!(one.ask(&cloud, &key, "third").await, found("third", Source::Made));
    let other = Process::of(&cloud);
    assert_eq!(other.ask(&cloud, &key, "x").await, found("third", Source::Redis));
}
