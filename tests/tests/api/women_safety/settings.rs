//! What somebody keeps for an emergency: sealed, shown masked, and in full only to them.

use std::{
    io,
    sync::{Arc, Mutex},
};

use reqwest::Method;
use serde_json::{Value, json};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};
use tripsage_store::personal_data::Entity;
use tripsage_tests::{Answer, Api, Call, Effect, Fault, User};

use super::ROOT;

const SECRETS: [&str; 7] = [
    "CanaryContact",
    "4915112345612",
    "CanaryCondition",
    "CanaryMedication",
    "CanaryAllergy",
    "CanaryInsurer",
    "CanaryPolicy",
];

fn path() -> String {
    format!("{ROOT}/settings")
}

fn everything() -> Value {
    json!({
        "women_only_group_preference": true,
        "location_sharing_enabled": true,
        "emergency_contacts": [{ "name": "CanaryContact", "phone": "+49 151 123 456 12" }],
        "medical_conditions": "CanaryCondition",
        "medications": "CanaryMedication",
        "allergies": "CanaryAllergy",
        "blood_group": "AB-",
        "insurance_provider": "CanaryInsurer",
        "insurance_id": "CanaryPolicy",
    })
}

async fn revealed(user: &User) -> Answer {
    user.post(&format!("{}/reveal", path()), json!({})).await
}

#[tokio::test]
async fn settings_are_shown_masked_and_in_full_to_their_owner() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let none = ann.get(&path()).await.expect(200);
    assert_eq!(
        (&none.data()["has_allergies"], &none.data()["emergency_contacts"]),
        (&json!(false), &json!([]))
    );
    ann.put(&path(), everything()).await.expect(200);
    let shown = ann.get(&path()).await.expect(200);
    assert_eq!(
        shown.data()["emergency_contacts"],
        json!([{ "name": "C•••", "phone": "+49 ••• ••12" }])
    );
    for field in [
        "medical_conditions",
        "medications",
        "allergies",
        "blood_group",
        "insurance_provider",
        "insurance_id",
    ] {
        assert_eq!(shown.data()[format!("has_{field}")], true, "{field}");
        assert!(shown.data().get(field).is_none());
    }
    let full = revealed(&ann).await.expect(200);
    let mut expected = everything();
    expected["emergency_contacts"][0]["phone"] = json!("+4915112345612");
    assert_eq!(full.data(), &expected);
    assert_eq!(full.header("cache-control"), "no-store");

    // What is not given stays; null removes.
    ann.put(&path(), json!({ "allergies": null, "location_sharing_enabled": false }))
        .await
        .expect(200);
    let full = revealed(&ann).await.expect(200);
    assert_eq!(
        (&full.data()["allergies"], &full.data()["medications"]),
        (&Value::Null, &json!("CanaryMedication"))
    );
    assert_eq!(full.data()["location_sharing_enabled"], false);
    let all = [
        "emergency_contacts",
        "medical_conditions",
        "medications",
        "blood_group",
        "insurance_provider",
        "insurance_id",
    ];
    let nothing: serde_json::Map<String, Value> = all.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let shown = ann.put(&path(), Value::Object(nothing)).await.expect(200);
    assert_eq!(shown.data()["emergency_contacts"], json!([]));
    assert_eq!(shown.data()["women_only_group_preference"], true);
    let rows = api.dump().await;
    let row = rows.iter().find(|row| row.entity == Entity::SafetySettings).unwrap();
    assert_eq!(row.item["sealed"], json!({ "NULL": true }), "nothing is kept of it");

    let trail = ann.get("/api/v1/users/me/activity?per_page=100").await.expect(200);
    let actions = |name: &str| {
        trail
            .data()
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["action"] == name)
            .count()
    };
    assert_eq!(
        (actions("safety.settings.revealed"), actions("safety.settings.modified")),
        (2, 3)
    );
}

#[tokio::test]
async fn what_cannot_be_kept() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let contact = json!({ "name": "a", "phone": "112" });
    for (field, value) in [
        ("medical_conditions", json!("x".repeat(1001))),
        ("medical_conditions", json!(["CanaryCondition"])),
        ("allergies", json!("a\u{202E}b")),
        ("blood_group", json!("C+")),
        ("emergency_contacts", json!([contact, contact, contact])),
        ("emergency_contacts", json!("CanaryContact")),
        (
            "emergency_contacts[0].phone",
            json!([{ "name": "a", "phone": "CanaryContact" }]),
        ),
        ("emergency_contacts[0].name", json!([{ "name": "", "phone": "112" }])),
        (
            "emergency_contacts[0].nick",
            json!([{ "name": "a", "phone": "112", "nick": "CanaryContact" }]),
        ),
        ("women_only_group_preference", json!("CanaryCondition")),
        ("unknown", json!("CanaryCondition")),
    ] {
        let name = field.split('[').next().unwrap();
        let refused = ann.put(&path(), json!({ name: value })).await.refused_field(field);
        assert!(!refused.text.contains("Canary"), "{}", refused.text);
    }
    // Each is short enough, and all of them together are not: KMS encrypts 4096 bytes.
    let long = "€".repeat(700);
    let body = json!({ "medical_conditions": long, "allergies": long });
    ann.put(&path(), body).await.refused_field("medical_conditions");
    let body = json!({ "medical_conditions": "€".repeat(1000), "allergies": "x".repeat(700) });
    ann.put(&path(), body).await.expect(200);
    let stale = ann.request(Method::PUT, &path()).header("if-match", "\"7\"");
    Answer::of(stale.json(&json!({ "location_sharing_enabled": true })))
        .await
        .refused(412, "PRECONDITION_FAILED");
}

#[tokio::test]
async fn a_personal_access_token_reveals_nothing() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    ann.put(&path(), everything()).await.expect(200);
    let body = json!({ "name": "t", "scopes": ["community:read", "community:write"] });
    let token = ann.post("/api/v1/auth/tokens", body).await.expect(201).text_of("token");
    let robot = ann.with_token(&token);
    robot.get(&path()).await.expect(200);
    let refused = revealed(&robot).await.refused(403, "INSUFFICIENT_SCOPE");
    assert!(!refused.text.contains("Canary"));
    api.post(&format!("{}/reveal", path()), json!({}))
        .await
        .refused(401, "MISSING_AUTHORIZATION");
}

#[tokio::test]
async fn without_kms_nothing_is_half_written_and_the_rest_stays_readable() {
    let api = Api::start().await;
    let ann = api.user("ann").await;
    ann.put(&path(), everything()).await.expect(200);
    let before = ann.get(&path()).await.expect(200).body["data"].clone();
    for operation in ["Encrypt", "Decrypt"] {
        api.cloud().aws().fault(Fault::new(Effect::Reset).operation(operation));
    }
    let change = json!({ "location_sharing_enabled": false, "allergies": "CanaryAllergy" });
    let refused = ann.put(&path(), change).await.refused(503, "DEPENDENCY_UNAVAILABLE");
    assert!(!refused.header("retry-after").is_empty());
    assert!(
        !revealed(&ann)
            .await
            .refused(503, "DEPENDENCY_UNAVAILABLE")
            .header("retry-after")
            .is_empty()
    );
    assert_eq!(ann.get(&path()).await.expect(200).data(), &before);
    // What is not sealed can be changed meanwhile.
    ann.put(&path(), json!({ "location_sharing_enabled": false }))
        .await
        .expect(200);
    api.cloud().aws().reset();
    assert_eq!(revealed(&ann).await.expect(200).data()["allergies"], "CanaryAllergy");
    let trail = ann
        .get("/api/v1/users/me/activity?action=safety.settings.revealed")
        .await
        .expect(200);
    assert_eq!(
        trail.data().as_array().unwrap().len(),
        1,
        "what was not handed out is not recorded"
    );
}

#[tokio::test]
async fn settings_of_one_cannot_be_opened_as_those_of_another() {
    let api = Api::start().await;
    let (ann, eve) = (api.user("ann").await, api.user("eve").await);
    ann.put(&path(), everything()).await.expect(200);
    eve.put(&path(), json!({ "allergies": "nuts" })).await.expect(200);
    let rows = api.dump().await;
    let of = |user: &User| {
        let pk = format!("USER#{}", user.id);
        let mut rows = rows.iter().filter(|row| row.entity == Entity::SafetySettings);
        rows.find(|row| row.item["pk"]["S"] == pk).unwrap().item.clone()
    };
    let key = json!({ "pk": of(&eve)["pk"], "sk": of(&eve)["sk"] });
    api.overwrite("CommunityTable", &key, "sealed", &of(&ann)["sealed"])
        .await;
    let refused = revealed(&eve).await.refused(409, "CONFLICT");
    assert!(!refused.text.contains("Canary"));
    eve.put(&path(), json!({ "medications": "none" }))
        .await
        .refused(409, "CONFLICT");
    // Giving all of it again mends it.
    eve.put(&path(), everything()).await.expect(200);
    revealed(&eve).await.expect(200);
    // The context says whose they are, and no other key can be used for them.
    let sealed = api
        .cloud()
        .aws()
        .calls()
        .into_iter()
        .filter(|call| call.operation.as_deref() == Some("Encrypt"));
    let bodies: Vec<Value> = sealed.map(|call| serde_json::from_slice(&call.body).unwrap()).collect();
    let context = &bodies[0]["EncryptionContext"];
    assert_eq!(
        (&context["purpose"], &context["user"]),
        (&json!("safety-settings"), &json!(ann.id))
    );
    assert!(context["stage"].is_string());
}

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_trace_of_what_is_sealed_anywhere() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(lines.clone())
        .with_env_filter(EnvFilter::new(
            "info,safety=trace,tripsage_vault=trace,tripsage_http=trace,tripsage_store=trace",
        ))
        .finish();
    // The product runs on this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let mut answers = vec![ann.put(&path(), everything()).await.expect(200)];
    answers.push(
        ann.put(&path(), json!({ "insurance_id": "CanaryPolicy2" }))
            .await
            .expect(200),
    );
    answers.push(ann.get(&path()).await.expect(200));
    answers.push(ann.get("/api/v1/users/me/activity").await.expect(200));
    // With an idempotency key the answer is not kept either.
    let full = ann
        .request(Method::POST, &format!("{}/reveal", path()))
        .header("idempotency-key", "once")
        .json(&json!({}));
    let full = Answer::of(full).await.expect(200);
    assert!(SECRETS.iter().all(|secret| full.text.contains(secret)), "{}", full.text);
    api.cloud()
        .aws()
        .fault(Fault::new(Effect::Reset).operation("Encrypt").first(3));
    answers.push(
        ann.put(&path(), everything())
            .await
            .refused(503, "DEPENDENCY_UNAVAILABLE"),
    );
    let export = ann.post("/api/v1/users/me/export", json!({})).await.expect(201);
    let export = ann
        .get(&format!("/api/v1/users/me/export/{}", export.text_of("id")))
        .await
        .expect(200);
    assert!(
        export.text.contains("safety_settings") && export.text.contains("C•••"),
        "{}",
        export.text
    );
    assert!(!export.text.contains("ciphertext"));
    answers.push(export);

    let absent = |place: &str, text: &str| {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {place}");
        }
    };
    for answer in &answers {
        absent("an answer", &format!("{} {:?}", answer.text, answer.headers));
    }
    for row in api.dump().await {
        absent("a table", &row.item.to_string());
    }
    let sent = |calls: Vec<Call>| {
        let bodies = calls
            .into_iter()
            .map(|call| String::from_utf8_lossy(&call.body).into_owned());
        bodies.collect::<Vec<_>>().join("\n")
    };
    absent("what was sent to DynamoDB", &sent(api.cloud().dynamodb().calls()));
    absent("what was sent to Redis", &sent(api.cloud().upstash().calls()));
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.lines().any(|line| serde_json::from_str::<Value>(line).is_ok()),
        "something was logged"
    );
    absent("the logs", &logged);
}
