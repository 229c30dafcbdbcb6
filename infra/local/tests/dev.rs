//! `cargo dev` as a process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the whole crate is a test")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use tripsage_emulators::CloudOptions;
use tripsage_local::{Product, ProductOptions};

struct Dev {
    process: Child,
    lines: Vec<String>,
}

impl Dev {
    fn start(directory: &Path, arguments: &[&str]) -> Self {
        let mut process = command(directory, arguments).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut dev = Self {
            process,
            lines: Vec::new(),
        };
        while !dev.lines.last().is_some_and(|line| line.starts_with("ready ")) {
            dev.lines
                .push(output.next().expect("it gets ready before it ends").unwrap());
        }
        dev
    }

    fn after(&self, label: &str) -> &str {
        self.lines
            .iter()
            .find_map(|line| line.strip_prefix(label))
            .unwrap()
            .trim()
    }

    fn dynamodb(&self) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(aws_sdk_dynamodb::config::Region::new("eu-west-1"))
            .credentials_provider(aws_credential_types::Credentials::from_keys("local", "local", None))
            .endpoint_url(self.after("DynamoDB"))
            .build();
        Client::from_conf(config)
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        // Already gone, or not to be left behind.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dev"));
    command
        .args(arguments)
        .current_dir(directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn failure(directory: &Path, arguments: &[&str]) -> String {
    let output = command(directory, arguments).output().unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn key(number: usize) -> (AttributeValue, AttributeValue) {
    (
        AttributeValue::S(format!("T#{number}")),
        AttributeValue::S("TEST".to_owned()),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let mut dev = Dev::start(directory.path(), &["--port", "0"]);
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let (client, acknowledged) = (dev.dynamodb(), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                for number in (writer..).step_by(4) {
                    let (pk, sk) = key(number);
                    let put = client
                        .put_item()
                        .table_name("tripsage-dev-TravelTable")
                        .item("pk", pk)
                        .item("sk", sk);
                    if put.send().await.is_err() {
                        return;
                    }
                    acknowledged.lock().unwrap().push(number);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(700)).await;
    dev.process.kill().unwrap();
    dev.process.wait().unwrap();
    for writer in writers {
        writer.abort();
    }

    let again = Dev::start(directory.path(), &["--port", "0"]);
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(
        acknowledged.len() > 20,
        "{} writes are too few to tell",
        acknowledged.len()
    );
    let client = again.dynamodb();
    for number in acknowledged {
        let (pk, sk) = key(number);
        let found = client
            .get_item()
            .table_name("tripsage-dev-TravelTable")
            .key("pk", pk)
            .key("sk", sk)
            .send()
            .await;
        assert!(
            found.unwrap().item.is_some(),
            "write {number} was acknowledged and is gone"
        );
    }
}

#[tokio::test]
async fn the_demo_traveller_has_trips_and_gets_them_once() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let dev = Dev::start(directory.path(), &["--port", "0"]);
        let url = dev.after("ready").to_owned();
        let (email, password) = dev.after("Demo login").split_once(" / ").unwrap();
        let http = reqwest::Client::new();
        let login = http
            .post(format!("{url}/api/v1/auth/login"))
            .json(&serde_json::json!({ "email": email, "password": password }));
        let login: serde_json::Value = login.send().await.unwrap().json().await.unwrap();
        let token = login["data"]["access_token"].as_str().unwrap();
        let trips = http.get(format!("{url}/api/v1/trips")).bearer_auth(token);
        let trips: serde_json::Value = trips.send().await.unwrap().json().await.unwrap();
        let titles: Vec<_> = trips["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|trip| &trip["title"])
            .collect();
        assert_eq!(titles, ["Long weekend in Lisbon", "Spring in Japan"]);
    }
}

#[tokio::test]
async fn it_prints_where_everything_is_and_stops_on_sigterm() {
    let directory = tempfile::tempdir().unwrap();
    // The alias of `cargo dev` ends with `--`; the command line of the documentation has another.
    let mut dev = Dev::start(directory.path(), &["--", "--port", "0", "--memory", "--seed", "none"]);
    let url = dev.after("ready").to_owned();
    assert_eq!(dev.after("Docs"), format!("{url}/docs"));
    let mails = reqwest::get(dev.after("Mails")).await.unwrap();
    assert_eq!(mails.text().await.unwrap(), r#"{"mails":[]}"#);
    let unrouted = reqwest::get(format!("{url}/no/such/route")).await.unwrap();
    assert_eq!(unrouted.status(), 404);
    assert!(!directory.path().join(".local").exists());
    let duffel = dev.after("Duffel").trim_end_matches(" (sandbox)").to_owned();
    let unauthenticated = reqwest::get(format!("{duffel}/air/orders")).await.unwrap();
    assert_eq!(unauthenticated.status(), 401);

    let killed = Command::new("kill")
        .args(["-TERM", &dev.process.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert!(dev.process.wait().unwrap().success());
}

#[tokio::test]
async fn cloud_only_writes_the_environment_of_the_functions() {
    let directory = tempfile::tempdir().unwrap();
    let dev = Dev::start(directory.path(), &["--port", "0", "--memory", "--cloud-only"]);
    let file = directory.path().join(".env.local");
    assert_eq!(
        Path::new(dev.after("Environment")).canonicalize().unwrap(),
        file.canonicalize().unwrap()
    );
    let text = std::fs::read_to_string(file).unwrap();
    let variables: BTreeMap<&str, &str> = text.lines().map(|line| line.split_once('=').unwrap()).collect();
    assert_eq!(variables["AWS_ENDPOINT_URL_DYNAMODB"], dev.after("DynamoDB"));
    assert_eq!(variables["PUBLIC_URL"], "http://127.0.0.1:9000");
    assert_eq!(variables["TABLE_TRAVEL"], "tripsage-dev-TravelTable");
    assert!(variables["SIGNING_SECRET"].starts_with("arn:aws:secretsmanager:"));
    assert_eq!(format!("{} (sandbox)", variables["DUFFEL_URL"]), dev.after("Duffel"));
    assert!(variables["AIRBNB_MCP_URL"].ends_with("/mcp"));
}

#[tokio::test]
async fn an_address_that_is_given_wins_over_the_sandbox_and_without_sandboxes_the_template_counts() {
    let directory = tempfile::tempdir().unwrap();
    let environment = |arguments: &[&str]| {
        let mut all = vec!["--port", "0", "--memory", "--cloud-only"];
        all.extend(arguments);
        let dev = Dev::start(directory.path(), &all);
        let text = std::fs::read_to_string(directory.path().join(".env.local")).unwrap();
        let duffel = text.lines().find_map(|line| line.strip_prefix("DUFFEL_URL="));
        let sandboxes = dev.lines.iter().filter(|line| line.ends_with("(sandbox)")).count();
        (duffel.unwrap().to_owned(), sandboxes)
    };
    let given = environment(&["--env", "DUFFEL_URL=http://127.0.0.1:9"]);
    assert_eq!(given, ("http://127.0.0.1:9".to_owned(), 5));
    let without = environment(&["--no-sandboxes"]);
    assert_eq!(without, ("https://api.duffel.com".to_owned(), 0));
}

#[tokio::test]
async fn the_stage_has_a_key_for_places_only_and_only_over_sandboxes() {
    let directory = tempfile::tempdir().unwrap();
    let start = async |sandboxes| {
        let options = ProductOptions {
            cloud: CloudOptions {
                data: Some(directory.path().to_owned()),
                ..CloudOptions::default()
            },
            sandboxes,
            ..ProductOptions::default()
        };
        Product::start(options).await.unwrap()
    };
    let keys = |product: &Product| -> serde_json::Value {
        serde_json::from_str(&product.cloud().secret("ProviderSecret").unwrap()).unwrap()
    };
    let product = start(true).await;
    assert!(
        keys(&product)["google_places"]
            .as_str()
            .unwrap()
            .starts_with("AIzaSandbox")
    );
    assert!(keys(&product).get("duffel").is_none());
    product.shutdown().await;
    let product = start(false).await;
    assert_eq!(keys(&product), serde_json::json!({}));
    let own = r#"{"google_places":"AIzaMine"}"#;
    product.cloud().set_secret("ProviderSecret", own).unwrap();
    product.shutdown().await;
    let product = start(true).await;
    assert_eq!(
        keys(&product)["google_places"],
        "AIzaMine",
        "what a developer filled in stays"
    );
    product.shutdown().await;
}

#[test]
fn what_prevents_a_start_is_one_line_on_stderr() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    std::fs::write(directory.path().join("file"), "").unwrap();
    std::fs::write(directory.path().join("broken.yaml"), "Resources: [").unwrap();
    for (arguments, expected) in [
        (
            vec!["--memory", "--port", &port],
            format!("cannot listen on 127.0.0.1:{port}"),
        ),
        (
            vec!["--port", "0", "--data", "file"],
            "cannot keep data in file".to_owned(),
        ),
        (
            vec!["--port", "0", "--data", "file/deeper"],
            "cannot keep data in file/deeper".to_owned(),
        ),
        (
            vec!["--memory", "--port", "0", "--template", "broken.yaml"],
            "broken.yaml: YAML".to_owned(),
        ),
        (
            vec!["--memory", "--port", "0", "--template", "none.yaml"],
            "none.yaml".to_owned(),
        ),
    ] {
        let stderr = failure(directory.path(), &arguments);
        assert!(
            stderr.starts_with("cargo dev: ") && stderr.contains(&expected),
            "{arguments:?}: {stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    assert!(failure(directory.path(), &["--port", "many"]).contains("--port"));
}
