//! What users do, and how often.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use goose::prelude::*;
use serde_json::{Value, json};

use crate::{
    chance::Chance,
    data::{CITIES, TAGS},
    product::new_itinerary,
    report::Sample,
};

/// What users do, and how many times in a hundred.
const MIX: [(Action, usize); 9] = [
    (Action::List, 28),
    (Action::Detail, 32),
    (Action::Search, 8),
    (Action::ByDestination, 6),
    (Action::Leaderboard, 5),
    (Action::View, 10),
    (Action::Vote, 7),
    (Action::Rate, 3),
    (Action::Create, 1),
];

/// Cities, tags and searches that users ask for; the first more often than the last.
const POPULAR: usize = 15;

const SORTS: [&str; 4] = ["trending", "newest", "top-rated", "most-helpful"];

/// Something that a user does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    List,
    Detail,
    Search,
    ByDestination,
    Leaderboard,
    View,
    Vote,
    Rate,
    Create,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Detail => "detail",
            Self::Search => "search",
            Self::ByDestination => "by-destination",
            Self::Leaderboard => "leaderboard",
            Self::View => "view",
            Self::Vote => "vote",
            Self::Rate => "rate",
            Self::Create => "create",
        }
    }

    fn drawn(chance: &mut Chance) -> Self {
        let mut at = chance.below(MIX.iter().map(|(_, weight)| weight).sum());
        let found = MIX.iter().find(|(_, weight)| {
            let is_here = at < *weight;
            at = at.saturating_sub(*weight);
            is_here
        });
        found.map_or(Self::Detail, |(action, _)| *action)
    }
}

/// What users know, and what became of what they did.
#[derive(Debug)]
pub struct World {
    seed: u64,
    drawn: AtomicU64,
    /// Itineraries; those that come first are looked at more often.
    ids: Vec<String>,
    /// Access tokens of those who are signed in.
    tokens: Vec<String>,
    samples: Mutex<Vec<Sample>>,
}

impl World {
    /// With these itineraries and these travellers.
    pub fn new(seed: u64, ids: Vec<String>, tokens: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            seed,
            drawn: AtomicU64::new(0),
            ids,
            tokens,
            samples: Mutex::default(),
        })
    }

    /// What became of the requests since the last time.
    pub fn take_samples(&self) -> Vec<Sample> {
        std::mem::take(&mut *self.samples.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The only thing that users do again and again: something that is drawn.
    pub fn transaction(self: &Arc<Self>) -> Transaction {
        let world = Arc::clone(self);
        Transaction::new(Arc::new(move |user| {
            let world = Arc::clone(&world);
            Box::pin(async move { world.act(user).await })
        }))
    }

    async fn act(&self, user: &mut GooseUser) -> TransactionResult {
        let turn = self.drawn.fetch_add(1, Ordering::Relaxed);
        let mut chance = Chance::new(self.seed.wrapping_add(turn.wrapping_mul(0x2545_f491_4f6c_dd1d)));
        let action = Action::drawn(&mut chance);
        let (path, body) = self.request(action, &mut chance);
        let method = if body.is_some() {
            GooseMethod::Post
        } else {
            GooseMethod::Get
        };
        let mut builder = user.get_request_builder(&method, &path)?;
        if let Some(body) = &body {
            builder = builder.json(body);
        }
        if matches!(action, Action::Vote | Action::Rate | Action::Create)
            && let Some(token) = chance.one(&self.tokens)
        {
            builder = builder.bearer_auth(token);
        }
        let request = GooseRequest::builder()
            .method(method)
            .path(path.as_str())
            .name(action.name())
            .set_request_builder(builder)
            .build();
        let answer = user.request(request).await?;
        let mut sample = Sample {
            name: action.name(),
            at: answer.request.elapsed,
            micros: answer.request.response_time * 1000 + u64::from(answer.request.response_time_fraction_us),
            // One who votes or rates may have written what they were given by chance.
            is_error: !answer.request.success,
            was_cached: None,
        };
        if let Ok(response) = answer.response {
            let timings = response.headers().get_all("server-timing").iter();
            let timings: Vec<&str> = timings.filter_map(|value| value.to_str().ok()).collect();
            let says = |outcome: &str| {
                timings
                    .iter()
                    .any(|timing| timing.contains(&format!("desc=\"{outcome}\"")))
            };
            sample.was_cached = match (says("hit"), says("miss")) {
                (true, _) => Some(true),
                (_, true) => Some(false),
                _ => None,
            };
            // The connection is free for the next request only when the answer was read.
            let _ = response.bytes().await;
        }
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
        Ok(())
    }

    fn request(&self, action: Action, chance: &mut Chance) -> (String, Option<Value>) {
        let id = self.ids.get(chance.skewed(self.ids.len())).cloned().unwrap_or_default();
        let city = CITIES[chance.skewed(POPULAR)]
            .split(',')
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let tag = TAGS[chance.skewed(POPULAR)];
        let sort = SORTS[chance.skewed(SORTS.len())];
        let list = "/api/v1/itineraries";
        let (path, body) = match action {
            Action::List => match chance.below(4) {
                0 => (format!("{list}?sort={sort}"), None),
                1 => (format!("{list}?sort={sort}&page={}", 1 + chance.skewed(5)), None),
                2 => (format!("{list}?sort={sort}&activity={tag}"), None),
                _ => (format!("{list}?sort={sort}&destination={city}&women_safe=true"), None),
            },
            Action::Detail => (format!("{list}/{id}"), None),
            Action::Search => (format!("{list}?search={city}&activity={tag}"), None),
            Action::ByDestination => (format!("{list}/by-destination/{city}?sort={sort}"), None),
            Action::Leaderboard => (format!("{list}/leaderboard"), None),
            Action::View => {
                let session = chance.uuid().to_string();
                (format!("{list}/{id}/view"), Some(json!({ "session_id": session })))
            }
            Action::Vote => (format!("{list}/{id}/upvote"), Some(json!({}))),
            Action::Rate => {
                let rating = json!({ "overall_safety_score": 1 + chance.below(5) });
                (format!("{list}/{id}/rating"), Some(rating))
            }
            Action::Create => {
                let city = CITIES[chance.skewed(POPULAR)];
                (list.to_owned(), Some(new_itinerary(city)))
            }
        };
        (path, body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_about_as_often_as_the_mix_says() {
        let mut chance = Chance::new(1);
        let drawn: Vec<Action> = (0..10_000).map(|_| Action::drawn(&mut chance)).collect();
        for (action, weight) in MIX {
            let count = drawn.iter().filter(|other| **other == action).count();
            assert!(count.abs_diff(weight * 100) < 150, "{action:?}: {count}");
        }
    }
}
