//! What the functions answer to the events.

use std::collections::BTreeMap;

use scheduler::{Event, Job};
use serde_json::json;
use tripsage_emulators::{Cloud, CloudOptions, Template};
use tripsage_local::{FUNCTIONS, default_template};
use tripsage_sandboxes::{SandboxOptions, Sandboxes};

use crate::{
    event::operations,
    files::{document, fed, read, scheduled},
    function::{Answer, Function, run_to_end},
};

/// Operations that must succeed for anybody, at once.
const OPEN: [&str; 7] = [
    "getHealth",
    "getHealthLive",
    "getHealthReady",
    "getHealthDetailed",
    "getOpenapiJson",
    "getOpenapiYaml",
    "getJwks",
];

/// What functions run in: a cloud that holds them to their roles, and sandboxes, so that no event reaches a provider.
struct Surroundings {
    cloud: Cloud,
    sandboxes: Sandboxes,
}

impl Surroundings {
    fn environment(&self, binary: &str) -> BTreeMap<String, String> {
        let mut environment = self.cloud.environment(binary).expect("the template has the function");
        environment.extend(self.sandboxes.environment());
        // All operations come from one address in one minute.
        for limit in ["READS_PER_MINUTE", "WRITES_PER_MINUTE"] {
            environment.insert(limit.to_owned(), "100000".to_owned());
        }
        environment
    }
}

async fn cloud() -> Surroundings {
    let options = CloudOptions {
        proxied: true,
        ..CloudOptions::default()
    };
    let template = Template::load(&default_template()).unwrap();
    Surroundings {
        cloud: Cloud::start(&template, options).await.unwrap(),
        sandboxes: Sandboxes::start(SandboxOptions::default()).await.unwrap(),
    }
}

async fn start(surroundings: &Surroundings, binary: &str) -> Function {
    Function::start(binary, &surroundings.environment(binary)).await
}

/// Registers somebody new, and gives their access token.
async fn register(auth: &mut Function, number: usize) -> String {
    let mut event = read("auth-register.json");
    let body = json!({ "email": format!("u{number}@example.com"), "username": format!("user_{number}"), "password": "Test123!" });
    event["body"] = body.to_string().into();
    // Registrations from one address are limited.
    event["requestContext"]["http"]["sourceIp"] = format!("198.51.100.{number}").into();
    let answer = auth.invoke(event).await;
    let token = answer.body["data"]["access_token"].as_str();
    format!("Bearer {}", token.unwrap_or_else(|| panic!("{}", answer.text)))
}

#[track_caller]
fn is_error(file: &str, answer: &Answer, status: u64) {
    assert_eq!(answer.status, status, "{file}: {}", answer.text);
    assert_eq!(answer.body["success"], false, "{file}: {}", answer.text);
    assert_eq!(answer.body["status"], "error", "{file}: {}", answer.text);
    for field in ["code", "message", "request_id"] {
        assert!(answer.body[field].is_string(), "{file}: {field} in {}", answer.text);
    }
}

#[tokio::test]
async fn every_event_is_answered_as_the_description_says() {
    let (cloud, document) = (cloud().await, document());
    let mut auth = start(&cloud, "auth").await;
    let (mut travellers, mut token) = (0, String::new());
    for definition in FUNCTIONS {
        let mut function = start(&cloud, definition.binary).await;
        token.clear();
        for operation in operations(&document) {
            if operation.function() != definition.binary {
                continue;
            }
            let (file, id) = (operation.file(), operation.definition["operationId"].as_str().unwrap());
            let is_documented = |answer: &Answer| {
                let expected = answer.status < 500 && operation.answers_with(answer.status);
                assert!(expected, "{file}: {} {}", answer.status, answer.text);
            };
            let mut event = read(&file);
            let answer = function.invoke(event.clone()).await;
            assert!(answer.headers["x-request-id"].is_string(), "{file}: {}", answer.headers);
            if OPEN.contains(&id) {
                assert_eq!(answer.status, 200, "{file}: {}", answer.text);
            }
            if !operation.is_protected() {
                is_documented(&answer);
                continue;
            }
            is_error(&file, &answer, 401);
            // Operations on accounts may end the sign-in, so each gets somebody new.
            if token.is_empty() || ["auth", "users"].contains(&definition.binary) {
                travellers += 1;
                token = register(&mut auth, travellers).await;
            }
            event["headers"]["authorization"] = token.as_str().into();
            let answer = function.invoke(event).await;
            assert_ne!(answer.status, 401, "{file}, signed in: {}", answer.text);
            is_documented(&answer);
        }
    }
}

#[tokio::test]
async fn every_job_is_scheduled_and_done() {
    let cloud = cloud().await;
    let mut scheduler = start(&cloud, "scheduler").await;
    let mut jobs = Vec::new();
    for (file, event) in scheduled() {
        let job = serde_json::from_value::<Event>(event.clone()).unwrap().job;
        let mut report = scheduler.run(event).await;
        if job == Job::Reconcile {
            let found = report["reconciliation"].take();
            assert!(
                found["completed_at"].is_string() && found["discrepancies_found"] == 0,
                "{found}"
            );
            report.as_object_mut().unwrap().remove("reconciliation");
        }
        if job == Job::WarmCache {
            // The weather of some destinations can always be asked for; of how many depends on the hour.
            assert!(report["done"].as_u64() > Some(0) && report["failed"] == 0, "{report}");
        } else {
            assert_eq!(report, json!({ "done": 0, "void": 0, "failed": 0 }), "{file}");
        }
        jobs.push(job);
    }
    assert_eq!(jobs.len(), Job::ALL.len());
    assert!(Job::ALL.iter().all(|job| jobs.contains(job)));
}

/// Votes on an itinerary that is no more count nowhere; what is no event of the stream ends with an error.
#[tokio::test]
async fn records_of_streams_are_counted_and_nothing_else_is() {
    let cloud = cloud().await;
    for (file, event) in fed() {
        let mut function = start(&cloud, file.split('-').next().unwrap()).await;
        assert_eq!(
            function.run(event.clone()).await,
            json!({ "batchItemFailures": [] }),
            "{file}"
        );
        let mut foreign = event;
        foreign["Records"][1]["eventSource"] = "aws:sqs".into();
        assert!(
            function.refuses(foreign).await.contains("not a record of the stream"),
            "{file}"
        );
        let request = read("trips-listTrips.json");
        assert!(function.refuses(request).await.contains("unknown field"), "{file}");
    }
}

#[tokio::test]
async fn what_no_operation_takes_is_answered_in_the_envelope() {
    let cloud = cloud().await;
    let mut platform = start(&cloud, "platform").await;
    let mut event = read("platform-getHealthLive.json");
    event["rawPath"] = "/api/v1/nothing".into();
    event["requestContext"]["http"]["path"] = "/api/v1/nothing".into();
    is_error("no such path", &platform.invoke(event).await, 404);

    let mut event = read("platform-getHealthLive.json");
    event["requestContext"]["http"]["method"] = "DELETE".into();
    is_error("no such method", &platform.invoke(event).await, 405);

    let mut trips = start(&cloud, "trips").await;
    let mut event = read("trips-createTrip.json");
    event["headers"]["authorization"] = register(&mut start(&cloud, "auth").await, 1).await.into();
    for (body, is_base64) in [("{", false), ("/w==", true)] {
        event["body"] = body.into();
        event["isBase64Encoded"] = is_base64.into();
        is_error(body, &trips.invoke(event.clone()).await, 400);
    }
    // The alias without a version is the same operation.
    let mut event = read("trips-listTrips.json");
    event["rawPath"] = "/api/trips".into();
    event["requestContext"]["http"]["path"] = "/api/trips".into();
    is_error("alias", &trips.invoke(event).await, 401);
}

#[tokio::test]
async fn a_function_without_its_configuration_ends_with_one_clear_line() {
    let cloud = cloud().await;
    for function in &cloud.cloud.stack().functions {
        let complete = cloud.environment(&function.binary);
        for (name, value, problem) in [
            ("TABLE_OPERATIONS", None, "is not set"),
            ("READS_PER_MINUTE", Some("many"), "is not a positive whole number"),
        ] {
            let mut environment = complete.clone();
            match value {
                Some(value) => environment.insert(name.to_owned(), value.to_owned()),
                None => environment.remove(name),
            };
            let output = run_to_end(&function.binary, &environment);
            assert!(!output.status.success(), "{}", function.binary);
            let said = String::from_utf8_lossy(&output.stderr);
            let expected = format!("Error: environment variable {name} {problem}");
            assert_eq!(said.lines().collect::<Vec<_>>(), [expected], "{}", function.binary);
        }
    }
}
