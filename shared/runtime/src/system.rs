use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use jiff::Timestamp;
use tripsage_domain::ports::{Clock, Entropy};

pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port")]
    fn now(&self) -> Timestamp {
        // Milliseconds are what keys and answers show; finer ones would only make two texts of one instant differ.
        let now = Timestamp::now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no answer is safe, and the operating system always has some"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        SystemRandom::new()
            .fill(buffer)
            .expect("the operating system's random number generator works");
    }
}
