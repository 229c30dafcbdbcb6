use serde_json::{Value, json};
use tripsage_domain::stay::{Guests, StaySearch};
use tripsage_providers::{Fault, Provider, Refusal};

use crate::stub::{Answer, Asked, Stub, soon};

const SEARCH: &str = include_str!("../../fixtures/airbnb/search.json");

/// A server of MCP that has one answer to every tool.
fn server(result: Value) -> impl Fn(&Asked, usize) -> Answer {
    move |asked, _| {
        let reply = |result: Value| json!({ "jsonrpc": "2.0", "id": asked.body["id"], "result": result }).to_string();
        match asked.body["method"].as_str() {
            Some("initialize") => Answer::Json(
                200,
                &[("mcp-session-id", "session-1")],
                reply(json!({
                    "protocolVersion": "2025-06-18",
                    "capabilities": { "tools": {} },
                    "serverInfo": { "name": "airbnb", "version": "1" },
                })),
            ),
            Some("tools/call") => Answer::ok(reply(result.clone())),
            Some(_) => Answer::status(202, ""),
            None => Answer::status(405, ""),
        }
    }
}

fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn search() -> StaySearch {
    StaySearch {
        place: "Amsterdam".to_owned(),
        center: None,
        radius_km: 5,
        check_in: "2027-06-01".parse().unwrap(),
        check_out: "2027-06-04".parse().unwrap(),
        rooms: 1,
        guests: Guests::new(2, vec![1, 7]).unwrap(),
    }
}

#[tokio::test]
async fn a_tool_is_called_in_a_session_of_its_own() {
    let stub = Stub::start(server(text(SEARCH))).await;
    let providers = std::sync::Arc::new(stub.providers());
    for _ in 0..2 {
        let providers = std::sync::Arc::clone(&providers);
        let call = async move { providers.airbnb().search(&search(), soon()).await.unwrap() };
        // Also that a call can be spawned at all.
        let found = tokio::spawn(call).await.unwrap();
        assert_eq!(
            (found.listings.len(), found.dropped, found.listings[0].provider),
            (4, 1, Provider::Airbnb)
        );
    }
    let asked = stub.asked();
    let called = |method: &str| asked.iter().filter(|asked| asked.body["method"] == method).count();
    assert_eq!((called("initialize"), called("tools/call")), (2, 2));
    let call = asked.iter().find(|asked| asked.body["method"] == "tools/call").unwrap();
    assert_eq!(call.header("mcp-session-id"), "session-1");
    assert_eq!(
        call.body["params"],
        json!({ "name": "airbnb_search", "arguments": {
            "location": "Amsterdam", "checkin": "2027-06-01", "checkout": "2027-06-04",
            "adults": 2, "children": 1, "infants": 1,
        }, "_meta": call.body["params"]["_meta"] })
    );
}

#[tokio::test]
async fn one_listing_is_read() {
    let stub = Stub::start(server(text(include_str!("../../fixtures/airbnb/details.json")))).await;
    let providers = stub.providers();
    let guests = Guests::new(1, vec![]).unwrap();
    let listing = providers.airbnb().listing("1001", None, &guests, soon()).await.unwrap();
    assert_eq!(listing.accommodation.name, "Airbnb, Amsterdam, Netherlands");
    let error = providers
        .airbnb()
        .listing("../1001", None, &guests, soon())
        .await
        .unwrap_err();
    assert!(matches!(
        error.fault,
        Fault::Refused {
            refusal: Refusal::NotFound,
            ..
        }
    ));
}

#[tokio::test]
async fn whatever_goes_wrong_has_a_name() {
    let failed = json!({ "isError": true, "content": [{ "type": "text", "text": "{\"error\":\"robots.txt\"}" }] });
    for (result, name) in [
        (failed, "refused"),
        (text("no JSON"), "malformed"),
        (json!({ "content": [] }), "malformed"),
        (text(&" ".repeat(5 * 1024 * 1024 + 1)), "too_large"),
    ] {
        let stub = Stub::start(server(result)).await;
        let error = stub.providers().airbnb().search(&search(), soon()).await.unwrap_err();
        assert_eq!(error.fault.name(), name, "{error:?}");
    }
    for (answer, name) in [
        (Answer::status(500, ""), "unavailable"),
        (
            Answer::Json(429, &[("retry-after", "77")], String::new()),
            "rate_limited",
        ),
        (Answer::ok("{}"), "malformed"),
        (Answer::BrokenOff, "unavailable"),
    ] {
        let stub = Stub::always(answer).await;
        let error = stub.providers().airbnb().search(&search(), soon()).await.unwrap_err();
        assert_eq!(error.fault.name(), name, "{error:?}");
    }
    let nowhere = crate::stub::providers("http://127.0.0.1:9");
    let error = nowhere.airbnb().search(&search(), soon()).await.unwrap_err();
    assert_eq!(error.fault.name(), "unavailable");
    let stub = Stub::always(Answer::Silence).await;
    let deadline = tripsage_providers::Deadline::after(std::time::Duration::from_millis(200));
    assert_eq!(
        stub.providers()
            .airbnb()
            .search(&search(), deadline)
            .await
            .unwrap_err()
            .fault,
        Fault::TimedOut
    );
}

/// A child process that speaks MCP over its input and output, as a laptop may have.
#[cfg(feature = "stdio")]
#[tokio::test]
async fn a_command_is_a_server_too() {
    let script = concat!("sh ", env!("CARGO_MANIFEST_DIR"), "/fixtures/airbnb/server.sh");
    for (command, listings) in [
        (script, Some(4)),
        ("sh -c exit", None),
        ("/there/is/no/such/command", None),
    ] {
        let providers = crate::stub::providers_with(&[("AIRBNB_MCP_URL", ""), ("AIRBNB_MCP_COMMAND", command)]);
        let found = providers.airbnb().search(&search(), soon()).await;
        assert_eq!(
            found.as_ref().ok().map(|found| found.listings.len()),
            listings,
            "{command}: {found:?}"
        );
        assert!(found.err().is_none_or(|error| error.fault.name() == "unavailable"));
    }
}
