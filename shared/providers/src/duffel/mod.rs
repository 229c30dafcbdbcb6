//! Duffel, version 2: flights and stays.

mod flights;
mod offer;
mod order;
mod orders;
mod stay;
mod stays;
mod webhook;
mod wire;

use std::{sync::Arc, time::Duration};

use http::{HeaderValue, StatusCode, header};
use reqwest::Method;
use serde_json::{Value, json};

pub use self::webhook::{SIGNATURE_HEADER, WebhookError, WebhookEvent, WebhookKind, sign_webhook, verify_webhook};
use crate::{
    Access, Deadline, Fault, Provider, Refusal, Result,
    access::bearer,
    policy::{Call, Outbound, Reply, Safety},
};

/// How long reading something may take.
const READ: Duration = Duration::from_secs(10);

/// How long a search may take, with the airlines that are asked.
const SEARCH: Duration = Duration::from_secs(25);

/// How long an order, a payment or a cancellation may take: airlines are slow, and giving up early helps nobody.
const WRITE: Duration = Duration::from_secs(25);

/// A client of Duffel.
pub struct Duffel {
    pub(crate) outbound: Arc<Outbound>,
}

/// One request of Duffel.
struct Request<'a> {
    operation: &'static str,
    method: Method,
    /// Without the address, with the query.
    path: String,
    /// What goes into `data`.
    data: Option<Value>,
    safety: Safety,
    limit: Duration,
    access: &'a Access,
    deadline: Deadline,
}

impl<'a> Request<'a> {
    fn get(operation: &'static str, path: String, access: &'a Access, deadline: Deadline) -> Self {
        Self {
            operation,
            method: Method::GET,
            path,
            data: None,
            safety: Safety::Repeatable,
            limit: READ,
            access,
            deadline,
        }
    }

    fn post(operation: &'static str, path: &str, data: Value, access: &'a Access, deadline: Deadline) -> Self {
        Self {
            operation,
            method: Method::POST,
            path: path.to_owned(),
            data: Some(data),
            safety: Safety::Once,
            limit: READ,
            access,
            deadline,
        }
    }

    /// The same with something to lose.
    fn lasting(self) -> Self {
        Self {
            safety: Safety::Lasting,
            limit: WRITE,
            ..self
        }
    }
}

impl Duffel {
    pub(crate) fn is_configured(&self) -> bool {
        self.address().is_some()
    }

    fn address(&self) -> Option<&str> {
        self.outbound.address("DUFFEL_URL")
    }

    /// The cheapest call that needs a key.
    pub(crate) async fn probe(&self, access: &Access, deadline: Deadline) -> Result<()> {
        let request = Request::get("probe", "/air/airlines?limit=1".to_owned(), access, deadline);
        let probed = self.call(request, |_| Ok(())).await;
        probed.map_err(|mut error| {
            // A key that may not even read the list of airlines is of no use here.
            if let Fault::Refused {
                refusal: Refusal::FeatureUnavailable,
                ..
            } = error.fault
            {
                error.fault = Fault::KeyRefused;
            }
            error
        })
    }

    async fn call<T>(
        &self,
        request: Request<'_>,
        read: impl Fn(&Reply) -> std::result::Result<T, Fault> + Sync,
    ) -> Result<T> {
        let fail = |fault: Fault| fault.of(Provider::Duffel);
        let address = self.address().ok_or_else(|| fail(Fault::NotConfigured))?;
        let key = bearer(&request.access.secret).ok_or_else(|| fail(Fault::KeyRefused))?;
        let url = format!("{address}{}", request.path);
        let call = Call {
            provider: Provider::Duffel,
            operation: request.operation,
            account: &request.access.account,
            safety: request.safety,
            limit: request.limit,
            deadline: request.deadline,
            is_search: request.operation == "search",
        };
        let body = request.data.map(|data| json!({ "data": data }));
        let send = |http: &reqwest::Client| {
            let builder = http
                .request(request.method.clone(), &url)
                .header(header::AUTHORIZATION, key.clone())
                .header("duffel-version", HeaderValue::from_static("v2"))
                .header(header::ACCEPT, HeaderValue::from_static("application/json"));
            match &body {
                Some(body) => builder.json(body),
                None => builder,
            }
        };
        let read = |reply: &Reply| match reply.status {
            // Taken in, with the outcome to come later by webhook.
            StatusCode::ACCEPTED if request.safety == Safety::Lasting => Err(Fault::Unknown {
                hint: None,
                accepted: true,
            }),
            status if status.is_success() => read(reply),
            _ => Err(wire::fault(reply, request.safety)),
        };
        self.outbound.send(call, send, read).await
    }
}

/// An id that may be a part of a path. Others are not found: they were never Duffel's.
fn id(text: &str) -> Result<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=128).contains(&text.len()) && text.bytes().all(is_plain) {
        return Ok(text);
    }
    Err(Fault::Refused {
        refusal: Refusal::NotFound,
        message_for_us: "not an id of Duffel".to_owned(),
    }
    .of(Provider::Duffel))
}
