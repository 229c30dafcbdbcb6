//! A function's process.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

use crate::runtime_api::{Outcome, RuntimeApi};

/// A running function. Dropping it ends its process.
pub struct Function {
    process: Child,
    runtime: RuntimeApi,
}

/// What API Gateway makes of a function's answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u64,
    pub headers: Value,
    pub body: Value,
    pub text: String,
}

impl Function {
    pub async fn start(binary: &str, environment: &BTreeMap<String, String>) -> Self {
        let runtime = RuntimeApi::start().await;
        let process = command(binary, environment, runtime.address())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, runtime }
    }

    /// Hands over an event, and gives what the function returns.
    pub async fn run(&mut self, event: Value) -> Value {
        match self.runtime.invoke(event).await {
            Outcome::Response(answer) => answer,
            Outcome::Failure(failure) => panic!("the function failed: {failure}"),
        }
    }

    /// Hands over an event that the function fails on, and gives what it says.
    pub async fn refuses(&mut self, event: Value) -> String {
        match self.runtime.invoke(event).await {
            Outcome::Response(answer) => panic!("the function answered: {answer}"),
            Outcome::Failure(failure) => failure["errorMessage"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Hands over an event of API Gateway.
    pub async fn invoke(&mut self, event: Value) -> Answer {
        let answer = self.run(event).await;
        let text = answer["body"].as_str().unwrap_or_default().to_owned();
        Answer {
            status: answer["statusCode"].as_u64().unwrap(),
            headers: answer["headers"].clone(),
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Runs a function that is expected to end by itself.
pub fn run_to_end(binary: &str, environment: &BTreeMap<String, String>) -> Output {
    // Nobody listens there: a function must notice before it asks for its first event.
    command(binary, environment, "127.0.0.1:9").output().unwrap()
}

/// The process with the variables that Lambda sets, and no others.
fn command(binary: &str, environment: &BTreeMap<String, String>, runtime_api: &str) -> Command {
    let mut command = Command::new(binaries().join(binary));
    command
        .env_clear()
        .envs(environment)
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", binary)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "test")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "test");
    command
}

/// Where the compiled functions are. A package cannot depend on another one's binaries on stable Rust, so they are
/// built here, with the settings of this test.
fn binaries() -> &'static Path {
    static BINARIES: OnceLock<PathBuf> = OnceLock::new();
    BINARIES.get_or_init(|| {
        // <target>/<profile>/deps/<this test>
        let this = std::env::current_exe().unwrap();
        let profile = this.parent().and_then(Path::parent).unwrap();
        let name = match profile.file_name().and_then(OsStr::to_str) {
            Some("debug") | None => "dev",
            Some(other) => other,
        };
        let status = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--locked",
                "--workspace",
                "--bins",
                "--profile",
                name,
            ])
            .arg("--target-dir")
            .arg(profile.parent().unwrap())
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .status()
            .unwrap();
        assert!(status.success(), "the functions do not compile");
        profile.to_owned()
    })
}
