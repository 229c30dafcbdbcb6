//! What the functions answer to the events.

use jiff::Timestamp;
use tripsage_local::FUNCTIONS;
use tripsage_runtime::Ports;
use tripsage_tests::Api;

use crate::{
    event::operations,
    files::{document, read},
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

/// A product whose clock agrees with the functions' processes, which have the system's.
async fn product() -> Api {
    let api = Api::start().await;
    let now: Timestamp = Ports::system().clock.now();
    api.advance(now.duration_since(api.now()));
    api
}

async fn start(api: &Api, binary: &str) -> Function {
    let environment = api.cloud().environment(binary).expect("the template has the function");
    Function::start(binary, &environment).await
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
    let (api, document) = (product().await, document());
    let token = api.user("alice").await.token;
    for definition in FUNCTIONS {
        let mut function = start(&api, definition.binary).await;
        for operation in operations(&document)
            .iter()
            .filter(|operation| operation.function() == definition.binary)
        {
            let (file, id) = (operation.file(), operation.definition["operationId"].as_str().unwrap());
            let event = read(&file);
            let answer = function.invoke(event.clone()).await;
            assert!(answer.headers["x-request-id"].is_string(), "{file}: {}", answer.headers);
            if OPEN.contains(&id) {
                assert_eq!(answer.status, 200, "{file}: {}", answer.text);
            }
            if operation.is_protected() {
                is_error(&file, &answer, 401);
                let mut signed_in = event;
                signed_in["headers"]["authorization"] = format!("Bearer {token}").into();
                let answer = function.invoke(signed_in).await;
                assert_ne!(answer.status, 401, "{file}, signed in: {}", answer.text);
                assert!(
                    answer.status < 500 && operation.answers_with(answer.status),
                    "{file}, signed in: {} {}",
                    answer.status,
                    answer.text
                );
            } else {
                assert!(
                    answer.status < 500 && operation.answers_with(answer.status),
                    "{file}: {} {}",
                    answer.status,
                    answer.text
                );
            }
        }
    }
}

#[tokio::test]
async fn what_no_operation_takes_is_answered_in_the_envelope() {
    let api = product().await;
    let mut platform = start(&api, "platform").await;
    let mut event = read("platform-getHealthLive.json");
    event["rawPath"] = "/api/v1/nothing".into();
    event["requestContext"]["http"]["path"] = "/api/v1/nothing".into();
    is_error("no such path", &platform.invoke(event).await, 404);

    let mut event = read("platform-getHealthLive.json");
    event["requestContext"]["http"]["method"] = "DELETE".into();
    is_error("no such method", &platform.invoke(event).await, 405);

    let mut trips = start(&api, "trips").await;
    let mut event = read("trips-createTrip.json");
    event["headers"]["authorization"] = format!("Bearer {}", api.user("alice").await.token).into();
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
    let api = product().await;
    for function in FUNCTIONS {
        let complete = api.cloud().environment(function.binary).unwrap();
        for (name, value, problem) in [
            ("TABLE_OPERATIONS", None, "is not set"),
            ("READS_PER_MINUTE", Some("many"), "is not a positive whole number"),
        ] {
            let mut environment = complete.clone();
            match value {
                Some(value) => environment.insert(name.to_owned(), value.to_owned()),
                None => environment.remove(name),
            };
            let output = run_to_end(function.binary, &environment);
            assert!(!output.status.success(), "{}", function.binary);
            let said = String::from_utf8_lossy(&output.stderr);
            let expected = format!("Error: environment variable {name} {problem}");
            assert_eq!(said.lines().collect::<Vec<_>>(), [expected], "{}", function.binary);
        }
    }
}
