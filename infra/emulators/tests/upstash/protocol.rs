use reqwest::Method;
use serde_json::{Value, json};

use super::{Endpoint, READ_ONLY, TOKEN, answer};

#[tokio::test]
async fn every_route_wants_a_token() {
    let endpoint = Endpoint::start().await;
    for path in [
        "/",
        "/pipeline",
        "/multi-exec",
        "/get/k",
        "/subscribe/c",
        "/monitor",
        "/nothing",
    ] {
        for request in [
            endpoint.request(Method::POST, path),
            endpoint.request(Method::POST, path).bearer_auth("wrong"),
            endpoint.request(Method::POST, path).bearer_auth(""),
            endpoint.request(Method::POST, &format!("{path}?_token=wrong")),
            endpoint.request(Method::POST, path).basic_auth("default", Some(TOKEN)),
            // The header decides, even when the query would be right.
            endpoint
                .request(Method::POST, &format!("{path}?_token={TOKEN}"))
                .bearer_auth("wrong"),
        ] {
            let (status, body) = answer(request.body(r#"[["PING"]]"#)).await;
            assert_eq!(status, 401, "{path}");
            assert_eq!(body, json!({ "error": "WRONGPASS invalid or missing auth token" }));
        }
    }
    assert_eq!(endpoint.upstash.commands(), 0);
}

#[tokio::test]
async fn the_token_may_stand_in_the_query() {
    let endpoint = Endpoint::start().await;
    let with_token = |path: &str, body: &str| {
        endpoint
            .request(Method::POST, &format!("{path}?_token={TOKEN}"))
            .body(body.to_owned())
    };
    assert_eq!(answer(with_token("/set/k", "v")).await.1, json!({ "result": "OK" }));
    assert_eq!(
        answer(with_token("/", r#"["GET","k"]"#)).await.1,
        json!({ "result": "v" })
    );
    assert_eq!(
        answer(with_token("/pipeline", r#"[["GET","k"]]"#)).await.1,
        json!([{ "result": "v" }])
    );
}

#[tokio::test]
async fn four_methods_are_served() {
    let endpoint = Endpoint::start().await;
    for method in [Method::GET, Method::POST, Method::PUT] {
        let request = endpoint.request(method, "/ping").bearer_auth(TOKEN);
        assert_eq!(answer(request).await, (200, json!({ "result": "PONG" })));
    }
    let head = endpoint.request(Method::HEAD, "/ping").bearer_auth(TOKEN);
    let head = head.send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(head.text().await.unwrap(), "");
    for method in [Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let (status, body) = answer(endpoint.request(method, "/ping").bearer_auth(TOKEN)).await;
        assert_eq!(status, 405);
        assert!(body["error"].is_string());
    }
}

#[tokio::test]
async fn a_command_has_three_forms() {
    let endpoint = Endpoint::start().await;
    let text = r#"{"a": 1}"#;
    for (request, key, value, ttl) in [
        (
            endpoint.post("/", r#"["set","array",true,"EX",100]"#),
            "array",
            "true",
            100,
        ),
        (endpoint.get("/set/path%2F1/a%20b+c/EX/100"), "path/1", "a b+c", 100),
        (endpoint.post("/set/body?EX=100&NX", text), "body", text, 100),
        (endpoint.post("/SET/plain", "v"), "plain", "v", -1),
    ] {
        assert_eq!(answer(request).await, (200, json!({ "result": "OK" })), "{key}");
        assert_eq!(endpoint.result(json!(["GET", key])).await, value);
        assert_eq!(endpoint.result(json!(["TTL", key])).await, ttl);
    }
    let put = endpoint.request(Method::PUT, "/").bearer_auth(TOKEN);
    let put = put.body(r#"["GET","plain"]"#);
    assert_eq!(answer(put).await.1, json!({ "result": "v" }));
}

#[tokio::test]
async fn a_malformed_body_is_a_400_with_an_error() {
    let endpoint = Endpoint::start().await;
    for (path, body) in [
        ("/", ""),
        ("/", "GET k"),
        ("/", "{}"),
        ("/", "[]"),
        ("/", r#"[""]"#),
        ("/", r#"[1, "k"]"#),
        ("/", r#"["GET", null]"#),
        ("/", r#"["GET", ["k"]]"#),
        ("/", r#"[["GET", "k"]]"#),
        ("/pipeline", ""),
        ("/pipeline", "[]"),
        ("/pipeline", r#"["GET", "k"]"#),
        ("/pipeline", r#"[["GET", "k"], []]"#),
        ("/multi-exec", r#"[["GET", {}]]"#),
        ("/multi-exec", r#"[["GET", "k"]"#),
    ] {
        let (status, answered) = answer(endpoint.post(path, body)).await;
        assert_eq!(status, 400, "{path} {body}");
        let error = answered["error"].as_str().unwrap();
        assert!(error.starts_with("ERR "), "{error}");
    }
    assert_eq!(endpoint.upstash.commands(), 0);
}

#[tokio::test]
async fn a_command_that_fails_is_a_400_in_the_words_of_redis() {
    let endpoint = Endpoint::start().await;
    endpoint.result(json!(["SET", "text", "a"])).await;
    for (command, error) in [
        (
            json!(["NOPE", "a", "b"]),
            "ERR unknown command 'NOPE', with args beginning with: 'a' 'b' ",
        ),
        (json!(["get"]), "ERR wrong number of arguments for 'get' command"),
        (json!(["INCR", "text"]), "ERR value is not an integer or out of range"),
        (
            json!(["LPUSH", "text", "a"]),
            "WRONGTYPE Operation against a key holding the wrong kind of value",
        ),
        (
            json!(["SET", "k", "v", "EX", "0"]),
            "ERR invalid expire time in 'set' command",
        ),
        (
            json!(["EVALSHA", "f".repeat(40), 0]),
            "NOSCRIPT No matching script. Please use EVAL.",
        ),
    ] {
        let request = endpoint.post("/", command.to_string());
        assert_eq!(answer(request).await, (400, json!({ "error": error })), "{command}");
    }
}

#[tokio::test]
async fn what_needs_a_connection_is_refused_everywhere() {
    let endpoint = Endpoint::start().await;
    for name in ["WATCH", "blpop", "MULTI", "AUTH", "SELECT", "CONFIG", "SHUTDOWN"] {
        let error = format!("ERR Command is not available: '{}'", name.to_uppercase());
        let one = json!([name, "a"]);
        assert_eq!(
            answer(endpoint.post("/", one.to_string())).await,
            (400, json!({ "error": error }))
        );
        let piped = endpoint.post("/pipeline", json!([one, ["PING"]]).to_string());
        assert_eq!(
            answer(piped).await,
            (200, json!([{ "error": error }, { "result": "PONG" }]))
        );
        let (status, _) = answer(endpoint.post("/multi-exec", json!([["PING"], one]).to_string())).await;
        assert_eq!(status, 400);
    }
    for path in ["/subscribe/chat", "/psubscribe/chat", "/monitor"] {
        let request = endpoint.post(path, "").header("accept", "text/event-stream");
        let (status, body) = answer(request).await;
        assert_eq!(status, 400);
        assert!(body["error"].as_str().unwrap().contains("event stream"), "{body}");
    }
}

#[tokio::test]
async fn a_pipeline_answers_200_with_each_outcome_in_order() {
    let endpoint = Endpoint::start().await;
    let commands = json!([
        ["SET", "key1", "valuex"],
        ["SETEX", "key2", 13, "valuez"],
        ["INCR", "key1"],
        ["ZADD", "myset", 11, "item1", 22, "item2"]
    ]);
    let expected = json!([
        { "result": "OK" },
        { "result": "OK" },
        { "error": "ERR value is not an integer or out of range" },
        { "result": 2 }
    ]);
    assert_eq!(
        answer(endpoint.post("/pipeline", commands.to_string())).await,
        (200, expected.clone())
    );
    endpoint.result(json!(["FLUSHALL"])).await;
    assert_eq!(
        answer(endpoint.post("/multi-exec", commands.to_string())).await,
        (200, expected)
    );
    assert_eq!((endpoint.upstash.requests(), endpoint.upstash.commands()), (3, 9));
}

#[tokio::test]
async fn a_long_pipeline_passes_and_a_huge_request_does_not() {
    let endpoint = Endpoint::start().await;
    let long: Vec<_> = (0..1000).map(|at| json!(["SET", format!("k{at}"), at])).collect();
    let (status, body) = answer(endpoint.post("/pipeline", Value::from(long).to_string())).await;
    assert_eq!((status, body.as_array().unwrap().len()), (200, 1000));
    assert_eq!(endpoint.result(json!(["DBSIZE"])).await, 1000);

    let too_long: Vec<_> = (0..5000).map(|_| json!(["PING"])).collect();
    let (status, body) = answer(endpoint.post("/pipeline", Value::from(too_long).to_string())).await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().contains("pipeline size"), "{body}");

    let (status, body) = answer(endpoint.post("/set/k", "v".repeat(1024 * 1024 + 1))).await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().contains("request size"), "{body}");
}

#[tokio::test]
async fn a_transaction_with_an_impossible_command_is_discarded_as_a_whole() {
    let endpoint = Endpoint::start().await;
    for impossible in [json!(["NOPE"]), json!(["GET"]), json!(["SUBSCRIBE", "c"])] {
        let body = json!([["SET", "k", "v"], impossible]).to_string();
        let (status, body) = answer(endpoint.post("/multi-exec", body)).await;
        assert_eq!(status, 400);
        assert!(body["error"].as_str().unwrap().starts_with("EXECABORT "), "{body}");
    }
    assert_eq!(endpoint.result(json!(["EXISTS", "k"])).await, 0);
}

#[tokio::test]
async fn the_read_only_token_reads() {
    let endpoint = Endpoint::start().await;
    endpoint.result(json!(["SET", "k", "v"])).await;
    let as_reader = |path: &str, body: Value| {
        endpoint
            .request(Method::POST, path)
            .bearer_auth(READ_ONLY)
            .body(body.to_string())
    };
    for (command, status) in [
        (json!(["GET", "k"]), 200),
        (json!(["EVAL_RO", "return redis.call('GET', KEYS[1])", 1, "k"]), 200),
        (json!(["EVAL_RO", "return redis.call('DEL', KEYS[1])", 1, "k"]), 400),
        (json!(["set", "k", "w"]), 400),
        (json!(["EVAL", "return 1", 0]), 400),
        (json!(["FLUSHALL"]), 400),
        // Reads, but not for a token that may be public.
        (json!(["KEYS", "*"]), 400),
        (json!(["SCAN", 0]), 400),
    ] {
        assert_eq!(answer(as_reader("/", command.clone())).await.0, status, "{command}");
    }
    let refused = json!({ "error": "NOPERM this user has no permissions to run the 'del' command" });
    let both = json!([["GET", "k"], ["DEL", "k"]]);
    assert_eq!(
        answer(as_reader("/pipeline", both.clone())).await,
        (200, json!([{ "result": "v" }, refused]))
    );
    assert_eq!(answer(as_reader("/multi-exec", both)).await.0, 400);
    assert_eq!(endpoint.result(json!(["GET", "k"])).await, "v");
}

#[tokio::test]
async fn base64_encodes_every_string_but_ok() {
    let endpoint = Endpoint::start().await;
    let encoded = |path: &str, body: Value| {
        endpoint
            .post(path, body.to_string())
            .header("Upstash-Encoding", "base64")
    };
    for (command, result) in [
        (json!(["SET", "k", "bar"]), json!("OK")),
        (json!(["GET", "k"]), json!("YmFy")),
        (json!(["PING"]), json!("UE9ORw==")),
        (json!(["STRLEN", "k"]), json!(3)),
        (json!(["GET", "none"]), json!(null)),
        (json!(["MGET", "k", "none"]), json!(["YmFy", null])),
        (
            json!(["EVAL", "return {1, 'a', {'b', 'OK'}}", 0]),
            json!([1, "YQ==", ["Yg==", "OK"]]),
        ),
        // A stored `OK` looks like the status and is treated like it.
        (json!(["ECHO", "OK"]), json!("OK")),
    ] {
        let request = encoded("/", command.clone());
        assert_eq!(answer(request).await, (200, json!({ "result": result })), "{command}");
    }
    let mixed = json!([["GET", "k"], ["INCR", "k"]]);
    let expected = json!([{ "result": "YmFy" }, { "error": "ERR value is not an integer or out of range" }]);
    assert_eq!(answer(encoded("/pipeline", mixed.clone())).await.1, expected);
    assert_eq!(answer(encoded("/multi-exec", mixed)).await.1, expected);
}

#[tokio::test]
async fn bytes_survive_in_base64_and_are_replaced_in_plain_json() {
    let endpoint = Endpoint::start().await;
    let stored = endpoint.request(Method::POST, "/set/bin").bearer_auth(TOKEN);
    answer(stored.body(vec![0xff, 0x00, b'a'])).await;
    assert_eq!(endpoint.result(json!(["GET", "bin"])).await, "\u{fffd}\0a");
    let encoded = endpoint.get("/get/bin").header("Upstash-Encoding", "base64");
    assert_eq!(answer(encoded).await.1, json!({ "result": "/wBh" }));
    answer(endpoint.get("/set/escaped/%FF%00a")).await;
    let encoded = endpoint.get("/get/escaped").header("Upstash-Encoding", "base64");
    assert_eq!(answer(encoded).await.1, json!({ "result": "/wBh" }));
}

#[tokio::test]
async fn resp2_is_the_raw_answer() {
    let endpoint = Endpoint::start().await;
    for (path, body, status, raw) in [
        ("/set/foo/bar", "", 200, "+OK\r\n"),
        ("/get/foo", "", 200, "$3\r\nbar\r\n"),
        ("/get/none", "", 200, "$-1\r\n"),
        ("/mget/foo/none", "", 200, "*2\r\n$3\r\nbar\r\n$-1\r\n"),
        ("/strlen/foo", "", 200, ":3\r\n"),
        ("/incr/foo", "", 400, "-ERR value is not an integer or out of range\r\n"),
        ("/pipeline", r#"[["PING"],["DBSIZE"]]"#, 200, "+PONG\r\n:1\r\n"),
    ] {
        let request = endpoint.post(path, body).header("Upstash-Response-Format", "resp2");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["content-type"], "application/octet-stream");
        assert_eq!(response.text().await.unwrap(), raw);
    }
    let transaction = endpoint.post("/multi-exec", r#"[["GET","foo"]]"#);
    let transaction = transaction.header("Upstash-Response-Format", "resp2");
    assert_eq!(answer(transaction).await, (200, json!([{ "result": "bar" }])));
}

#[tokio::test]
async fn other_formats_are_refused() {
    let endpoint = Endpoint::start().await;
    let format = |value: &str| endpoint.get("/ping").header("Upstash-Response-Format", value);
    assert_eq!(answer(format("json")).await.0, 200);
    assert_eq!(answer(format("resp3")).await.0, 400);
    assert_eq!(
        answer(format("resp2").header("Upstash-Encoding", "base64")).await.0,
        400
    );
}

#[tokio::test]
async fn each_answer_carries_a_new_sync_token() {
    let endpoint = Endpoint::start().await;
    let mut tokens = Vec::new();
    for sent in ["", "1"] {
        let request = endpoint.get("/ping").header("upstash-sync-token", sent);
        let response = request.send().await.unwrap();
        tokens.push(response.headers()["upstash-sync-token"].clone());
    }
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn it_counts_round_trips_commands_and_what_scripts_ran() {
    let endpoint = Endpoint::start().await;
    answer(endpoint.post("/pipeline", r#"[["PING"],["PING"]]"#)).await;
    let script = "redis.call('INCR', KEYS[1]) return redis.pcall('PEXPIRE', KEYS[1], 1000)";
    endpoint.result(json!(["EVAL", script, 1, "k"])).await;
    answer(endpoint.request(Method::POST, "/ping")).await;
    let upstash = &endpoint.upstash;
    assert_eq!(
        (upstash.requests(), upstash.commands(), upstash.script_commands()),
        (3, 3, 2)
    );
}

#[tokio::test]
async fn it_stops_on_shutdown_and_on_drop() {
    for explicit in [true, false] {
        let endpoint = Endpoint::start().await;
        let ping = endpoint.get("/ping");
        let again = ping.try_clone().unwrap();
        assert!(ping.send().await.is_ok());
        if explicit {
            endpoint.upstash.shutdown().await;
        } else {
            drop(endpoint.upstash);
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert!(again.send().await.is_err());
    }
}
