use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tripsage_tests::{Answer, Api, User};

const ME: &str = "/api/v1/users/me";
const PREFERENCES: &str = "/api/v1/users/me/preferences";

#[tokio::test]
async fn a_profile_is_read_and_changed() {
    let api = Api::start().await;
    let ann = api.user("annlee").await;
    let read = ann.get(ME).await.expect(200);
    assert_eq!(
        (read.text_of("username"), read.text_of("email"), read.header("etag")),
        ("annlee".to_owned(), "annlee@example.com".to_owned(), "\"1\"")
    );
    let changed = ann
        .put(
            ME,
            json!({ "display_name": "Ann", "bio": "I walk.", "travel_interests": ["food", "Food", "temples"] }),
        )
        .await
        .expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(changed.data()["travel_interests"], json!(["food", "temples"]));
    let patched = ann
        .patch(ME, json!({ "bio": null, "travel_style": "slow" }))
        .await
        .expect(200);
    assert_eq!(patched.data()["bio"], Value::Null);
    assert_eq!(patched.data()["display_name"], "Ann", "what is not given stays");
    assert_eq!(ann.get(ME).await.expect(200).data(), patched.data());
    // Nothing changes, so nothing is written.
    let same = ann.patch(ME, json!({ "travel_style": "slow" })).await.expect(200);
    assert_eq!(same.header("etag"), "\"3\"");
    let alias = ann.get("/api/users/me").await.expect(200);
    assert_eq!(alias.data(), patched.data());
}

#[tokio::test]
async fn a_wrong_profile_is_refused_field_by_field() {
    let api = Api::start().await;
    let ann = api.user("annlee").await;
    for (body, field) in [
        (json!({ "email": "eve@example.com" }), "email"),
        (json!({ "role": "admin" }), "role"),
        (json!({ "username": "a" }), "username"),
        (json!({ "username": "search" }), "username"),
        (json!({ "username": null, "bio": "x".repeat(501) }), "bio"),
        (json!({ "avatar_url": "javascript:alert(1)" }), "avatar_url"),
        (json!({ "travel_interests": vec!["x"; 21] }), "travel_interests"),
        (json!({ "display_name": "a\u{202e}b" }), "display_name"),
    ] {
        ann.patch(ME, body).await.refused_field(field);
    }
    let both = ann
        .patch(ME, json!({ "display_name": "", "username": "#" }))
        .await
        .expect(400);
    assert_eq!(both.body["errors"].as_array().unwrap().len(), 2);
    for (method, path) in [
        (Method::GET, ME),
        (Method::PATCH, ME),
        (Method::GET, PREFERENCES),
        (Method::GET, "/api/v1/users/me/activity"),
        (Method::POST, "/api/v1/users/me/export"),
        (Method::DELETE, ME),
    ] {
        let request = api.request(method, path).json(&json!({}));
        Answer::of(request).await.refused(401, "MISSING_AUTHORIZATION");
    }
}

#[tokio::test]
async fn of_two_changes_of_one_version_one_is_lost_and_says_so() {
    let api = Api::start().await;
    let ann = api.user("annlee").await;
    let change = |bio: &'static str| {
        let request = ann.request(Method::PATCH, ME).header("if-match", "\"1\"");
        Answer::of(request.json(&json!({ "bio": bio })))
    };
    let (first, second) = tokio::join!(change("one"), change("two"));
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    // Without If-Match neither is lost.
    let changes = [json!({ "bio": "three" }), json!({ "travel_style": "slow" })].map(|body| ann.patch(ME, body));
    assert!(join_all(changes).await.iter().all(|answer| answer.status == 200));
    let read = ann.get(ME).await.expect(200);
    assert_eq!(
        (read.text_of("bio"), read.text_of("travel_style")),
        ("three".to_owned(), "slow".to_owned())
    );
}

#[tokio::test]
async fn a_username_belongs_to_one_and_moves_at_once() {
    let api = Api::start().await;
    let users = join_all((0..8).map(|n| api.user(format!("user-{n}").leak()))).await;
    let race = users.iter().map(|user| user.patch(ME, json!({ "username": "Golden" })));
    let answers = join_all(race).await;
    let winners: Vec<&User> = (0..8)
        .filter(|n| answers[*n].status == 200)
        .map(|n| &users[n])
        .collect();
    assert_eq!(winners.len(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        answer.refused(409, "ALREADY_EXISTS");
    }
    let (winner, loser) = (winners[0], users.iter().find(|user| user.id != winners[0].id).unwrap());
    api.get("/api/v1/users/golden").await.expect(200);
    api.get(&format!("/api/v1/users/{}", winner.name))
        .await
        .refused(404, "NOT_FOUND");
    // What is left can be taken, also in other letters.
    let freed = winner.name.to_uppercase();
    loser.patch(ME, json!({ "username": freed })).await.expect(200);
    winner.patch(ME, json!({ "username": "GOLDEN" })).await.expect(200);
    assert_eq!(
        api.get("/api/v1/users/golden").await.expect(200).text_of("username"),
        "GOLDEN"
    );
}

#[tokio::test]
async fn preferences_have_defaults_and_keep_what_is_not_given() {
    let api = Api::start().await;
    let ann = api.user("annlee").await;
    let defaults = ann.get(PREFERENCES).await.expect(200);
    assert_eq!(defaults.header("etag"), "\"0\"");
    assert_eq!(defaults.header("cache-control"), "private, max-age=0");
    assert_eq!(
        defaults.data(),
        &json!({
            "theme": "system", "currency": "USD", "language": "en", "timezone": "UTC",
            "notifications": { "email": true, "push": true, "marketing": false, "in_app": true },
            "privacy": { "profile_visible": true, "share_activity": false },
            "travel_preferences": {
                "budget_level": null, "accommodation_type": null, "travel_style": null, "dietary_restrictions": []
            },
        })
    );
    ann.put(
        PREFERENCES,
        json!({
            "theme": "dark", "currency": "eur", "language": "pt-br", "timezone": "europe/lisbon",
            "notifications": { "push": false },
            "travel_preferences": { "budget_level": "luxury", "dietary_restrictions": ["vegan"] },
        }),
    )
    .await
    .expect(200);
    let changed = ann
        .put(PREFERENCES, json!({ "travel_preferences": { "budget_level": null } }))
        .await
        .expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    assert_eq!(
        changed.data(),
        &json!({
            "theme": "dark", "currency": "EUR", "language": "pt-BR", "timezone": "Europe/Lisbon",
            "notifications": { "email": true, "push": false, "marketing": false, "in_app": true },
            "privacy": { "profile_visible": true, "share_activity": false },
            "travel_preferences": {
                "budget_level": null, "accommodation_type": null, "travel_style": null,
                "dietary_restrictions": ["vegan"]
            },
        })
    );
    api.forget_calls();
    let request = ann.request(Method::GET, PREFERENCES).header("if-none-match", "\"2\"");
    Answer::of(request).await.expect(304);
    assert_eq!(api.calls(), (vec!["GetItem".to_owned()], 1));
}

#[tokio::test]
async fn wrong_preferences_are_refused_field_by_field() {
    let api = Api::start().await;
    let ann = api.user("annlee").await;
    for (body, field) in [
        (json!({ "theme": "pink" }), "theme"),
        (json!({ "currency": "XXZ" }), "currency"),
        (json!({ "language": "en_US" }), "language"),
        (json!({ "timezone": "Atlantis/Capital" }), "timezone"),
        (json!({ "notifications": { "sms": true } }), "notifications.sms"),
        (
            json!({ "privacy": { "profile_visible": "yes" } }),
            "privacy.profile_visible",
        ),
        (
            json!({ "travel_preferences": { "budget_level": "free" } }),
            "travel_preferences.budget_level",
        ),
        (json!({ "preferences": {} }), "preferences"),
    ] {
        ann.put(PREFERENCES, body).await.refused_field(field);
    }
    let stale = ann.request(Method::PUT, PREFERENCES).header("if-match", "\"7\"");
    let stale = Answer::of(stale.json(&json!({ "theme": "dark" }))).await;
    stale.refused(412, "PRECONDITION_FAILED");
    assert_eq!(ann.get(PREFERENCES).await.expect(200).header("etag"), "\"0\"");
}

#[tokio::test]
async fn the_directory_shows_what_people_show_of_themselves() {
    let api = Api::start().await;
    let (ann, anna, _bob) = (api.user("annlee").await, api.user("anna").await, api.user("bob").await);
    api.forget_calls();
    let found = api.get("/api/v1/users/search?q=AN").await.expect(200);
    assert_eq!(api.calls(), (vec!["Query".to_owned()], 1));
    assert_eq!(
        found.data(),
        &json!([{ "username": "anna", "display_name": "anna" }, { "username": "annlee", "display_name": "annlee" }])
    );
    assert_eq!(
        api.get("/api/v1/users/search?q=an%25%23").await.expect(200).data(),
        &json!([])
    );
    api.get("/api/v1/users/search?q=a").await.refused_field("q");
    api.get("/api/v1/users/search").await.refused_field("q");

    ann.patch(ME, json!({ "full_name": "Ann Secret Lee", "bio": "I walk." }))
        .await
        .expect(200);
    let profile = api.get("/api/v1/users/AnnLee").await.expect(200);
    let fields: Vec<&String> = profile.data().as_object().unwrap().keys().collect();
    assert_eq!(
        fields,
        [
            "avatar_url",
            "bio",
            "created_at",
            "display_name",
            "travel_interests",
            "travel_style",
            "username"
        ]
    );
    let hide = json!({ "privacy": { "profile_visible": false, "share_activity": true } });
    ann.put(PREFERENCES, hide).await.expect(200);
    let hidden = anna.get("/api/v1/users/annlee").await.expect(200);
    assert_eq!(
        hidden.data(),
        &json!({ "username": "annlee", "display_name": "annlee" })
    );
    assert_eq!(
        ann.get("/api/v1/users/annlee").await.expect(200).data()["bio"],
        "I walk."
    );
    for name in ["nobody", "ab", "a%23b", "%ff"] {
        api.get(&format!("/api/v1/users/{name}"))
            .await
            .refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn stats_are_shown_by_who_shares_them() {
    let api = Api::start().await;
    let ann = api.user("annlee").await;
    ann.trip("Japan").await;
    let gone = ann.trip("Peru").await;
    ann.delete(&format!("/api/v1/trips/{gone}")).await.expect(200);
    let stats = "/api/v1/users/annlee/stats";
    let unshared = api.get(stats).await.expect(200);
    assert!(unshared.data()["trips"].is_null() && unshared.data()["created_at"].is_string());
    let own = ann.get(stats).await.expect(200);
    assert_eq!(own.data()["trips"], json!({ "owned": 1, "shared": 0, "completed": 0 }));
    let share = json!({ "privacy": { "share_activity": true } });
    ann.put(PREFERENCES, share).await.expect(200);
    assert_eq!(api.get(stats).await.expect(200).data()["trips"]["owned"], 1);
    let hide = json!({ "privacy": { "profile_visible": false } });
    ann.put(PREFERENCES, hide).await.expect(200);
    assert_eq!(
        api.get(stats).await.expect(200).data(),
        &json!({ "username": "annlee" })
    );
    api.get("/api/v1/users/nobody/stats").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn activity_is_ones_own_newest_first() {
    let api = Api::start().await;
    let (ann, bob) = (api.user("annlee").await, api.user("bob").await);
    let activity = "/api/v1/users/me/activity";
    let begun = api.now();
    for title in ["One", "Two", "Three"] {
        ann.trip(title).await;
        api.advance(jiff::SignedDuration::from_secs(60));
    }
    ann.patch(ME, json!({ "bio": "I walk." })).await.expect(200);
    let actions = |answer: &Answer| -> Vec<String> {
        let entries = answer.data().as_array().unwrap().iter();
        entries
            .map(|entry| entry["action"].as_str().unwrap().to_owned())
            .collect()
    };
    let all = ann.get(activity).await.expect(200);
    assert_eq!(
        actions(&all),
        ["user.modified", "trip.created", "trip.created", "trip.created"]
    );
    assert_eq!(bob.get(activity).await.expect(200).data(), &json!([]));

    let page = ann.get(&format!("{activity}?per_page=3")).await.expect(200);
    let cursor = page.body["pagination"]["next_cursor"].as_str().unwrap().to_owned();
    let rest = ann
        .get(&format!("{activity}?per_page=3&cursor={cursor}"))
        .await
        .expect(200);
    assert_eq!(
        (actions(&page).len(), actions(&rest)),
        (3, vec!["trip.created".to_owned()])
    );
    assert_eq!(rest.body["pagination"]["has_more"], false);
    let stolen = bob.get(&format!("{activity}?per_page=3&cursor={cursor}")).await;
    stolen.refused(400, "INVALID_CURSOR");
    let other = ann
        .get(&format!("{activity}?action=trip.created&cursor={cursor}"))
        .await;
    other.refused(400, "INVALID_CURSOR");

    let trips = ann
        .get(&format!("{activity}?action=trip.created&per_page=2"))
        .await
        .expect(200);
    assert_eq!(
        (actions(&trips).len(), &trips.body["pagination"]["has_more"]),
        (2, &json!(true))
    );
    let (from, to) = (
        begun + jiff::SignedDuration::from_secs(60),
        begun + jiff::SignedDuration::from_secs(120),
    );
    let between = ann.get(&format!("{activity}?from={from}&to={to}")).await.expect(200);
    assert_eq!(actions(&between), ["trip.created"]);
    ann.get(&format!("{activity}?from=yesterday"))
        .await
        .refused_field("from");
    ann.get(&format!("{activity}?per_page=0"))
        .await
        .refused_field("per_page");
    ann.get(&format!("{activity}?user=bob")).await.refused_field("user");
}

#[tokio::test]
async fn a_personal_access_token_reaches_what_its_scopes_say_and_never_the_whole_account() {
    let api = Api::start().await;
    let ann = api.registered("annlee").await;
    let mut tokens = Vec::new();
    for scopes in [
        json!(["profile:read"]),
        json!(["profile:write"]),
        json!(["trips:write"]),
    ] {
        let body = json!({ "name": "program", "scopes": scopes });
        let made = ann.post("/api/v1/auth/tokens", body).await.expect(201);
        tokens.push(ann.with_token(&made.text_of("token")));
    }
    let [reader, writer, stranger] = tokens.try_into().unwrap_or_else(|_| panic!("three tokens"));
    reader.get(ME).await.expect(200);
    reader
        .patch(ME, json!({ "bio": "x" }))
        .await
        .refused(403, "INSUFFICIENT_SCOPE");
    stranger.get(ME).await.refused(403, "INSUFFICIENT_SCOPE");
    writer.patch(ME, json!({ "bio": "x" })).await.expect(200);
    let export = writer.post("/api/v1/users/me/export", json!({})).await;
    export.refused(403, "INSUFFICIENT_SCOPE");
    let password = json!({ "password": tripsage_tests::PASSWORD });
    writer
        .delete_with(ME, password)
        .await
        .refused(403, "INSUFFICIENT_SCOPE");
}
