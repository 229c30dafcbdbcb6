use jiff::SignedDuration;
use serde_json::json;
use tripsage_tests::Api;

use super::{ROOT, applied, guided, moderator, verified};

/// Measures count a few seconds after they have changed.
const SETTLED: SignedDuration = SignedDuration::from_secs(10);

async fn names(api: &Api, query: &str) -> Vec<String> {
    let page = api.get(&format!("{ROOT}/guides?{query}")).await.expect(200);
    assert_eq!(page.data()["pagination"], page.body["pagination"], "mirrored");
    assert!(
        !page.text.contains("guides.example.com"),
        "a list does not say how to reach anybody"
    );
    let guides = page.data()["guides"].as_array().unwrap().iter();
    guides
        .map(|guide| guide["display_name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn filters_and_orders_of_guides() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, asha_id) = verified(&api, &moderator, "Asha").await;
    let (bina, bina_id) = verified(&api, &moderator, "Bina").await;
    let (_, chitra_id) = verified(&api, &moderator, "Chitra").await;
    let (devi, _) = applied(&api, "Devi").await;
    let path = |id: &str| format!("{ROOT}/guides/{id}");
    asha.patch(
        &path(&asha_id),
        json!({ "hourly_rate_usd": "40", "languages_spoken": ["French"] }),
    )
    .await
    .expect(200);
    bina.patch(
        &path(&bina_id),
        json!({ "hourly_rate_usd": 10, "service_locations": ["São Paulo"], "specializations": ["Hiking"] }),
    )
    .await
    .expect(200);
    let ann = api.user("ann").await;
    guided(&api, (&asha, &asha_id), &ann).await;
    let review = json!({ "rating": 4 });
    ann.post(&format!("{}/reviews", path(&asha_id)), review)
        .await
        .expect(201);
    api.advance(SETTLED);

    let sorted = async |query: &str| {
        let mut found = names(&api, query).await;
        found.sort();
        found
    };
    assert_eq!(names(&api, "").await[0], "Asha", "the best rated comes first");
    assert_eq!(
        sorted("").await,
        ["Asha", "Bina", "Chitra"],
        "who is not rated is listed, who is not verified is not"
    );
    assert_eq!(sorted("verified_only=false").await, ["Asha", "Bina", "Chitra", "Devi"]);
    assert_eq!(names(&api, "sort=price").await, ["Bina", "Chitra", "Asha"]);
    assert_eq!(sorted("min_rating=3").await, ["Asha"]);
    assert_eq!(sorted("min_rating=4.1").await, [""; 0]);
    assert_eq!(sorted("location=sao%20paulo").await, ["Bina"]);
    assert_eq!(sorted("location=bina").await, [""; 0]);
    assert_eq!(sorted("search=bina").await, ["Bina"]);
    assert_eq!(sorted("language=french").await, ["Asha"]);
    assert_eq!(sorted("language=English&sort=newest").await, ["Bina", "Chitra"]);
    assert_eq!(sorted("specialization=solo%20TRAVEL").await, ["Asha", "Chitra"]);
    assert_eq!(
        sorted("specialization=Solo%20travel&language=Hindi&location=jaipur").await,
        ["Chitra"]
    );
    assert_eq!(sorted("featured=true").await, [""; 0]);

    // What changes is seen at once.
    let featured = json!({ "verification_level": "gold", "is_featured": true });
    moderator
        .post(&format!("{}/verify", path(&chitra_id)), featured)
        .await
        .expect(200);
    assert_eq!(sorted("featured=true").await, ["Chitra"]);
    devi.patch(&path(&bina_id), json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    bina.patch(&path(&bina_id), json!({ "availability_status": "busy" }))
        .await
        .expect(200);
    assert_eq!(sorted("").await, ["Asha", "Chitra"]);
    assert_eq!(sorted("available_only=false").await, ["Asha", "Bina", "Chitra"]);
    moderator
        .post(&format!("{}/suspend", path(&asha_id)), json!({ "reason": "r" }))
        .await
        .expect(200);
    assert_eq!(
        sorted("available_only=false&verified_only=false").await,
        ["Bina", "Chitra", "Devi"]
    );
    moderator
        .post(&format!("{}/reinstate", path(&asha_id)), json!({}))
        .await
        .expect(200);
    assert_eq!(sorted("").await, ["Asha", "Chitra"]);

    for (query, field) in [
        ("sort=best", "sort"),
        ("min_rating=6", "min_rating"),
        ("min_rating=NaN", "min_rating"),
        ("search=%21%21", "search"),
        ("per_page=0", "per_page"),
        ("unknown=1", "unknown"),
    ] {
        api.get(&format!("{ROOT}/guides?{query}")).await.refused_field(field);
    }
    let rubbish = api.get(&format!("{ROOT}/guides?cursor=rubbish")).await;
    rubbish.refused(400, "INVALID_CURSOR");
}

#[tokio::test]
async fn every_guide_stands_on_one_page() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    for n in 0..7 {
        verified(&api, &moderator, &format!("guide{n}")).await;
        api.advance(SignedDuration::from_secs(1));
    }
    api.advance(SETTLED);
    for sort in ["rating", "newest", "price"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api
                .get(&format!("{ROOT}/guides?sort={sort}&per_page=3{cursor}"))
                .await
                .expect(200);
            let guides = page.data()["guides"].as_array().unwrap().iter();
            seen.extend(guides.map(|guide| guide["id"].as_str().unwrap().to_owned()));
            match page.body["pagination"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{sort}");
    }
    assert_eq!(names(&api, "sort=newest&per_page=3&page=3").await, ["guide0"]);
}
