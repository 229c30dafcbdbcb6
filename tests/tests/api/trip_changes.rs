use serde_json::json;
use tripsage_tests::Api;

use crate::trip_versions::with_history;

#[tokio::test]
async fn a_copy_is_kept_up_to_date_by_changes() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let (trip, first, second) = with_history(&api, &alice).await;
    let all = alice.get(&format!("{trip}/changes")).await.expect(200);
    let found: Vec<(&str, &str, bool)> = all.data()["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            (
                change["entity"].as_str().unwrap(),
                change["id"].as_str().unwrap(),
                change["deleted"] == true,
            )
        })
        .collect();
    let id = trip.rsplit('/').next().unwrap();
    assert_eq!(found.len(), 4);
    assert_eq!(found[0].0, "member");
    assert_eq!(
        found[1..],
        [
            ("item", second.as_str(), false),
            ("item", first.as_str(), true),
            ("trip", id, false)
        ]
    );
    assert_eq!(
        (&all.data()["since"], &all.data()["has_more"]),
        (&json!(7), &json!(false))
    );
    assert_eq!(all.data()["changes"][0]["data"]["user_id"], alice.id.as_str());
    assert_eq!(
        all.data()["changes"][1]["data"],
        *alice.get(&format!("{trip}/items/{second}")).await.data()
    );
    assert_eq!(all.data()["changes"][3]["data"]["status"], "booked");
    let since = alice.get(&format!("{trip}/changes?since=6")).await.expect(200);
    assert_eq!(since.data()["changes"].as_array().unwrap().len(), 1);
    let none = alice.get(&format!("{trip}/changes?since=7")).await.expect(200);
    assert_eq!(none.data(), &json!({"changes": [], "since": 7, "has_more": false}));
    alice
        .get(&format!("{trip}/changes?since=8"))
        .await
        .refused_field("since");
    alice
        .get(&format!("{trip}/changes?since=x"))
        .await
        .refused_field("since");
}

#[tokio::test]
async fn long_changes_come_in_parts() {
    let api = Api::start().await;
    let alice = api.user("alice").await;
    let trip = format!("/api/v1/trips/{}", alice.trip("Japan").await);
    for n in 0..205 {
        alice.patch(&trip, json!({"title": format!("t{n}")})).await.expect(200);
    }
    let first = alice.get(&format!("{trip}/changes")).await.expect(200);
    assert_eq!(
        (&first.data()["since"], &first.data()["has_more"]),
        (&json!(200), &json!(true))
    );
    let rest = alice.get(&format!("{trip}/changes?since=200")).await.expect(200);
    assert_eq!(
        (&rest.data()["since"], &rest.data()["has_more"]),
        (&json!(206), &json!(false))
    );
    assert_eq!(rest.data()["changes"][0]["data"]["title"], "t204");
    let then = alice.get(&format!("{trip}/versions/1")).await.expect(200);
    assert_eq!(then.data()["trip"]["title"], "Japan");
}
