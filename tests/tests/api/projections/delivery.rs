//! Records come twice, in another order, and to a projector that dies.

use std::time::Duration;

use serde_json::Value;
use tripsage_domain::votes::{Ballot, Vote};
use tripsage_tests::{Api, Effect, Fault, Outcome};

use super::{Crowd, Dice, published};

#[tokio::test]
async fn two_hundred_votes_at_once_are_two_hundred_however_often_they_are_told() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    crowd.vote_for(itinerary, 200).await;
    assert_eq!(
        crowd.counts(itinerary).await.upvotes,
        0,
        "nothing is counted by itself in a test"
    );
    assert!(api.project_twice().await >= 201);
    assert_eq!(crowd.counts(itinerary).await.upvotes, 200);
    assert_eq!(
        api.project().await,
        0,
        "counting makes no records that are to be counted"
    );
}

#[tokio::test]
async fn a_thousand_changes_are_counted_once_each_through_duplicates_disorder_and_crashes() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let crowd = Crowd::of(&api);
    let mut dice = Dice(20_261_120);
    let itineraries = [
        published(&alice).await,
        published(&alice).await,
        published(&alice).await,
    ];
    let voters: Vec<_> = (0..40).map(|_| crowd.somebody()).collect();
    let mut expected = [(0_i64, 0_i64, 0_i64); 3];
    let mut votes = [[None; 40]; 3];
    let mut written = 0;
    while written < 1000 {
        let (which, who) = (dice.below(3), dice.below(40));
        if dice.below(4) == 0 {
            crowd.look(crowd.somebody(), itineraries[which]).await;
            expected[which].2 += 1;
            written += 1;
            continue;
        }
        let ballot = [Ballot::Toggle(Vote::Up), Ballot::Toggle(Vote::Down), Ballot::Withdraw][dice.below(3)];
        let after = ballot.decide(votes[which][who]);
        if after != votes[which][who] {
            crowd.vote(voters[who], itineraries[which], ballot).await;
            votes[which][who] = after;
            written += 1;
        }
    }
    for (counts, votes) in expected.iter_mut().zip(&votes) {
        counts.0 = votes
            .iter()
            .filter(|vote| **vote == Some(Vote::Up))
            .count()
            .try_into()
            .unwrap();
        counts.1 = votes
            .iter()
            .filter(|vote| **vote == Some(Vote::Down))
            .count()
            .try_into()
            .unwrap();
    }

    let records = api.take_records().await;
    assert!(records.len() >= 1000, "{}", records.len());
    let mut deliveries: Vec<Value> = records.clone();
    deliveries.extend((0..500).map(|_| records[dice.below(records.len())].clone()));
    dice.shuffle(&mut deliveries);
    // Calls fail, answers get lost after the work was done, and the whole function dies in the middle.
    let dynamodb = api.cloud().dynamodb();
    dynamodb.fault(Fault::new(Effect::Reset).sometimes(0.1, 1));
    dynamodb.fault(
        Fault::new(Effect::LoseReply)
            .operation("TransactWriteItems")
            .sometimes(0.2, 2),
    );
    let mut rest = deliveries.as_slice();
    while !rest.is_empty() {
        let (batch, later) = rest.split_at((1 + dice.below(60)).min(rest.len()));
        rest = later;
        let dies_after = Duration::from_millis(5 + dice.below(120) as u64);
        let _ = tokio::time::timeout(dies_after, api.deliver(batch)).await;
    }
    dynamodb.reset();
    // What was not counted comes again; the stream gives every record until it was dealt with.
    for batch in records.chunks(100) {
        assert_eq!(api.deliver(batch).await, Ok(Outcome::default()));
    }
    for (itinerary, expected) in itineraries.into_iter().zip(expected) {
        let counts = crowd.counts(itinerary).await;
        assert_eq!((counts.upvotes, counts.downvotes, counts.views), expected);
    }
}

#[tokio::test]
async fn votes_change_the_order_of_lists_with_the_counts() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    crowd.vote_for(itinerary, 12).await;
    api.project().await;
    let cards = crowd.db.find_itinerary_cards(&[itinerary]).await.unwrap();
    let standing = &cards[0].standing;
    assert_eq!(standing.counts.upvotes, 12);
    assert_eq!(standing.listing.as_ref().unwrap().measures(), standing.measures());
}

#[tokio::test]
async fn the_answer_of_a_vote_does_not_wait_for_the_projector() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    api.project().await;
    crowd.vote_for(itinerary, 3).await;
    let records = api.take_records().await;
    // Everything fails, for as long as it does.
    api.cloud().dynamodb().fault(Fault::new(Effect::Reset));
    let outcome = api.deliver(&records).await.unwrap();
    assert_eq!(
        outcome.batch_item_failures[0].item_identifier,
        super::sequence(&records[0])
    );
    api.cloud().dynamodb().reset();
    crowd.vote_for(itinerary, 1).await;
    assert_eq!(api.deliver(&records).await, Ok(Outcome::default()));
    api.project().await;
    assert_eq!(crowd.counts(itinerary).await.upvotes, 4);
}
