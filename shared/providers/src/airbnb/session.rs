//! One call of a tool, in a session of its own.

use std::time::Duration;

use rmcp::{
    ServiceError, ServiceExt,
    model::{CallToolRequestParams, CallToolResult},
    service::{ClientInitializeError, RoleClient, RunningService},
    transport::{
        DynamicTransportError, StreamableHttpClientTransport,
        streamable_http_client::{StreamableHttpClientTransportConfig, StreamableHttpError},
    },
};
use serde_json::{Map, Value};

use crate::{Fault, Refusal, policy::Attempt, policy::MAX_BODY};

/// How long saying goodbye may take.
const GOODBYE: Duration = Duration::from_millis(250);

/// Where the server is.
#[derive(Clone, Copy)]
pub(super) enum Server<'a> {
    /// Behind an address, over streamable HTTP.
    Address(&'a reqwest::Client, &'a str),
    /// A child process, over its standard input and output.
    #[cfg(feature = "stdio")]
    Command(&'a str),
}

type Session = RunningService<RoleClient, ()>;

/// The text that a tool answers.
pub(super) async fn call(server: Server<'_>, tool: &'static str, arguments: Map<String, Value>) -> Attempt<String> {
    let result = match server {
        Server::Address(http, url) => {
            let config = StreamableHttpClientTransportConfig::with_uri(url).max_sse_event_size(MAX_BODY);
            let transport = StreamableHttpClientTransport::with_client(http.clone(), config);
            match ().serve(transport).await {
                Ok(session) => ask(session, tool, arguments).await,
                Err(error) => Err(start_fault(&error)),
            }
        }
        #[cfg(feature = "stdio")]
        Server::Command(command) => child(command, tool, arguments).await,
    };
    Attempt {
        status: None,
        wait: None,
        result,
    }
}

/// The process ends with the session: its input closes, and it is killed when it does not mind that.
#[cfg(feature = "stdio")]
async fn child(command: &str, tool: &'static str, arguments: Map<String, Value>) -> Result<String, Fault> {
    let mut words = command.split_whitespace();
    let mut child = tokio::process::Command::new(words.next().ok_or(Fault::NotConfigured)?)
        .args(words)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|_| Fault::Unavailable("its command cannot be started"))?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Fault::Unavailable("its command cannot be started"));
    };
    let session = ().serve((output, input)).await.map_err(|error| start_fault(&error))?;
    ask(session, tool, arguments).await
}

async fn ask(session: Session, tool: &'static str, arguments: Map<String, Value>) -> Result<String, Fault> {
    let parameters = CallToolRequestParams::new(tool).with_arguments(arguments);
    let answer = session.peer().call_tool(parameters).await;
    // Should it not hear this, it forgets the session by itself.
    let _ = tokio::time::timeout(GOODBYE, session.cancel()).await;
    read(answer.map_err(|error| call_fault(&error))?)
}

fn read(result: CallToolResult) -> Result<String, Fault> {
    if result.is_error == Some(true) {
        // Its text says why, in words for a model. The page was not there, or robots.txt forbids it.
        return Err(Fault::Refused {
            refusal: Refusal::Other,
            message_for_us: "the tool failed".to_owned(),
        });
    }
    let text = result
        .content
        .iter()
        .find_map(|block| block.as_text())
        .map(|text| text.text.clone());
    let text = text.ok_or(Fault::Malformed("no text"))?;
    if text.len() > MAX_BODY {
        return Err(Fault::TooLarge);
    }
    Ok(text)
}

fn start_fault(error: &ClientInitializeError) -> Fault {
    match error {
        ClientInitializeError::TransportError { error, .. } => transport_fault(error),
        ClientInitializeError::ConnectionClosed(_) | ClientInitializeError::Cancelled => {
            Fault::Unavailable("the connection was lost")
        }
        _ => Fault::Malformed("not the documented beginning of a session"),
    }
}

fn call_fault(error: &ServiceError) -> Fault {
    match error {
        ServiceError::TransportSend(error) => transport_fault(error),
        ServiceError::TransportClosed | ServiceError::Cancelled { .. } => Fault::Unavailable("the connection was lost"),
        ServiceError::McpError(error) => Fault::Refused {
            refusal: Refusal::Other,
            message_for_us: format!("MCP error {}", error.code.0),
        },
        ServiceError::Timeout { .. } => Fault::TimedOut,
        _ => Fault::Malformed("not the documented result of a tool"),
    }
}

fn transport_fault(error: &DynamicTransportError) -> Fault {
    let Some(error) = error.error.downcast_ref::<StreamableHttpError<reqwest::Error>>() else {
        return Fault::Unavailable("it cannot be reached");
    };
    match error {
        StreamableHttpError::HttpStatus(error) if error.status == 429 => Fault::RateLimited {
            retry_after: error
                .retry_after
                .as_deref()
                .and_then(|seconds| seconds.parse().ok())
                .map_or(Duration::from_secs(30), Duration::from_secs)
                .clamp(Duration::from_secs(1), Duration::from_secs(3_600)),
        },
        StreamableHttpError::HttpStatus(_) => Fault::Unavailable("it has an error of its own"),
        StreamableHttpError::ResponseBodyTooLarge { .. } => Fault::TooLarge,
        StreamableHttpError::UnexpectedContentType(_)
        | StreamableHttpError::UnexpectedServerResponse(_)
        | StreamableHttpError::Deserialize(_) => Fault::Malformed("not a message of MCP"),
        StreamableHttpError::AuthRequired(_) | StreamableHttpError::InsufficientScope(_) => Fault::KeyRefused,
        _ => Fault::Unavailable("it cannot be reached"),
    }
}
