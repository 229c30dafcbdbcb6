//! KMS, Secrets Manager and SES on one loopback port: the operations that the product uses, and no others.
//!
//! Requests are told apart as on AWS: by `X-Amz-Target` for the JSON protocols, by method and path for SES. Signatures
//! are not checked. An operation that is not implemented answers `UnknownOperationException` and names itself.
//!
//! Crates that emulate these services exist; those that can be embedded either bring a second SQLite into the graph or
//! get wrong what the vault relies on (rotation that loses old ciphertexts, `KeyId` not checked on decryption).

mod error;
pub mod kms;
pub(crate) mod random;
pub mod secrets_manager;
pub mod ses;
mod state;

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::StartError;
use crate::clock::Clock;
use crate::serve::{self, Server};
use crate::template::Place;
pub(crate) use error::AwsError;
use error::Request;
use kms::Kms;
use secrets_manager::SecretsManager;
use ses::Ses;

/// The running stand-ins.
pub struct AwsServices {
    services: Arc<Services>,
    url: String,
    server: Server,
}

struct Services {
    kms: Kms,
    secrets: SecretsManager,
    ses: Ses,
}

impl AwsServices {
    /// Opens what `data` holds (or starts empty, in memory) and serves it.
    ///
    /// # Errors
    /// When a file in `data` cannot be read.
    pub fn start(listener: TcpListener, data: Option<&Path>, place: &Place, clock: &Clock) -> Result<Self, StartError> {
        let file = |name: &str| data.map(|directory| directory.join(name));
        let services = Arc::new(Services {
            kms: Kms::open(file("kms.json"), place.clone(), Arc::clone(clock))?,
            secrets: SecretsManager::open(file("secrets.json"), place.clone(), Arc::clone(clock))?,
            ses: Ses::open(file("mails.json"), Arc::clone(clock))?,
        });
        let url = serve::url(&listener)?;
        let router = Router::new().fallback(dispatch).with_state(Arc::clone(&services));
        let server = Server::spawn(|stopped| async move {
            if let Err(error) = axum::serve(listener, router)
                .with_graceful_shutdown(stopped.wait())
                .await
            {
                tracing::error!(%error, "the local AWS services stopped");
            }
        });
        Ok(Self { services, url, server })
    }

    /// Where they listen.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// KMS.
    pub fn kms(&self) -> &Kms {
        &self.services.kms
    }

    /// Secrets Manager.
    pub fn secrets(&self) -> &SecretsManager {
        &self.services.secrets
    }

    /// SES.
    pub fn ses(&self) -> &Ses {
        &self.services.ses
    }

    /// Stops serving.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// Runs on the thread that accepts requests, file writes included: they are rare and take a moment, and a write must be
/// on disk before it is answered anyhow.
async fn dispatch(
    State(services): State<Arc<Services>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok());
    let answer = Request::parse(&body).and_then(|request| match target.and_then(|target| target.split_once('.')) {
        Some(("TrentService", operation)) => services.kms.call(operation, &request),
        Some(("secretsmanager", operation)) => services.secrets.call(operation, &request),
        Some(_) => Err(AwsError::unknown_operation(target.unwrap_or_default())),
        None if method == Method::POST && uri.path() == "/v2/email/outbound-emails" => {
            services.ses.send_email(&request)
        }
        None => Err(AwsError::unknown_operation(&format!("{method} {}", uri.path()))),
    });
    match answer {
        Ok(value) => respond(StatusCode::OK, None, &value),
        Err(error) => {
            let status = if error.is_ours() {
                StatusCode::INTERNAL_SERVER_ERROR
            } else {
                StatusCode::BAD_REQUEST
            };
            respond(status, Some(error.code), &error.body())
        }
    }
}

fn respond(status: StatusCode, error_code: Option<&'static str>, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/x-amz-json-1.1"),
    );
    if let Some(code) = error_code {
        // The REST protocols carry the code here, the others in the body; sending both serves both.
        headers.insert("x-amzn-errortype", header::HeaderValue::from_static(code));
    }
    response
}
