//! Suspensions that end by themselves.

use jiff::SignedDuration;
use serde_json::json;
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Api, Dumped, Job, Report, User};

use super::{ROOT, moderator, verified};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Whether the list of guides shows exactly one.
async fn is_listed(api: &Api) -> bool {
    let page = api.get(&format!("{ROOT}/guides")).await.expect(200);
    !page.data()["guides"].as_array().unwrap().is_empty()
}

async fn suspend(api: &Api, moderator: &User, guide: &str, hours: i64) {
    let until = (api.now() + HOUR * i32::try_from(hours).unwrap()).to_string();
    let body = json!({ "reason": "complaints", "until": until });
    moderator
        .post(&format!("{ROOT}/guides/{guide}/suspend"), body)
        .await
        .expect(200);
}

async fn run(api: &Api) -> (usize, usize) {
    let Report { done, void, failed, .. } = api.run_job(Job::ReinstateGuides).await.unwrap();
    assert_eq!(failed, 0);
    (done, void)
}

/// Entries of the list of what falls due that name a guide.
async fn waiting(api: &Api, guide: &str) -> usize {
    let rows = api.dump().await;
    let named = |row: &&Dumped| row.entity == Entity::Due && row.item.to_string().contains(guide);
    rows.iter().filter(named).count()
}

#[tokio::test]
async fn a_guide_is_listed_again_when_the_suspension_ends() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (_, guide) = verified(&api, &moderator, "asha").await;
    assert!(is_listed(&api).await);
    suspend(&api, &moderator, &guide, 2).await;
    assert!(!is_listed(&api).await);
    assert_eq!((run(&api).await, waiting(&api, &guide).await), ((0, 0), 1));
    api.advance(HOUR);
    assert_eq!(run(&api).await, (0, 0), "it is not over");
    assert!(!is_listed(&api).await);
    api.advance(HOUR);
    assert!(!is_listed(&api).await, "what ends is not listed by itself");
    assert_eq!(run(&api).await, (1, 0));
    assert!(is_listed(&api).await, "the cache does not hide it");
    assert_eq!(waiting(&api, &guide).await, 0);
    // The job may run as often as it likes.
    assert_eq!(run(&api).await, (0, 0));
    assert!(is_listed(&api).await);
    let shown = api.get(&format!("{ROOT}/guides/{guide}")).await.expect(200);
    assert_eq!(shown.text_of("status"), "verified");
}

#[tokio::test]
async fn what_was_changed_meanwhile_counts() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (_, guide) = verified(&api, &moderator, "asha").await;
    let path = format!("{ROOT}/guides/{guide}");
    // Longer, and then shorter than at first.
    suspend(&api, &moderator, &guide, 2).await;
    suspend(&api, &moderator, &guide, 6).await;
    assert_eq!(waiting(&api, &guide).await, 1, "the entry moves");
    api.advance(HOUR * 3);
    assert_eq!((run(&api).await, is_listed(&api).await), ((0, 0), false));
    suspend(&api, &moderator, &guide, 1).await;
    api.advance(HOUR);
    assert_eq!((run(&api).await, is_listed(&api).await), ((1, 0), true));

    // For good: nothing ends by itself.
    suspend(&api, &moderator, &guide, 1).await;
    let forever = json!({ "reason": "complaints" });
    moderator.post(&format!("{path}/suspend"), forever).await.expect(200);
    assert_eq!(waiting(&api, &guide).await, 0);
    api.advance(HOUR * 2);
    assert_eq!((run(&api).await, is_listed(&api).await), ((0, 0), false));

    // Lifted, and begun anew with the same end.
    suspend(&api, &moderator, &guide, 2).await;
    moderator
        .post(&format!("{path}/reinstate"), json!({}))
        .await
        .expect(200);
    assert_eq!((waiting(&api, &guide).await, is_listed(&api).await), (0, true));
    suspend(&api, &moderator, &guide, 2).await;
    assert_eq!((waiting(&api, &guide).await, is_listed(&api).await), (1, false));
    api.advance(HOUR * 2);
    assert_eq!((run(&api).await, is_listed(&api).await), ((1, 0), true));
}

#[tokio::test]
async fn a_guide_who_comes_back_by_another_way_is_listed_once() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (asha, guide) = verified(&api, &moderator, "asha").await;
    suspend(&api, &moderator, &guide, 1).await;
    api.advance(HOUR);
    // A change of the profile puts them back before the job does.
    let change = json!({ "max_group_size": 3 });
    asha.patch(&format!("{ROOT}/guides/{guide}"), change).await.expect(200);
    assert!(is_listed(&api).await);
    assert_eq!(run(&api).await, (0, 1));
    assert!(is_listed(&api).await);
    assert_eq!(waiting(&api, &guide).await, 0);
}

#[tokio::test]
async fn whoever_suspends_anew_while_the_job_runs_has_the_last_word() {
    let api = Api::start().await;
    let moderator = moderator(&api).await;
    let (_, guide) = verified(&api, &moderator, "asha").await;
    for _ in 0..8 {
        suspend(&api, &moderator, &guide, 1).await;
        api.advance(HOUR);
        let (job, ()) = tokio::join!(api.run_job(Job::ReinstateGuides), suspend(&api, &moderator, &guide, 1));
        job.unwrap();
        assert!(!is_listed(&api).await);
        assert_eq!(waiting(&api, &guide).await, 1);
    }
}
