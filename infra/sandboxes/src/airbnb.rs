//! An MCP server with the tools of mcp-server-airbnb, over streamable HTTP. The listings are made up.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tripsage_emulators::clock::Clock;

use crate::airbnb_listing as listing;
use crate::chance;
use crate::exchange::{Answer, Asked, StandIn};

/// Versions of the protocol, newest first.
const VERSIONS: [&str; 3] = ["2025-06-18", "2025-03-26", "2024-11-05"];
const SESSION: &str = "mcp-session-id";

/// Where it is served.
pub(crate) const PATH: &str = "/mcp";

/// The stand-in. It remembers which sessions are open.
pub(crate) struct Airbnb {
    clock: Clock,
    sessions: Mutex<(u64, BTreeSet<String>)>,
}

/// Errors of JSON-RPC.
const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;

impl Airbnb {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            sessions: Mutex::default(),
        }
    }

    fn post(&self, asked: &Asked) -> Answer {
        let accept = asked.header("accept").unwrap_or_default();
        if !accept.contains("application/json") || !accept.contains("text/event-stream") {
            let message = "Not Acceptable: Client must accept both application/json and text/event-stream";
            return error(406, Value::Null, INVALID_REQUEST, message);
        }
        let Ok(message) = serde_json::from_slice::<Value>(&asked.body) else {
            return error(400, Value::Null, PARSE_ERROR, "Parse error");
        };
        let id = message.get("id").cloned().unwrap_or(Value::Null);
        let Some(method) = message["method"].as_str().filter(|_| message["jsonrpc"] == "2.0") else {
            return error(400, id, INVALID_REQUEST, "Invalid Request");
        };
        if method == "initialize" {
            return self.initialize(id, &message["params"]);
        }
        if let Err(refused) = self.session(asked, &id) {
            return refused;
        }
        if message.get("id").is_none() {
            return Answer::empty(202);
        }
        match method {
            "ping" => result(id, json!({})),
            "tools/list" => result(id, json!({ "tools": listing::tools() })),
            "tools/call" => self.call(id, &message["params"]),
            _ => error(200, id, METHOD_NOT_FOUND, "Method not found"),
        }
    }

    fn initialize(&self, id: Value, params: &Value) -> Answer {
        let wanted = params["protocolVersion"].as_str().unwrap_or_default();
        let version = VERSIONS.into_iter().find(|version| *version == wanted);
        let session = {
            let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.0 += 1;
            let session = chance::letters(&format!("session {} {}", (self.clock)(), sessions.0), 32);
            sessions.1.insert(session.clone());
            session
        };
        let body = json!({
            "protocolVersion": version.unwrap_or(VERSIONS[0]),
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "airbnb", "version": "0.1.0-sandbox" },
        });
        result(id, body).with(SESSION, session)
    }

    /// Everything after `initialize` must name an open session and, where it names one, a version that is spoken.
    fn session(&self, asked: &Asked, id: &Value) -> Result<String, Answer> {
        let Some(session) = asked.header(SESSION) else {
            return Err(error(
                400,
                id.clone(),
                INVALID_REQUEST,
                "Bad Request: Mcp-Session-Id header is required",
            ));
        };
        if !self
            .sessions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .contains(session)
        {
            return Err(error(404, id.clone(), INVALID_REQUEST, "Session not found"));
        }
        match asked.header("mcp-protocol-version") {
            Some(version) if !VERSIONS.contains(&version) => Err(error(
                400,
                id.clone(),
                INVALID_REQUEST,
                "Bad Request: Unsupported protocol version",
            )),
            _ => Ok(session.to_owned()),
        }
    }

    /// Searches are answered as a stream of events, details as JSON: clients must read both.
    fn call(&self, id: Value, params: &Value) -> Answer {
        let arguments = &params["arguments"];
        let now = (self.clock)();
        match params["name"].as_str() {
            Some("airbnb_search") => events(&envelope(id, listing::search(arguments, now))),
            Some("airbnb_listing_details") => result(id, listing::details(arguments, now)),
            _ => error(200, id, INVALID_PARAMS, "Unknown tool"),
        }
    }
}

impl StandIn for Airbnb {
    fn answer(&self, asked: &Asked) -> Answer {
        match (asked.path.as_str(), asked.method.as_str()) {
            (PATH, "POST") => self.post(asked),
            (PATH, "DELETE") => match self.session(asked, &Value::Null) {
                Ok(session) => {
                    let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
                    sessions.1.remove(&session);
                    Answer::empty(200)
                }
                Err(refused) => refused,
            },
            // It has nothing to say on its own.
            (PATH, _) => Answer::empty(405).with("allow", "POST, DELETE"),
            _ => Answer::empty(404),
        }
    }

    fn credential(&self, _asked: &Asked) -> String {
        String::new()
    }
}

fn envelope(id: Value, result: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

fn result(id: Value, result: Value) -> Answer {
    plain(200, &envelope(id, result))
}

fn error(status: u16, id: Value, code: i64, message: &str) -> Answer {
    let error = json!({ "code": code, "message": message });
    plain(status, &json!({ "jsonrpc": "2.0", "id": id, "error": error }))
}

/// MCP clients compare the type as it is, without a charset.
fn plain(status: u16, body: &Value) -> Answer {
    let mut answer = Answer::json(status, body);
    answer.headers = vec![("content-type", "application/json".to_owned())];
    answer
}

fn events(message: &Value) -> Answer {
    Answer {
        status: 200,
        headers: vec![
            ("content-type", "text/event-stream".to_owned()),
            ("cache-control", "no-cache".to_owned()),
        ],
        body: format!("event: message\ndata: {message}\n\n").into(),
    }
}
