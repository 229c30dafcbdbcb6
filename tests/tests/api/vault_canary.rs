//! Nothing of a key that was entered occurs anywhere: not in answers, logs, tables, the cache or mails.

use std::{
    io,
    sync::{Arc, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};
use tripsage_tests::{Answer, Api, Effect, Fault};

use crate::{keys::KEYS, vault::Opener};

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

/// Secrets that were planted, with everything that would give them away.
#[derive(Default)]
struct Canaries(Vec<(String, Vec<String>)>);

impl Canaries {
    /// A new one, which looks like a key of Duffel.
    fn plant(&mut self, seed: u64) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut draw = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(LETTERS[usize::try_from(state % 62).unwrap()])
        };
        let random: String = (0..40).map(|_| draw()).collect();
        let secret = format!("duffel_test_{random}");
        let mut traces = vec![
            STANDARD.encode(&secret)[..40].to_owned(),
            URL_SAFE_NO_PAD.encode(&secret)[..40].to_owned(),
            STANDARD.encode(&random)[..40].to_owned(),
            random.bytes().map(|byte| format!("{byte:02x}")).collect(),
            random.bytes().map(|byte| format!("%{byte:02X}")).collect(),
        ];
        let fragments = random.as_bytes().windows(12);
        traces.extend(fragments.map(|part| String::from_utf8(part.to_vec()).unwrap()));
        self.0.push((secret.clone(), traces));
        secret
    }

    #[track_caller]
    fn absent(&self, place: &str, text: &str) {
        for (secret, traces) in &self.0 {
            for trace in traces {
                assert!(!text.contains(trace.as_str()), "{trace} of {secret} in {place}");
            }
        }
    }
}

#[tokio::test]
async fn no_trace_of_a_key_anywhere() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(lines.clone())
        .with_env_filter(EnvFilter::new(
            "info,keys=trace,tripsage_vault=trace,tripsage_http=trace,tripsage_store=trace",
        ))
        .finish();
    // The product runs on this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let api = Api::start().await;
    let ann = api.user("ann").await;
    let mut canaries = Canaries::default();
    let mut answers: Vec<Answer> = Vec::new();
    let mut seed = 0;
    let mut plant = |canaries: &mut Canaries| {
        seed += 1;
        canaries.plant(seed)
    };

    // Stored, with an idempotency key, and repeated.
    let secret = plant(&mut canaries);
    let body = json!({ "name": "n", "service": "duffel", "key": secret, "validate": false });
    for _ in 0..2 {
        let request = ann
            .request(Method::POST, KEYS)
            .header("idempotency-key", "once")
            .json(&body);
        answers.push(Answer::of(request).await.expect(201));
    }
    let id = answers[0].text_of("id");
    let path = format!("{KEYS}/{id}");

    // Asked about, whatever the service says.
    for refused in [false, true] {
        let secret = plant(&mut canaries);
        let secret = if refused {
            secret.replace("duffel_test_", "duffel_test_refused")
        } else {
            secret
        };
        let body = json!({ "service": "duffel", "key": secret });
        answers.push(ann.post(&format!("{KEYS}/validate"), body).await.expect(200));
        let body = json!({ "name": "n", "service": "duffel", "key": secret });
        answers.push(ann.post(KEYS, body).await);
    }

    // Replaced, used, opened in vain.
    let new = json!({ "new_key": plant(&mut canaries), "validate": false });
    answers.push(ann.post(&format!("{path}/rotate"), new).await.expect(200));
    answers.push(ann.post(&format!("{path}/validate"), json!({})).await);
    let opener = Opener::new(&api, "search");
    let opened = opener.open(ann.id.parse().unwrap(), id.parse().unwrap()).await.unwrap();
    canaries.absent("its debug text", &format!("{opened:?}"));
    api.cloud().aws().fault(
        Fault::new(Effect::Answer {
            status: 200,
            body: "{\"Plaintext\":".into(),
        })
        .operation("Decrypt")
        .first(1),
    );
    let error = opener
        .open(ann.id.parse().unwrap(), id.parse().unwrap())
        .await
        .unwrap_err();
    canaries.absent("an error", &format!("{error} {error:?}"));
    api.cloud()
        .aws()
        .fault(Fault::new(Effect::Reset).operation("Encrypt").first(3));
    let body = json!({ "name": "n", "service": "duffel", "key": plant(&mut canaries), "validate": false });
    answers.push(ann.post(KEYS, body).await);

    // Written in every wrong way.
    for wrong in [
        json!({ "name": "n", "service": "openweather", "key": plant(&mut canaries) }),
        json!({ "name": "n", "service": "duffel", "key": format!("{} ", plant(&mut canaries)) }),
        json!({ "name": "n", "service": "duffel", "key": [plant(&mut canaries)] }),
        json!({ "name": "n", "service": "duffel", "key": { "x": plant(&mut canaries) } }),
        json!({ "name": "n", "service": "duffel", "key": plant(&mut canaries), "unknown": 1 }),
        json!({ "name": 1, "service": "duffel", "key": plant(&mut canaries) }),
    ] {
        answers.push(ann.post(KEYS, wrong).await.refused(400, "VALIDATION_ERROR"));
    }
    for text in [
        format!(
            "{{\"name\":\"n\",\"service\":\"duffel\",\"key\":\"{}\"",
            plant(&mut canaries)
        ),
        format!("{{\"key\":\"{}\",\"key\":\"x\"}}", plant(&mut canaries)),
    ] {
        let request = ann
            .request(Method::POST, KEYS)
            .header("content-type", "application/json")
            .body(text);
        answers.push(Answer::of(request).await.refused(400, "MALFORMED_JSON"));
    }

    // Read in every way there is.
    for place in ["", "/usage", "/audit?per_page=100"] {
        answers.push(ann.get(&format!("{KEYS}{place}")).await.expect(200));
    }
    answers.push(ann.get(&path).await.expect(200));
    answers.push(ann.get("/api/v1/users/me/activity").await.expect(200));
    let export = ann.post("/api/v1/users/me/export", json!({})).await.expect(201);
    let export = ann
        .get(&format!("/api/v1/users/me/export/{}", export.text_of("id")))
        .await
        .expect(200);
    assert!(
        export.text.contains("provider_keys") && export.text.contains("********"),
        "{}",
        export.text
    );
    assert!(!export.text.contains("ciphertext"));
    answers.push(export);
    answers.push(ann.delete(&path).await.expect(200));

    for answer in &answers {
        canaries.absent("an answer", &format!("{} {:?}", answer.text, answer.headers));
    }
    for row in api.dump().await {
        canaries.absent("a table", &row.item.to_string());
    }
    let sent = |calls: Vec<tripsage_tests::Call>| {
        let bodies = calls
            .into_iter()
            .map(|call| String::from_utf8_lossy(&call.body).into_owned());
        bodies.collect::<Vec<_>>().join("\n")
    };
    canaries.absent("what was sent to DynamoDB", &sent(api.cloud().dynamodb().calls()));
    let redis = sent(api.cloud().upstash().calls());
    assert!(redis.contains("user:"), "Redis was asked");
    canaries.absent("what was sent to Redis", &redis);
    for mail in api.cloud().mails() {
        canaries.absent("a mail", &format!("{mail:?}"));
    }
    let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.lines().any(|line| serde_json::from_str::<Value>(line).is_ok()),
        "something was logged"
    );
    canaries.absent("the logs", &logged);
}
