//! Export and deletion of an account.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tripsage_domain::user::Provider;
use tripsage_store::{
    Db, Transaction,
    personal_data::{Entity, Export},
    users::ProviderLinkRow,
};
use tripsage_tests::{Api, Dumped, Job, PASSWORD, User};

use crate::copies::{Planned, plan};

const ME: &str = "/api/v1/users/me";
const EXPORT: &str = "/api/v1/users/me/export";

/// Shares a trip with one person, at once.
pub(crate) async fn share(owner: &User, trip: &str, with: &User, level: &str) {
    let body = json!({ "user_ids": [with.id], "permission_level": level });
    let path = format!("/api/v1/trips/{trip}/share");
    owner.post(&path, body).await.expect(200);
}

/// The trips of an account that uses everything.
pub(crate) struct Trips {
    /// Planned alone.
    pub(crate) alone: String,
    /// Planned with an editor.
    pub(crate) together: String,
    /// Somebody else may look at it.
    pub(crate) shown: String,
    /// Somebody else's, who lets the account share it.
    pub(crate) theirs: String,
    /// Somebody else's, which the account has left again.
    pub(crate) left: String,
}

/// Lets somebody use everything, with `canary` in every text that is theirs alone; `friend` takes part.
pub(crate) async fn use_everything(api: &Api, user: &User, friend: &User, canary: &str) -> Trips {
    let profile = json!({
        "display_name": canary, "full_name": canary, "bio": canary, "travel_style": canary,
        "avatar_url": format!("https://example.com/{canary}"), "travel_interests": [canary],
    });
    user.patch(ME, profile).await.expect(200);
    let diet = json!({ "travel_preferences": { "dietary_restrictions": [canary] } });
    user.put("/api/v1/users/me/preferences", diet).await.expect(200);
    let token = json!({ "name": canary, "scopes": ["trips:read"] });
    user.post("/api/v1/auth/tokens", token).await.expect(201);
    let email = json!({ "email": user.email });
    api.post("/api/v1/auth/otp/request", email.clone()).await.expect(202);
    api.post("/api/v1/auth/password/forgot", email).await.expect(202);
    let wrong = json!({ "email": user.email, "password": "not the one" });
    api.post("/api/v1/auth/login", wrong).await.refused(401, "LOGIN_FAILED");
    let key = json!({
        "name": canary, "service": "openweather", "key": "0123456789abcdef0123456789abcdef", "description": canary,
        "validate": false,
    });
    user.post("/api/v1/keys", key).await.expect(201);
    crate::bookings::use_bookings(api, user, canary).await;
    let search = json!({ "destination": "Kyoto", "query": canary });
    let found = user.post("/api/v1/search/activities", search).await.expect(200);
    let kept = json!({ "name": canary, "search_id": found.text_of("search_id") });
    user.post("/api/v1/search/saved", kept).await.expect(201);
    let runtime = api.runtime("auth");
    let link = ProviderLinkRow {
        user: user.id.parse().unwrap(),
        provider: Provider::Github.name().to_owned(),
        subject: format!("subject of {canary}"),
        label: canary.to_owned(),
        linked_at: api.now(),
    };
    let linking = Transaction::default().linking(Provider::Github, &link).unwrap();
    Db::new(&runtime).commit(linking).await.unwrap();

    let alone = user.trip(canary).await;
    plan(api, user, &alone, &[Planned::train(0)]).await;
    let stranger = json!({ "user_emails": ["stranger@example.org"], "permission_level": "view" });
    user.post(&format!("/api/v1/trips/{alone}/share"), stranger)
        .await
        .expect(200);
    for what in ["links", "calendar-feed"] {
        user.post(&format!("/api/v1/trips/{alone}/{what}"), json!({}))
            .await
            .expect(201);
    }
    let gone = user.trip(canary).await;
    user.delete(&format!("/api/v1/trips/{gone}")).await.expect(200);
    let (together, shown) = (user.trip("Together").await, user.trip("Shown").await);
    share(user, &together, friend, "edit").await;
    share(user, &shown, friend, "view").await;
    let (theirs, left) = (friend.trip("Theirs").await, friend.trip("Left").await);
    share(friend, &theirs, user, "edit").await;
    let membership = format!("/api/v1/trips/{theirs}/collaborators/{}", user.id);
    friend
        .put(&membership, json!({ "permission_level": "admin" }))
        .await
        .expect(200);
    share(friend, &left, user, "edit").await;
    for trip in [&theirs, &left] {
        let path = format!("/api/v1/trips/{trip}");
        user.patch(&path, json!({ "description": "edited" })).await.expect(200);
    }
    for what in ["links", "calendar-feed"] {
        user.post(&format!("/api/v1/trips/{theirs}/{what}"), json!({}))
            .await
            .expect(201);
    }
    let leave = format!("/api/v1/trips/{left}/collaborators/{}", user.id);
    user.delete(&leave).await.expect(200);
    for visibility in ["private", "public"] {
        let template = json!({
            "title": canary, "duration_days": 3, "destinations": ["Zurich"], "visibility": visibility
        });
        user.post("/api/v1/trips/templates", template).await.expect(201);
    }
    crate::travel_intel::use_remarks(user, friend, canary).await;
    Trips {
        alone,
        together,
        shown,
        theirs,
        left,
    }
}

/// Kinds of rows that are not an account's own, or last for minutes only.
const NOT_OWN: [Entity; 7] = [
    Entity::ProviderRoundTrip,
    Entity::Idempotency,
    Entity::Throttle,
    Entity::ErasureReceipt,
    Entity::ExportPart,
    Entity::NewestExport,
    Entity::Keyring,
];

fn kinds(rows: &[Dumped]) -> BTreeSet<Entity> {
    rows.iter().map(|row| row.entity).collect()
}

#[tokio::test]
async fn an_export_holds_everything_of_ones_own_and_nothing_else() {
    let api = Api::start().await;
    let (ann, ben) = (api.registered("annlee").await, api.registered("benoit").await);
    ben.patch(ME, json!({ "full_name": "FriendCanary", "bio": "FriendCanary" }))
        .await
        .expect(200);
    use_everything(&api, &ann, &ben, "AnnCanary").await;
    let used = kinds(&api.dump().await);
    let made = ann.post(EXPORT, json!({})).await.expect(201);
    assert_eq!(
        (made.text_of("status").as_str(), made.data().get("archive")),
        ("completed", None)
    );
    let path = made.header("location").to_owned();
    let read = ann.get(&path).await.expect(200);
    let archive = read.data()["archive"].as_object().unwrap();
    // Every kind of row exists, and every one that is exported is in the archive.
    for entity in used.iter().chain(&NOT_OWN) {
        let Export::Section(section, left_out) = entity.export() else {
            continue;
        };
        if NOT_OWN.contains(entity) {
            continue;
        }
        let rows = archive.get(section).and_then(Value::as_array);
        let rows = rows.unwrap_or_else(|| panic!("{section} is missing: {:?}", archive.keys()));
        assert!(!rows.is_empty());
        for row in rows {
            assert!(left_out.iter().all(|name| row.get(*name).is_none()), "{section}: {row}");
        }
    }
    assert!(
        used.len() >= 27,
        "an account that uses everything has rows of every kind: {used:?}"
    );
    let text = read.text.to_lowercase();
    for secret in ["argon2", "\"hash\"", "\"digest\"", "\"mac\"", "\"pk\""] {
        assert!(!text.contains(secret), "{secret}");
    }
    for other in [ben.id.as_str(), "benoit", "friendcanary", "stranger@example.org"] {
        assert!(!text.contains(other), "{other} in {text}");
    }
    let canaries = archive["profile"][0].to_string().matches("AnnCanary").count();
    assert_eq!(canaries, 6);
    assert_eq!(
        archive["trips"].as_array().unwrap().len(),
        4,
        "the deleted one included"
    );
    let part = ann.get(&format!("{path}?part=1")).await.expect(200);
    assert_eq!(part.data()["archive"]["profile"], archive["profile"]);
    ann.get(&format!("{path}?part=2")).await.refused(404, "NOT_FOUND");
    ann.get(&format!("{path}?part=x")).await.refused_field("part");
}

#[tokio::test]
async fn an_export_is_made_once_an_hour_and_kept_for_a_day() {
    let api = Api::start().await;
    let (ann, ben) = (api.user("annlee").await, api.user("benoit").await);
    let made = ann.post(EXPORT, json!({})).await.expect(201);
    let path = made.header("location").to_owned();
    let again = ann.post(EXPORT, json!({})).await.refused(429, "RATE_LIMIT_EXCEEDED");
    assert_eq!(again.header("retry-after"), "3600");
    ben.get(&path).await.refused(404, "NOT_FOUND");
    ann.get(&format!("{EXPORT}/{}", ben.id)).await.refused(404, "NOT_FOUND");
    ann.get(&format!("{EXPORT}/nonsense")).await.refused(404, "NOT_FOUND");
    api.advance(SignedDuration::from_hours(1));
    let (one, two) = tokio::join!(ann.post(EXPORT, json!({})), ann.post(EXPORT, json!({})));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 429]);
    ann.get(&path).await.refused(404, "NOT_FOUND");
    let newest = if one.status == 201 { one } else { two };
    ann.get(newest.header("location")).await.expect(200);
    api.advance(SignedDuration::from_hours(24));
    ann.get(newest.header("location")).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_large_export_is_made_by_a_job() {
    let api = Api::start().await;
    let ann = api.user("annlee").await;
    for number in 0..60 {
        ann.trip(&format!("Trip {number}")).await;
    }
    let begun = ann.post(EXPORT, json!({})).await.expect(202);
    assert_eq!(begun.text_of("status"), "pending");
    let path = begun.header("location").to_owned();
    assert!(ann.get(&path).await.expect(200).data().get("archive").is_none());
    assert_eq!(api.run_job(Job::MakeExports).await.unwrap().done, 1);
    let read = ann.get(&path).await.expect(200);
    assert_eq!(read.text_of("status"), "completed");
    assert_eq!(read.data()["archive"]["trips"].as_array().unwrap().len(), 60);
    assert_eq!(
        api.run_job(Job::MakeExports).await.unwrap(),
        tripsage_tests::Report::default()
    );
}

#[tokio::test]
async fn an_account_is_deleted_by_who_knows_its_password() {
    let api = Api::start().await;
    let (ann, ben) = (api.registered("annlee").await, api.registered("benoit").await);
    let login = json!({ "email": ann.email, "password": PASSWORD });
    let second = api.post("/api/v1/auth/login", login.clone()).await.expect(200);
    let second = ann.with_token(&second.text_of("access_token"));
    let token = json!({ "name": "program", "scopes": ["profile:read"] });
    let token = ann
        .post("/api/v1/auth/tokens", token)
        .await
        .expect(201)
        .text_of("token");
    let program = ann.with_token(&token);
    program.get(ME).await.expect(200);

    let wrong = ann.delete_with(ME, json!({ "password": "not the one" })).await;
    let wrong = wrong.refused(403, "INSUFFICIENT_PERMISSIONS");
    let none = ann
        .delete_with(ME, json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    assert_eq!(wrong.body["message"], none.body["message"]);
    ann.delete_with(ME, json!({ "otp": "123456" }))
        .await
        .refused_field("otp");
    ann.get(ME).await.expect(200);

    let deleted = ann.delete_with(ME, json!({ "password": PASSWORD })).await.expect(200);
    let due = api.now() + SignedDuration::from_hours(30 * 24);
    assert_eq!(deleted.text_of("erased_at"), due.to_string());
    for credential in [&ann, &second, &program] {
        credential.get(ME).await.refused(401, "INVALID_CREDENTIAL");
    }
    api.post("/api/v1/auth/login", login).await.expect(401);
    api.get("/api/v1/users/annlee").await.refused(404, "NOT_FOUND");
    assert_eq!(
        api.get("/api/v1/users/search?q=ann").await.expect(200).data(),
        &json!([])
    );
    let mails = api.cloud().mails();
    let mail = mails.last().unwrap();
    assert_eq!(
        (mail.to.as_slice(), mail.subject.as_str()),
        ([ann.email].as_slice(), "Your TripSage account is deleted")
    );
    // Until it is erased, nobody else can take its names.
    let taken = ben.patch(ME, json!({ "username": "annlee" })).await;
    taken.refused(409, "ALREADY_EXISTS");
    assert_eq!(
        api.run_job(Job::EraseAccounts).await.unwrap(),
        tripsage_tests::Report::default()
    );
}

#[tokio::test]
async fn passwords_cannot_be_tried_out_by_deleting() {
    let api = Api::start().await;
    let ann = api.registered("annlee").await;
    let attempt = || ann.delete_with(ME, json!({ "password": "not the one" }));
    for _ in 0..5 {
        attempt().await.refused(403, "INSUFFICIENT_PERMISSIONS");
    }
    let refused = attempt().await.refused(429, "RATE_LIMIT_EXCEEDED");
    assert_ne!(refused.header("retry-after"), "");
    // Also the right one has to wait.
    let right = ann.delete_with(ME, json!({ "password": PASSWORD })).await;
    right.refused(429, "RATE_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn a_fresh_one_time_code_stands_for_the_password() {
    let api = Api::start().await;
    let ann = api.registered("annlee").await;
    api.post("/api/v1/auth/otp/request", json!({ "email": ann.email }))
        .await
        .expect(202);
    let mails = api.cloud().mails();
    let text = mails.last().unwrap().text.clone().unwrap();
    let (_, rest) = text.split_once("code is ").unwrap();
    let body = json!({ "email": ann.email, "otp": rest[..6] });
    let signed_in = api.post("/api/v1/auth/otp/verify", body).await.expect(200);
    let fresh = ann.with_token(&signed_in.text_of("access_token"));
    // The sign-in with the password is no such proof, and the other one not for long.
    ann.delete_with(ME, json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    api.advance(SignedDuration::from_mins(5));
    fresh
        .delete_with(ME, json!({}))
        .await
        .refused(403, "INSUFFICIENT_PERMISSIONS");
    api.advance(SignedDuration::from_mins(-1));
    fresh.delete_with(ME, json!({})).await.expect(200);
}
