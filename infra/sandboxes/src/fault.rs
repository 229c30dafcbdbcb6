//! Which requests fail, and how.

use std::time::Duration;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// It is answered, but only after this time.
    Delay(Duration),
    /// It is not executed; the client is given this.
    Answer {
        /// The HTTP status.
        status: u16,
        /// Headers beside `content-type`.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// It is executed, but its answer is cut in the middle of the JSON.
    Malformed,
    /// It is not executed; the answer is JSON of about this many bytes, without a `content-length`.
    Huge(usize),
    /// It is not executed; the connection is reset.
    Reset,
    /// It is executed, but its answer is lost and the connection is reset.
    LoseReply,
    /// An order: the answer is 202, and the order is made after this time by the clock, or never.
    Accept(Option<Duration>),
}

impl Effect {
    /// A status with a small JSON body.
    pub fn status(status: u16) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: "{}".to_owned(),
        }
    }
}

/// A rule for which requests suffer an [`Effect`]. Without further words it is every request.
#[derive(Debug, Clone)]
pub struct Fault {
    effect: Effect,
    method: Option<String>,
    path: Option<String>,
    times: Option<(u64, u64)>,
}

impl Fault {
    /// Every request suffers this.
    pub fn new(effect: Effect) -> Self {
        Self {
            effect,
            method: None,
            path: None,
            times: None,
        }
    }

    /// Only requests with this method whose path starts so: `POST`, `/air/orders`.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Only the nth request that matches, counted from 1.
    #[must_use]
    pub fn nth(mut self, n: u64) -> Self {
        self.times = Some((n, n));
        self
    }

    /// Only the first n requests that match.
    #[must_use]
    pub fn first(mut self, n: u64) -> Self {
        self.times = Some((1, n));
        self
    }
}

/// A fault with what it has seen.
#[derive(Debug)]
pub(crate) struct Rule {
    fault: Fault,
    matched: u64,
}

impl Rule {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, matched: 0 }
    }

    /// The effect on this request, if it has one. Counts the request.
    pub(crate) fn effect(&mut self, method: &str, path: &str) -> Option<Effect> {
        let fault = &self.fault;
        let method_matches = fault.method.as_ref().is_none_or(|wanted| wanted == method);
        let path_matches = fault.path.as_ref().is_none_or(|prefix| path.starts_with(prefix));
        if !method_matches || !path_matches {
            return None;
        }
        self.matched += 1;
        let applies = fault
            .times
            .is_none_or(|(first, last)| (first..=last).contains(&self.matched));
        applies.then(|| fault.effect.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_choose_requests() {
        let mut second = Rule::new(Fault::new(Effect::Reset).on("POST", "/air/orders").nth(2));
        let asked = [
            ("POST", "/air/orders"),
            ("GET", "/air/orders"),
            ("POST", "/air/orders"),
            ("POST", "/air/offers"),
        ];
        let hits = asked.map(|(method, path)| second.effect(method, path).is_some());
        assert_eq!(hits, [false, false, true, false]);

        let mut first = Rule::new(Fault::new(Effect::Reset).first(2));
        let hits = [1, 2, 3].map(|_| first.effect("GET", "/").is_some());
        assert_eq!(hits, [true, true, false]);
    }
}
