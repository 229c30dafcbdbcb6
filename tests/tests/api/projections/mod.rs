//! What is counted, from what was written: once, whatever happens on the way.

mod delivery;
mod owners;
mod poison;
mod reconciliation;
mod recounts;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tripsage_domain::{
    ids::{ItineraryId, UserId, random_uuid},
    votes::{Ballot, Subject, Vote},
};
use tripsage_store::{Db, itineraries::Counts, views::Viewer, votes::Attempt};
use tripsage_tests::{Api, User};

/// An itinerary that everybody sees, made by `user`.
async fn published(user: &User) -> ItineraryId {
    let body = json!({
        "title": "3-Day Tokyo Adventure", "destination": "Tokyo, Japan", "duration_days": 3,
        "activity_tags": ["cultural", "food"], "description": "Experience authentic Tokyo",
    });
    let made = user.post("/api/v1/itineraries", body).await.expect(201);
    made.text_of("id").parse().unwrap()
}

/// Travellers who vote and look without a request of their own: what is written is the same.
struct Crowd {
    db: Db,
    runtime: tripsage_runtime::Runtime,
}

impl Crowd {
    fn of(api: &Api) -> Self {
        let runtime = api.runtime("itineraries");
        Self {
            db: Db::new(&runtime),
            runtime,
        }
    }

    fn somebody(&self) -> UserId {
        UserId::random(&*self.runtime.ports().entropy)
    }

    async fn vote(&self, user: UserId, itinerary: ItineraryId, ballot: Ballot) {
        let attempt = Attempt {
            now: self.runtime.now(),
            nonce: random_uuid(&*self.runtime.ports().entropy),
            claim: None,
        };
        let subject = Subject::Itinerary(itinerary);
        self.db.vote(user, subject, None, ballot, attempt).await.unwrap();
    }

    async fn look(&self, user: UserId, itinerary: ItineraryId) {
        let (now, nonce) = (self.runtime.now(), random_uuid(&*self.runtime.ports().entropy));
        let viewer = Viewer::Traveller(user);
        self.db
            .note_view(Subject::Itinerary(itinerary), &viewer, now, nonce, None)
            .await
            .unwrap();
    }

    /// That many new travellers vote for it, all at once.
    async fn vote_for(&self, itinerary: ItineraryId, voters: usize) {
        let votes = (0..voters).map(|_| self.vote(self.somebody(), itinerary, Ballot::Cast(Vote::Up)));
        join_all(votes).await;
    }

    async fn counts(&self, itinerary: ItineraryId) -> Counts {
        let cards = self.db.find_itinerary_cards(&[itinerary]).await.unwrap();
        cards.into_iter().next().unwrap().standing.counts
    }
}

/// Numbers that look random and are the same every time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

fn sequence(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap()
}
