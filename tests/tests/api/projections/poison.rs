//! Records that cannot be read.

use serde_json::json;
use tripsage_domain::votes::{Ballot, Vote};
use tripsage_tests::Api;

use super::{Crowd, published, sequence};

#[tokio::test]
async fn a_bad_record_is_named_wherever_it_stands_and_the_others_count() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let crowd = Crowd::of(&api);
    for position in 0..10 {
        let itinerary = published(&alice).await;
        api.project().await;
        crowd.vote_for(itinerary, 10).await;
        let mut records = api.take_records().await;
        assert_eq!(records.len(), 10);
        let good = records[position].clone();
        records[position]["dynamodb"]["NewImage"]["value"] = json!({ "S": "many" });
        let outcome = api.deliver(&records).await.unwrap();
        let named: Vec<_> = outcome
            .batch_item_failures
            .iter()
            .map(|failure| &failure.item_identifier)
            .collect();
        assert_eq!(named, [sequence(&records[position])]);
        assert_eq!(crowd.counts(itinerary).await.upvotes, 9, "position {position}");
        // Lambda gives it and those after it again; the redrive gives it as it should have been.
        assert_eq!(api.deliver(&records[position..]).await, Ok(outcome));
        assert_eq!(crowd.counts(itinerary).await.upvotes, 9);
        api.deliver(&[good]).await.unwrap();
        assert_eq!(crowd.counts(itinerary).await.upvotes, 10);
    }
}

#[tokio::test]
async fn a_bad_record_ends_among_the_dead_letters_and_holds_nothing_up() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    crowd.vote_for(itinerary, 4).await;
    let somebody = crowd.somebody();
    crowd.vote(somebody, itinerary, Ballot::Cast(Vote::Up)).await;
    let key = json!({ "pk": { "S": format!("ITINERARY#{itinerary}") }, "sk": { "S": format!("VOTE#{somebody}") } });
    api.overwrite("CommunityTable", &key, "value", &json!({ "S": "many" }))
        .await;
    crowd.vote_for(itinerary, 3).await;
    api.project().await;
    assert_eq!(
        crowd.counts(itinerary).await.upvotes,
        8,
        "all but the one that says nothing"
    );
    let letters = api.dead_letters();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(
        (letters[0].records.len(), letters[0].attempts),
        (1, 21),
        "20 more attempts, says the template"
    );
    assert_eq!(letters[0].records[0]["dynamodb"]["Keys"], key);
    assert!(
        letters[0]
            .queue
            .as_ref()
            .is_some_and(|queue| queue.contains("ProjectorFailures"))
    );
    let shown = api.get("/_local/dead-letters").await.expect(200);
    assert_eq!(shown.body[0]["records"][0]["dynamodb"]["Keys"], key);
}

#[tokio::test]
async fn events_of_another_shape_are_refused() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (crowd, itinerary) = (Crowd::of(&api), published(&alice).await);
    api.project().await;
    crowd.vote_for(itinerary, 2).await;
    let records = api.take_records().await;
    for (field, value) in [
        ("eventSource", json!("aws:sqs")),
        (
            "eventSourceARN",
            json!("arn:aws:dynamodb:eu-west-1:000000000000:table/tripsage-dev-IdentityTable/stream/x"),
        ),
        ("dynamodb", json!({})),
        ("eventID", json!(null)),
    ] {
        let mut foreign = records.clone();
        foreign[1][field] = value;
        assert!(
            api.deliver(&foreign)
                .await
                .unwrap_err()
                .contains("not a record of the stream"),
            "{field}"
        );
        assert_eq!(crowd.counts(itinerary).await.upvotes, 0, "nothing of it is looked at");
    }
}
