use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api};

use super::{ROOT, booked, guided, moderator, step, verified};

#[tokio::test]
async fn only_who_was_guided_reviews_and_each_booking_once() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let (ann, eve) = (api.user("ann").await, api.user("eve").await);
    let path = format!("{ROOT}/guides/{guide}/reviews");
    let good = json!({
        "rating": 5, "review_title": "Wonderful", "review_text": "All of it.", "safety_rating": 5, "knowledge_rating": 2,
    });
    eve.post(&path, good.clone())
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let open = booked(&api, &ann, &guide, 20, 20).await;
    ann.post(&path, good.clone())
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    let named = json!({ "rating": 5, "booking_id": open });
    ann.post(&path, named).await.refused(403, "INSUFFICIENT_PERMISSIONS");

    let first = guided(&api, (&asha, &guide), &ann).await;
    for (field, value) in [
        ("rating", json!(0)),
        ("rating", json!(6)),
        ("rating", json!(null)),
        ("safety_rating", json!(9)),
        ("booking_id", json!("x")),
        ("review_text", json!("x".repeat(2001))),
    ] {
        let mut body = good.clone();
        body[field] = value;
        ann.post(&path, body).await.refused_field(field);
    }
    let stolen = json!({ "rating": 1, "booking_id": first });
    eve.post(&path, stolen.clone()).await.refused(404, "NOT_FOUND");
    asha.post(&path, stolen).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    let made = ann.post(&path, good.clone()).await.expect(201);
    assert_eq!(
        (made.data()["rating"].clone(), made.data()["group_size_on_tour"].clone()),
        (json!(5), json!(2))
    );
    ann.post(&path, good.clone()).await.refused(409, "ALREADY_EXISTS");
    ann.post(&path, json!({ "rating": 1, "booking_id": first }))
        .await
        .refused(409, "ALREADY_EXISTS");

    let second = guided(&api, (&asha, &guide), &ann).await;
    let body = json!({
        "rating": 4, "booking_id": second, "safety_rating": 4, "communication_rating": 3, "professionalism_rating": 1,
        "value_for_money_rating": 5,
    });
    ann.post(&path, body).await.expect(201);
    let shown = api.get(&format!("{ROOT}/guides/{guide}")).await.expect(200);
    for (field, value) in [
        ("average_rating", json!(4.5)),
        ("total_reviews", json!(2)),
        ("rating_distribution", json!([0, 0, 0, 1, 1])),
        (
            "sub_ratings",
            json!({
                "safety_rating": { "average": 4.5, "count": 2 },
                "knowledge_rating": { "average": 2.0, "count": 1 },
                "communication_rating": { "average": 3.0, "count": 1 },
                "professionalism_rating": { "average": 1.0, "count": 1 },
                "value_for_money_rating": { "average": 5.0, "count": 1 },
            }),
        ),
        ("shrunk_rating", json!(3.79)),
        ("rating_confidence", json!(0.28)),
    ] {
        assert_eq!(shown.data()[field], value, "{field}");
    }
    let ratings: Vec<&Value> = shown.data()["reviews"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["rating"])
        .collect();
    assert_eq!(ratings, [&json!(4), &json!(5)], "newest first");
}

#[tokio::test]
async fn reviews_at_the_same_time_are_all_counted() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let mut travelers = Vec::new();
    for n in 0..6 {
        let user = api.user(&format!("traveler{n}")).await;
        let booking = booked(&api, &user, &guide, n + 1, n + 1).await;
        step(&asha, &booking, "confirm").await.expect(200);
        travelers.push((user, booking));
    }
    api.advance(SignedDuration::from_hours(20 * 24));
    for (_, booking) in &travelers {
        step(&asha, booking, "complete").await.expect(200);
    }
    let path = format!("{ROOT}/guides/{guide}/reviews");
    // Everybody twice: one of the two is refused. Whoever is told to come again comes again.
    let tries = travelers
        .iter()
        .flat_map(|(user, _)| [user.clone(), user.clone()])
        .enumerate();
    let is_busy = |answer: &Answer| answer.status == 503 || answer.body["code"] == "EDIT_CONFLICT";
    let tries = tries.map(|(n, user)| {
        let path = path.clone();
        let body = json!({ "rating": n / 2 % 5 + 1, "safety_rating": n / 2 % 5 + 1 });
        tokio::spawn(async move {
            let mut answers = Vec::new();
            while answers.last().is_none_or(is_busy) {
                answers.push(user.post(&path, body.clone()).await);
            }
            answers
        })
    });
    let mut answers: Vec<Vec<Answer>> = vec![Vec::new(); travelers.len()];
    for (n, attempt) in tries.collect::<Vec<_>>().into_iter().enumerate() {
        answers[n / 2].extend(attempt.await.unwrap());
    }

    let mut listed = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("{path}?per_page=4{cursor}")).await.expect(200);
        listed.extend(page.data().as_array().unwrap().clone());
        match page.body["pagination"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    for ((user, booking), answers) in travelers.iter().zip(&answers) {
        let of_them: Vec<&Value> = listed.iter().filter(|one| one["traveler_id"] == user.id).collect();
        assert_eq!(of_them.len(), 1, "{booking} is reviewed once");
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        let told: Vec<String> = answers
            .iter()
            .filter(|answer| answer.status == 201)
            .map(|answer| answer.text_of("id"))
            .collect();
        match told.as_slice() {
            [id] => assert_eq!(of_them[0]["id"], *id, "what was acknowledged is what is there"),
            // An answer that came too late may have been a review all the same; nothing else may have.
            [] => assert!(statuses.contains(&503), "{statuses:?}"),
            _ => panic!("one booking was reviewed twice: {statuses:?}"),
        }
        let others = answers.iter().filter(|answer| answer.status != 201 && !is_busy(answer));
        for other in others {
            assert_eq!((other.status, &other.body["code"]), (409, &json!("ALREADY_EXISTS")));
        }
    }
    let shown = api.get(&format!("{ROOT}/guides/{guide}")).await.expect(200);
    assert_eq!((listed.len(), &shown.data()["total_reviews"]), (6, &json!(6)));
    assert_eq!(shown.data()["rating_distribution"], json!([2, 1, 1, 1, 1]));
    // 1, 2, 3, 4, 5 and 1.
    assert_eq!(shown.data()["average_rating"], 2.67);
    let aspects = &shown.data()["sub_ratings"];
    assert_eq!(aspects["safety_rating"], json!({ "average": 2.67, "count": 6 }));
    assert_eq!(aspects["knowledge_rating"], json!({ "average": null, "count": 0 }));
    assert_eq!(shown.data()["successful_trips_count"], 6);
}
