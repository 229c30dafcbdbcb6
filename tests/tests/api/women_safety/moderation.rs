//! Reviews that are reported, hidden, approved, and called helpful.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Answer, Api, Job, PASSWORD, User};

use super::{ROOT, guided, moderator, verified};

/// Reviews a guide after a journey; gives the path of the review.
async fn reviewed(api: &Api, guide: (&User, &str), traveler: &User, mut review: Value) -> String {
    review["booking_id"] = json!(guided(api, guide, traveler).await);
    let path = format!("{ROOT}/guides/{}/reviews", guide.1);
    let made = traveler.post(&path, review).await.expect(201);
    format!("{path}/{}", made.text_of("id"))
}

/// What the list says of a guide: mean, number of reviews, stars, how safe it was.
async fn stands(api: &Api, guide: &str) -> Value {
    let shown = api.get(&format!("{ROOT}/guides/{guide}")).await.expect(200);
    let listed = api.get(&format!("{ROOT}/guides")).await.expect(200);
    let data = shown.data();
    let listed = &listed.data()["guides"][0];
    for field in ["average_rating", "total_reviews", "rating_distribution", "sub_ratings"] {
        assert_eq!(data[field], listed[field], "{field} in the list");
    }
    json!([
        data["average_rating"],
        data["total_reviews"],
        data["rating_distribution"],
        data["sub_ratings"]["safety_rating"],
    ])
}

async fn seen_by(path: &str, reader: Option<&User>, api: &Api) -> usize {
    let page = match reader {
        Some(user) => user.get(path).await,
        None => api.get(path).await,
    };
    page.expect(200).data().as_array().unwrap().len()
}

async fn reported(moderator: &User) -> Vec<String> {
    let page = moderator
        .get(&format!("{ROOT}/reviews/reported?per_page=100"))
        .await
        .expect(200);
    let reviews = page.data().as_array().unwrap().iter();
    reviews.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_hidden_review_does_not_count_and_counts_again_when_it_is_approved() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let (ann, bea, eve) = (api.user("ann").await, api.user("bea").await, api.user("eve").await);
    let of = (&asha, guide.as_str());
    let first = reviewed(&api, of, &ann, json!({ "rating": 1, "safety_rating": 2 })).await;
    let second = reviewed(&api, of, &bea, json!({ "rating": 4, "safety_rating": 5 })).await;
    let (all, without) = (
        json!([2.5, 2, [1, 0, 0, 1, 0], { "average": 3.5, "count": 2 }]),
        json!([4.0, 1, [0, 0, 0, 1, 0], { "average": 5.0, "count": 1 }]),
    );
    assert_eq!(stands(&api, &guide).await, all);

    let (hide, approve) = (format!("{first}/hide"), format!("{first}/approve"));
    for user in [&ann, &asha, &eve] {
        user.post(&hide, json!({ "reason": "r" }))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
        user.post(&approve, json!({}))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    moderator.post(&hide, json!({})).await.refused_field("reason");
    let long = json!({ "reason": "x".repeat(501) });
    moderator.post(&hide, long).await.refused_field("reason");
    let hidden = moderator.post(&hide, json!({ "reason": "not true" })).await.expect(200);
    assert_eq!(
        (&hidden.data()["is_approved"], &hidden.data()["hidden_reason"]),
        (&json!(false), &json!("not true"))
    );
    assert_eq!(stands(&api, &guide).await, without);
    // Hidden twice is hidden once.
    moderator
        .post(&hide, json!({ "reason": "not true at all" }))
        .await
        .expect(200);
    assert_eq!(stands(&api, &guide).await, without);

    let list = format!("{ROOT}/guides/{guide}/reviews");
    for (reader, seen) in [
        (None, 1),
        (Some(&eve), 1),
        (Some(&asha), 1),
        (Some(&ann), 2),
        (Some(&moderator), 2),
    ] {
        assert_eq!(seen_by(&list, reader, &api).await, seen);
    }
    let own = ann.get(&list).await.expect(200);
    assert_eq!(own.data()[1]["hidden_reason"], "not true at all");
    assert!(!api.get(&list).await.expect(200).text.contains("not true"));
    for path in [format!("{first}/report"), format!("{first}/helpful")] {
        eve.post(&path, json!({ "reason": "r" }))
            .await
            .refused(404, "NOT_FOUND");
    }
    // The first page is full although what is hidden comes before.
    moderator
        .post(&format!("{second}/hide"), json!({ "reason": "r" }))
        .await
        .expect(200);
    moderator.post(&approve, json!({})).await.expect(200);
    let page = api.get(&format!("{list}?per_page=1")).await.expect(200);
    assert_eq!(page.data()[0]["rating"], 1);
    let shown = api.get(&format!("{ROOT}/guides/{guide}")).await.expect(200);
    assert_eq!(shown.data()["reviews"].as_array().unwrap().len(), 1);

    moderator
        .post(&format!("{second}/approve"), json!({}))
        .await
        .expect(200);
    let again = moderator.post(&approve, json!({})).await.expect(200);
    assert_eq!(
        (&again.data()["is_approved"], &again.data()["hidden_reason"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(stands(&api, &guide).await, all);
    let trail = moderator
        .get("/api/v1/users/me/activity?per_page=100")
        .await
        .expect(200);
    for action in ["guide.review.hidden", "guide.review.approved"] {
        assert!(trail.text.contains(action), "{action}");
    }
}

#[tokio::test]
async fn everybody_reports_a_review_once_and_moderators_see_why() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let (ann, bea, eve) = (api.user("ann").await, api.user("bea").await, api.user("eve").await);
    let of = (&asha, guide.as_str());
    let first = reviewed(&api, of, &ann, json!({ "rating": 1 })).await;
    let second = reviewed(&api, of, &bea, json!({ "rating": 2 })).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    assert_eq!(reported(&moderator).await, [""; 0]);

    let report = format!("{first}/report");
    let good = json!({ "reason": "She never travelled with Asha." });
    api.post(&report, good.clone())
        .await
        .refused(401, "MISSING_AUTHORIZATION");
    ann.post(&report, good.clone())
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    for (field, body) in [
        ("reason", json!({})),
        ("reason", json!({ "reason": "" })),
        ("reason", json!({ "reason": "x".repeat(501) })),
        ("is_flagged", json!({ "reason": "r", "is_flagged": false })),
    ] {
        eve.post(&report, body).await.refused_field(field);
    }
    let none = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
    for path in [
        format!("{ROOT}/guides/{guide}/reviews/{none}/report"),
        format!("{ROOT}/guides/{none}/reviews/{}/report", id(&first)),
        format!("{ROOT}/guides/{guide}/reviews/nothing/report"),
    ] {
        eve.post(&path, good.clone()).await.refused(404, "NOT_FOUND");
    }
    // An idempotent request reports once, and is told so again.
    for _ in 0..2 {
        let request = eve.request(Method::POST, &report).header("idempotency-key", "once");
        let made = Answer::of(request.json(&good)).await.expect(201);
        assert_eq!(made.text_of("review_id"), id(&first));
    }
    eve.post(&report, good.clone()).await.refused(409, "ALREADY_EXISTS");
    api.advance(SignedDuration::from_secs(1));
    eve.post(&format!("{second}/report"), good).await.expect(201);
    api.advance(SignedDuration::from_secs(1));
    asha.post(&report, json!({ "reason": "rude" })).await.expect(201);

    assert_eq!(
        reported(&moderator).await,
        [id(&second), id(&first)],
        "what came last is first"
    );
    let page = moderator
        .get(&format!("{ROOT}/reviews/reported?per_page=1"))
        .await
        .expect(200);
    let next = page.body["pagination"]["next_cursor"].as_str().unwrap();
    let page = moderator
        .get(&format!("{ROOT}/reviews/reported?per_page=1&cursor={next}"))
        .await
        .expect(200);
    let shown = &page.data()[0];
    assert_eq!(
        (&shown["is_flagged"], &shown["flag_reason"], &shown["report_count"]),
        (&json!(true), &json!("rude"), &json!(2))
    );
    assert_eq!(shown["reports"][0]["reason"], "She never travelled with Asha.");
    assert!(!page.text.contains(&eve.id), "who reported is told to nobody");
    let public = api.get(&format!("{ROOT}/guides/{guide}/reviews")).await.expect(200);
    assert!(!public.text.contains("rude") && !public.text.contains("flag"));
    let path = format!("{ROOT}/reviews/reported");
    eve.get(&path).await.refused(403, "INSUFFICIENT_PERMISSIONS");
    api.get(&path).await.refused(401, "MISSING_AUTHORIZATION");
    moderator
        .get(&format!("{path}?per_page=101"))
        .await
        .refused_field("per_page");

    // A decision settles what was reported, whichever way it goes; nobody is heard twice.
    moderator.post(&format!("{first}/approve"), json!({})).await.expect(200);
    let hidden = moderator
        .post(&format!("{second}/hide"), json!({ "reason": "r" }))
        .await
        .expect(200);
    assert_eq!(
        (&hidden.data()["is_flagged"], &hidden.data()["report_count"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(reported(&moderator).await, [""; 0]);
    asha.post(&report, json!({ "reason": "rude" }))
        .await
        .refused(409, "ALREADY_EXISTS");
    bea.post(&report, json!({ "reason": "again" })).await.expect(201);
    assert_eq!(reported(&moderator).await, [id(&first)]);
    let trail = bea.get("/api/v1/users/me/activity?per_page=100").await.expect(200);
    assert!(trail.text.contains("guide.review.reported"));
}

#[tokio::test]
async fn counts_stay_exact_while_moderators_and_travelers_are_at_it() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let mut reviews = Vec::new();
    let mut travelers = Vec::new();
    for n in 0..4 {
        let user = api.user(&format!("traveler{n}")).await;
        let review = json!({ "rating": n + 1, "safety_rating": n + 1 });
        reviews.push(reviewed(&api, (&asha, &guide), &user, review).await);
        travelers.push(user);
    }
    // Each is hidden twice at the same time and reported by three others; one is approved at the same time.
    let mut tasks = Vec::new();
    for (n, review) in reviews.iter().enumerate() {
        for _ in 0..2 {
            let (moderator, path) = (moderator.clone(), format!("{review}/hide"));
            tasks.push(tokio::spawn(async move {
                moderator.post(&path, json!({ "reason": "r" })).await.status
            }));
        }
        for (_, user) in travelers.iter().enumerate().filter(|(other, _)| *other != n) {
            let (user, path) = (user.clone(), format!("{review}/report"));
            tasks.push(tokio::spawn(async move {
                user.post(&path, json!({ "reason": "r" })).await.status
            }));
        }
    }
    let (admin, path) = (moderator.clone(), format!("{}/approve", reviews[0]));
    tasks.push(tokio::spawn(async move { admin.post(&path, json!({})).await.status }));
    for task in tasks {
        let status = task.await.unwrap();
        // A report that comes after its review was hidden finds nothing; whoever is told to come again did nothing.
        assert!(matches!(status, 200 | 201 | 404 | 409 | 503), "{status}");
    }
    let list = format!("{ROOT}/guides/{guide}/reviews");
    let shown = api.get(&list).await.expect(200);
    let mut stars = [0; 5];
    for review in shown.data().as_array().unwrap() {
        stars[usize::try_from(review["rating"].as_u64().unwrap()).unwrap() - 1] += 1;
    }
    let counted = api.get(&format!("{ROOT}/guides/{guide}")).await.expect(200);
    assert_eq!(counted.data()["rating_distribution"], json!(stars));
    let total: u64 = stars.iter().sum();
    assert_eq!(counted.data()["sub_ratings"]["safety_rating"]["count"], total);
    for review in &reviews {
        moderator
            .post(&format!("{review}/approve"), json!({}))
            .await
            .expect(200);
    }
    assert_eq!(
        stands(&api, &guide).await,
        json!([2.5, 4, [1, 1, 1, 1, 0], { "average": 2.5, "count": 4 }])
    );
    assert_eq!(reported(&moderator).await, [""; 0]);
}

#[tokio::test]
async fn travelers_call_a_review_helpful_once() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    let (ann, eve) = (api.user("ann").await, api.user("eve").await);
    let review = reviewed(&api, (&asha, &guide), &ann, json!({ "rating": 5 })).await;
    let path = format!("{review}/helpful");
    for own in [&ann, &asha] {
        own.post(&path, json!({}))
            .await
            .refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    api.post(&path, json!({})).await.refused(401, "MISSING_AUTHORIZATION");
    for is_new in [true, false] {
        let vote = eve.post(&path, json!({})).await.expect(200);
        assert_eq!(
            (&vote.data()["helpful_count"], &vote.data()["is_new"]),
            (&json!(1), &json!(is_new))
        );
    }
    let mut voters = Vec::new();
    for n in 0..5 {
        let (user, path) = (api.user(&format!("voter{n}")).await, path.clone());
        voters.push(tokio::spawn(async move { user.post(&path, json!({})).await.status }));
    }
    for voter in voters {
        assert_eq!(voter.await.unwrap(), 200);
    }
    api.project().await;
    for shown in [
        format!("{ROOT}/guides/{guide}/reviews"),
        format!("{ROOT}/guides/{guide}"),
    ] {
        let answer = api.get(&shown).await.expect(200);
        let reviews = answer.data().as_array().or_else(|| answer.data()["reviews"].as_array());
        assert_eq!(reviews.unwrap()[0]["helpful_count"], 6, "{shown}");
    }
}

#[tokio::test]
async fn who_reported_is_forgotten_with_their_account() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let asha = api.registered("asha").await;
    let profile = super::profile("Asha");
    let guide = asha
        .post(&format!("{ROOT}/guides"), profile)
        .await
        .expect(201)
        .text_of("id");
    let verify = json!({ "verification_level": "gold" });
    moderator
        .post(&format!("{ROOT}/guides/{guide}/verify"), verify)
        .await
        .expect(200);
    let (ann, eve) = (api.user("ann").await, api.registered("sentinel").await);
    // Tokens run out while the journey lasts.
    let again = async |user: &User| {
        let login = json!({ "email": user.email, "password": PASSWORD });
        let answer = api.post("/api/v1/auth/login", login).await.expect(200);
        user.with_token(&answer.text_of("access_token"))
    };
    let booking = super::booked(&api, &ann, &guide, 1, 1).await;
    super::step(&asha, &booking, "confirm").await.expect(200);
    api.advance(SignedDuration::from_hours(26));
    super::step(&again(&asha).await, &booking, "complete").await.expect(200);
    let list = format!("{ROOT}/guides/{guide}/reviews");
    let made = ann.post(&list, json!({ "rating": 1 })).await.expect(201);
    let review = format!("{list}/{}", made.text_of("id"));
    let signed_in = again(&eve).await;
    let report = json!({ "reason": "CanaryOfTheReport" });
    signed_in.post(&format!("{review}/report"), report).await.expect(201);
    signed_in
        .post(&format!("{review}/helpful"), json!({}))
        .await
        .expect(200);
    api.project().await;
    let export = signed_in.post("/api/v1/users/me/export", json!({})).await.expect(201);
    let export = signed_in
        .get(&format!("/api/v1/users/me/export/{}", export.text_of("id")))
        .await
        .expect(200);
    let archive = &export.data()["archive"];
    assert_eq!(archive["review_reports"][0]["reason"], "CanaryOfTheReport");
    assert_eq!(archive["votes"][0]["kind"], "review");

    let erased = async |user: &User| {
        let body = json!({ "password": PASSWORD });
        again(user)
            .await
            .delete_with("/api/v1/users/me", body)
            .await
            .expect(200);
        api.advance(SignedDuration::from_hours(31 * 24));
        assert_eq!(api.run_job(Job::EraseAccounts).await.unwrap().done, 1);
        api.project().await;
    };
    erased(&eve).await;
    for row in api.dump().await {
        assert!(!row.item.to_string().contains(&eve.id), "{row:?}");
        assert!(row.entity != Entity::Reported, "{row:?}");
    }
    let page = moderator.get(&format!("{ROOT}/reviews/reported")).await.expect(200);
    assert_eq!(
        (&page.data()[0]["flag_reason"], &page.data()[0]["helpful_count"]),
        (&json!("CanaryOfTheReport"), &json!(0)),
        "what was said stays, the vote goes"
    );
    // With the guide everything that belongs to a review goes.
    let bea = api.user("bea").await;
    bea.post(&format!("{review}/report"), json!({ "reason": "r" }))
        .await
        .expect(201);
    bea.post(&format!("{review}/helpful"), json!({})).await.expect(200);
    erased(&asha).await;
    for row in api.dump().await {
        let gone = [
            Entity::GuideReview,
            Entity::ReviewReports,
            Entity::ReviewStanding,
            Entity::ReportedReview,
            Entity::Reported,
            Entity::Vote,
            Entity::Voted,
        ];
        assert!(!gone.contains(&row.entity), "{row:?}");
    }
    assert_eq!(reported(&moderator).await, [""; 0]);
}
