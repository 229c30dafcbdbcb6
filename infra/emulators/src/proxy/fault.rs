//! Which requests fail, and how.

use std::time::Duration;

use super::Call;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// It is passed on after this time.
    Delay(Duration),
    /// It is not passed on; the client is given this.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The body, JSON.
        body: String,
    },
    /// It is not passed on; the connection is reset.
    Reset,
    /// It is passed on and executed, but its answer is lost and the connection is reset.
    LoseReply,
}

/// A rule for which requests suffer an [`Effect`]. Without further words it is every request.
#[derive(Debug, Clone)]
pub struct Fault {
    effect: Effect,
    operation: Option<String>,
    path: Option<String>,
    when: When,
}

#[derive(Debug, Clone)]
enum When {
    Always,
    /// Among the requests that match, counted from 1.
    Between(u64, u64),
    /// With this probability; the same seed gives the same sequence.
    Sometimes(f64, u64),
}

impl Fault {
    /// Every request suffers this.
    pub fn new(effect: Effect) -> Self {
        Self {
            effect,
            operation: None,
            path: None,
            when: When::Always,
        }
    }

    /// An error as AWS answers it: the status (400, or 500 and above for its own faults) and the exception's name.
    pub fn aws(status: u16, exception: &str) -> Self {
        let body = serde_json::json!({ "__type": exception, "message": "injected" }).to_string();
        Self::new(Effect::Answer { status, body })
    }

    /// Only requests of this AWS operation, such as `PutItem`.
    pub fn operation(mut self, name: &str) -> Self {
        self.operation = Some(name.to_owned());
        self
    }

    /// Only requests whose path starts so, such as `/pipeline`.
    pub fn path(mut self, prefix: &str) -> Self {
        self.path = Some(prefix.to_owned());
        self
    }

    /// Only the nth request that matches, counted from 1.
    pub fn nth(mut self, n: u64) -> Self {
        self.when = When::Between(n, n);
        self
    }

    /// Only the first n requests that match.
    pub fn first(mut self, n: u64) -> Self {
        self.when = When::Between(1, n);
        self
    }

    /// Each request that matches with this probability from 0 to 1, drawn from a sequence that the seed fixes.
    pub fn sometimes(mut self, probability: f64, seed: u64) -> Self {
        self.when = When::Sometimes(probability, seed);
        self
    }
}

/// A fault with what it has seen.
#[derive(Debug)]
pub(super) struct Rule {
    fault: Fault,
    matched: u64,
}

impl Rule {
    pub(super) fn new(fault: Fault) -> Self {
        Self { fault, matched: 0 }
    }

    /// The effect on this request, if it has one. Counts the request.
    pub(super) fn effect(&mut self, call: &Call) -> Option<Effect> {
        let fault = &self.fault;
        let operation_matches = fault.operation.is_none() || fault.operation == call.operation;
        let path_matches = fault.path.as_ref().is_none_or(|prefix| call.path.starts_with(prefix));
        if !operation_matches || !path_matches {
            return None;
        }
        self.matched += 1;
        let applies = match fault.when {
            When::Always => true,
            When::Between(first, last) => (first..=last).contains(&self.matched),
            When::Sometimes(probability, seed) => draw(seed, self.matched) < probability,
        };
        applies.then(|| fault.effect.clone())
    }
}

/// The nth number of a sequence, from 0 up to 1 (SplitMix64).
fn draw(seed: u64, n: u64) -> f64 {
    let mut z = seed.wrapping_add(n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn call(operation: Option<&str>, path: &str) -> Call {
        let operation = operation.map(str::to_owned);
        Call {
            method: "POST".into(),
            path: path.into(),
            operation,
            body: Bytes::new(),
            status: None,
            capacity: 0.0,
        }
    }

    #[test]
    fn rules_choose_requests() {
        let put = call(Some("PutItem"), "/");
        let get = call(Some("GetItem"), "/");
        let mut second = Rule::new(Fault::new(Effect::Reset).operation("PutItem").nth(2));
        let hits: Vec<bool> = [&put, &get, &put, &put]
            .iter()
            .map(|call| second.effect(call).is_some())
            .collect();
        assert_eq!(hits, [false, false, true, false]);

        let mut first = Rule::new(Fault::new(Effect::Reset).path("/pipeline").first(2));
        let pipeline = call(None, "/pipeline");
        let hits: Vec<bool> = [&pipeline, &put, &pipeline, &pipeline]
            .iter()
            .map(|call| first.effect(call).is_some())
            .collect();
        assert_eq!(hits, [true, false, true, false]);
    }

    #[test]
    fn chance_is_repeatable_and_fair() {
        let run = |seed| {
            let mut rule = Rule::new(Fault::new(Effect::Reset).sometimes(0.3, seed));
            (0..1000)
                .map(|_| rule.effect(&call(None, "/")).is_some())
                .collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let hits = run(7).into_iter().filter(|hit| *hit).count();
        assert!((250..350).contains(&hits), "{hits}");
    }
}
