use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Endpoint, answer, scripts};

#[tokio::test]
async fn the_in_process_engine_answers_as_the_table_says() {
    let endpoint = Endpoint::start().await;
    check(&endpoint).await;
}

/// The table is what Redis does, not what we believe it does.
#[tokio::test]
#[ignore = "needs redis-server in PATH; conformance/upstash.sh runs it"]
async fn a_real_server_answers_as_the_table_says() {
    let server = RealServer::start().await;
    let endpoint = Endpoint::start_on(Some(server.url())).await;
    check(&endpoint).await;
}

#[tokio::test]
#[ignore = "needs redis-server in PATH; conformance/upstash.sh runs it"]
async fn a_real_server_gets_scripts_and_transactions_in_its_own_terms() {
    let server = RealServer::start().await;
    let endpoint = Endpoint::start_on(Some(server.url())).await;
    let source = "#!lua flags=allow-key-locking\nreturn redis.call('INCR', KEYS[1])";
    let sha = endpoint.result(json!(["SCRIPT", "LOAD", source])).await;
    assert_eq!(endpoint.result(json!(["SCRIPT", "EXISTS", sha])).await, json!([1]));
    assert_eq!(endpoint.result(json!(["EVALSHA", sha, 1, "n"])).await, 1);
    let batch = json!([["EVALSHA", sha, 1, "n"], ["INCRBY", "n", "x"], ["GET", "n"]]);
    let expected = json!([
        { "result": 2 },
        { "error": "ERR value is not an integer or out of range" },
        { "result": "2" }
    ]);
    for path in ["/pipeline", "/multi-exec"] {
        endpoint.result(json!(["SET", "n", 1])).await;
        let request = endpoint.post(path, batch.to_string());
        assert_eq!(answer(request).await, (200, expected.clone()), "{path}");
    }
    let impossible = json!([["SET", "n", 9], ["NOPE"]]).to_string();
    let (status, body) = answer(endpoint.post("/multi-exec", impossible)).await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().starts_with("EXECABORT "), "{body}");
    assert_eq!(endpoint.result(json!(["GET", "n"])).await, "2");

    // More than both socket buffers hold.
    let value = "v".repeat(500_000);
    endpoint.result(json!(["SET", "big", value])).await;
    let reads: Vec<_> = (0..50).map(|_| json!(["GET", "big"])).collect();
    let (status, body) = answer(endpoint.post("/pipeline", Value::from(reads).to_string())).await;
    assert_eq!((status, body[49]["result"].as_str().unwrap().len()), (200, 500_000));

    drop(server);
    let (status, body) = answer(endpoint.get("/ping")).await;
    assert_eq!(status, 400);
    assert!(body["error"].as_str().unwrap().contains("does not answer"), "{body}");
}

async fn check(endpoint: &Endpoint) {
    let mut wrong = Vec::new();
    for (command, expected) in table().into_iter().chain(scripts::table()) {
        let body = endpoint.run(command.clone()).await;
        let right = match &expected {
            Ok(result) => body == json!({ "result": result }),
            Err(error) => body["error"].as_str().is_some_and(|text| text.starts_with(error)),
        };
        if !right {
            wrong.push(format!("{command}: {body}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A `redis-server` of its own on a free port, without persistence; killed on drop.
struct RealServer {
    process: Child,
    port: u16,
}

impl RealServer {
    async fn start() -> Self {
        let port = {
            let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
            free.local_addr().unwrap().port()
        };
        let process = Command::new("redis-server")
            .args([
                "--bind",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--save",
                "",
                "--appendonly",
                "no",
            ])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, port };
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("redis-server did not come up");
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const WRONG_TYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
const NOT_AN_INTEGER: &str = "ERR value is not an integer or out of range";
const SYNTAX: &str = "ERR syntax error";

/// In order: a row may build on the ones above it. An error is the start of the expected text.
fn table() -> Vec<(Value, Result<Value, &'static str>)> {
    let mut rows = strings();
    rows.extend(keys());
    rows.extend(hashes_and_sets());
    rows.extend(sorted_sets());
    rows.extend(lists());
    rows.push((json!(["FLUSHDB"]), Ok(json!("OK"))));
    rows.push((json!(["DBSIZE"]), Ok(json!(0))));
    rows
}

fn strings() -> Vec<(Value, Result<Value, &'static str>)> {
    vec![
        (json!(["SET", "s", "1"]), Ok(json!("OK"))),
        (json!(["SET", "s", "2", "NX"]), Ok(json!(null))),
        (json!(["SET", "s", "2", "NX", "GET"]), Ok(json!("1"))),
        (json!(["SET", "s", "2", "XX", "GET"]), Ok(json!("1"))),
        (json!(["SET", "new", "2", "XX"]), Ok(json!(null))),
        (json!(["SET", "new", "2", "GET"]), Ok(json!(null))),
        (json!(["SET", "s", "2", "NX", "XX"]), Err(SYNTAX)),
        (json!(["SET", "s", "2", "EX", "1", "PX", "1"]), Err(SYNTAX)),
        (json!(["SET", "s", "2", "EX", "1", "KEEPTTL"]), Err(SYNTAX)),
        (json!(["SET", "s", "2", "EX"]), Err(SYNTAX)),
        (json!(["SET", "s", "2", "EX", "x"]), Err(NOT_AN_INTEGER)),
        (
            json!(["SET", "s", "2", "EX", "-1"]),
            Err("ERR invalid expire time in 'set' command"),
        ),
        (json!(["SETNX", "s", "9"]), Ok(json!(0))),
        (json!(["SETNX", "t", "9"]), Ok(json!(1))),
        (
            json!(["SETEX", "e", "0", "v"]),
            Err("ERR invalid expire time in 'setex' command"),
        ),
        (json!(["GETDEL", "t"]), Ok(json!("9"))),
        (json!(["GETDEL", "t"]), Ok(json!(null))),
        (
            json!(["GETEX", "s", "EX", "0"]),
            Err("ERR invalid expire time in 'getex' command"),
        ),
        (json!(["MSET", "a", "1", "b", "2"]), Ok(json!("OK"))),
        (
            json!(["MSET", "a", "1", "b"]),
            Err("ERR wrong number of arguments for 'mset' command"),
        ),
        (json!(["MGET", "a", "none", "b"]), Ok(json!(["1", null, "2"]))),
        (json!(["INCR", "a"]), Ok(json!(2))),
        (json!(["INCRBY", "a", "-5"]), Ok(json!(-3))),
        (json!(["DECR", "a"]), Ok(json!(-4))),
        (json!(["DECRBY", "a", 6]), Ok(json!(-10))),
        (json!(["INCRBY", "a", "1.5"]), Err(NOT_AN_INTEGER)),
        (json!(["INCRBY", "a", "+1"]), Err(NOT_AN_INTEGER)),
        (json!(["INCRBY", "a", "01"]), Err(NOT_AN_INTEGER)),
        (json!(["SET", "max", "9223372036854775807"]), Ok(json!("OK"))),
        (json!(["INCR", "max"]), Err("ERR increment or decrement would overflow")),
        (
            json!(["DECRBY", "max", "-9223372036854775808"]),
            Err("ERR decrement would overflow"),
        ),
        (json!(["SET", "empty", ""]), Ok(json!("OK"))),
        (json!(["INCR", "empty"]), Err(NOT_AN_INTEGER)),
        (json!(["INCRBYFLOAT", "f", "10.5"]), Ok(json!("10.5"))),
        (json!(["INCRBYFLOAT", "f", "-0.5"]), Ok(json!("10"))),
        (json!(["INCRBYFLOAT", "f", "x"]), Err("ERR value is not a valid float")),
        (json!(["APPEND", "p", "ab"]), Ok(json!(2))),
        (json!(["APPEND", "p", "c"]), Ok(json!(3))),
        (json!(["STRLEN", "p"]), Ok(json!(3))),
        (json!(["STRLEN", "none"]), Ok(json!(0))),
        (json!(["ECHO", "hi"]), Ok(json!("hi"))),
        (json!(["PING", "hi"]), Ok(json!("hi"))),
    ]
}

fn keys() -> Vec<(Value, Result<Value, &'static str>)> {
    vec![
        (json!(["FLUSHALL"]), Ok(json!("OK"))),
        (json!(["MSET", "k:1", "v", "k:2", "v"]), Ok(json!("OK"))),
        (json!(["EXISTS", "k:1", "k:1", "none"]), Ok(json!(2))),
        (json!(["TYPE", "k:1"]), Ok(json!("string"))),
        (json!(["TYPE", "none"]), Ok(json!("none"))),
        (json!(["TTL", "k:1"]), Ok(json!(-1))),
        (json!(["PTTL", "none"]), Ok(json!(-2))),
        (json!(["EXPIRE", "none", 10]), Ok(json!(0))),
        (json!(["EXPIRE", "k:1", "x"]), Err(NOT_AN_INTEGER)),
        (
            json!(["EXPIRE", "k:1", "9223372036854775807"]),
            Err("ERR invalid expire time in 'expire' command"),
        ),
        (json!(["EXPIRE", "k:1", 100, "GT"]), Ok(json!(0))),
        (json!(["EXPIRE", "k:1", 100, "XX"]), Ok(json!(0))),
        (json!(["EXPIRE", "k:1", 100, "NX"]), Ok(json!(1))),
        (json!(["TTL", "k:1"]), Ok(json!(100))),
        (json!(["EXPIRE", "k:1", 100, "ZZ"]), Err("ERR Unsupported option ZZ")),
        (json!(["PERSIST", "k:1"]), Ok(json!(1))),
        (json!(["PEXPIREAT", "k:1", 1]), Ok(json!(1))),
        (json!(["KEYS", "k:*"]), Ok(json!(["k:2"]))),
        (
            json!(["SCAN", 0, "MATCH", "k:*", "COUNT", 100]),
            Ok(json!(["0", ["k:2"]])),
        ),
        (json!(["SCAN", 0, "TYPE", "list", "COUNT", 100]), Ok(json!(["0", []]))),
        (json!(["SCAN", "x"]), Err("ERR invalid cursor")),
        (json!(["SCAN", 0, "COUNT"]), Err(SYNTAX)),
        (json!(["DEL", "k:2", "none"]), Ok(json!(1))),
        (json!(["UNLINK", "k:2"]), Ok(json!(0))),
        (json!(["DBSIZE"]), Ok(json!(0))),
    ]
}

fn hashes_and_sets() -> Vec<(Value, Result<Value, &'static str>)> {
    vec![
        (json!(["HSET", "h", "a", 1, "b", 2]), Ok(json!(2))),
        (json!(["HSET", "h", "b", 3, "c", 4]), Ok(json!(1))),
        (
            json!(["HSET", "h", "b", 3, "c"]),
            Err("ERR wrong number of arguments for 'hset' command"),
        ),
        (json!(["HSETNX", "h", "a", 9]), Ok(json!(0))),
        (json!(["HGET", "h", "b"]), Ok(json!("3"))),
        (json!(["HGET", "h", "none"]), Ok(json!(null))),
        (json!(["HMGET", "h", "a", "none"]), Ok(json!(["1", null]))),
        (json!(["HGETALL", "h"]), Ok(json!(["a", "1", "b", "3", "c", "4"]))),
        (json!(["HGETALL", "none"]), Ok(json!([]))),
        (json!(["HKEYS", "h"]), Ok(json!(["a", "b", "c"]))),
        (json!(["HVALS", "h"]), Ok(json!(["1", "3", "4"]))),
        (json!(["HINCRBY", "h", "a", 5]), Ok(json!(6))),
        (json!(["HSET", "h", "t", "x"]), Ok(json!(1))),
        (json!(["HINCRBY", "h", "t", 1]), Err("ERR hash value is not an integer")),
        (json!(["HLEN", "h"]), Ok(json!(4))),
        (json!(["HEXISTS", "h", "a"]), Ok(json!(1))),
        (json!(["HDEL", "h", "a", "b", "c", "t", "none"]), Ok(json!(4))),
        (json!(["EXISTS", "h"]), Ok(json!(0))),
        (json!(["SADD", "m", "1", "2", "2"]), Ok(json!(2))),
        (json!(["SMEMBERS", "m"]), Ok(json!(["1", "2"]))),
        (json!(["SISMEMBER", "m", "1"]), Ok(json!(1))),
        (json!(["SMISMEMBER", "m", "1", "x"]), Ok(json!([1, 0]))),
        (json!(["SCARD", "m"]), Ok(json!(2))),
        (json!(["GET", "m"]), Err(WRONG_TYPE)),
        (json!(["HSET", "m", "a", 1]), Err(WRONG_TYPE)),
        (json!(["MGET", "m"]), Ok(json!([null]))),
        (json!(["SET", "m", "v", "GET"]), Err(WRONG_TYPE)),
        (json!(["TYPE", "m"]), Ok(json!("set"))),
        (json!(["SREM", "m", "1", "2", "3"]), Ok(json!(2))),
        (json!(["EXISTS", "m"]), Ok(json!(0))),
    ]
}

fn sorted_sets() -> Vec<(Value, Result<Value, &'static str>)> {
    vec![
        (json!(["ZADD", "z", 1, "a", 2.5, "b", 2.5, "c"]), Ok(json!(3))),
        (json!(["ZADD", "z", "CH", 3, "a", 4, "d"]), Ok(json!(2))),
        (json!(["ZADD", "z", "NX", 9, "a"]), Ok(json!(0))),
        (json!(["ZADD", "z", "XX", 9, "new"]), Ok(json!(0))),
        (json!(["ZADD", "z", "GT", "CH", 1, "a"]), Ok(json!(0))),
        (json!(["ZADD", "z", "LT", "CH", 1, "a"]), Ok(json!(1))),
        (json!(["ZADD", "z", "INCR", 2, "a"]), Ok(json!("3"))),
        (json!(["ZADD", "z", "NX", "INCR", 2, "a"]), Ok(json!(null))),
        (
            json!(["ZADD", "z", "NX", "XX", 2, "a"]),
            Err("ERR XX and NX options at the same time are not compatible"),
        ),
        (
            json!(["ZADD", "z", "NX", "GT", 2, "a"]),
            Err("ERR GT, LT, and/or NX options at the same time are not compatible"),
        ),
        (json!(["ZADD", "z", "x", "a"]), Err("ERR value is not a valid float")),
        (json!(["ZADD", "z", 1, "a", 2]), Err(SYNTAX)),
        (json!(["ZRANGE", "z", 0, -1]), Ok(json!(["b", "c", "a", "d"]))),
        (json!(["ZRANGE", "z", 0, 0, "WITHSCORES"]), Ok(json!(["b", "2.5"]))),
        (json!(["ZRANGE", "z", 0, 1, "REV"]), Ok(json!(["d", "a"]))),
        (
            json!(["ZREVRANGE", "z", 0, 1, "WITHSCORES"]),
            Ok(json!(["d", "4", "a", "3"])),
        ),
        (json!(["ZRANGE", "z", "(2.5", "+inf", "BYSCORE"]), Ok(json!(["a", "d"]))),
        (
            json!(["ZRANGE", "z", "+inf", "-inf", "BYSCORE", "REV", "LIMIT", 1, 2]),
            Ok(json!(["a", "c"])),
        ),
        (json!(["ZRANGE", "z", 0, 1, "LIMIT", 0, 1]), Err(SYNTAX)),
        (
            json!(["ZRANGEBYSCORE", "z", 2, 3, "WITHSCORES", "LIMIT", 0, 1]),
            Ok(json!(["b", "2.5"])),
        ),
        (json!(["ZREVRANGEBYSCORE", "z", 3, 2]), Ok(json!(["a", "c", "b"]))),
        (
            json!(["ZRANGEBYSCORE", "z", "x", 3]),
            Err("ERR min or max is not a float"),
        ),
        (json!(["ZCOUNT", "z", "(2.5", 4]), Ok(json!(2))),
        (json!(["ZSCORE", "z", "b"]), Ok(json!("2.5"))),
        (json!(["ZSCORE", "z", "none"]), Ok(json!(null))),
        (json!(["ZINCRBY", "z", "0.5", "b"]), Ok(json!("3"))),
        (json!(["ZCARD", "z"]), Ok(json!(4))),
        (json!(["ZREMRANGEBYSCORE", "z", "-inf", "(3"]), Ok(json!(1))),
        (json!(["ZREM", "z", "a", "b", "d", "none"]), Ok(json!(3))),
        (json!(["EXISTS", "z"]), Ok(json!(0))),
    ]
}

fn lists() -> Vec<(Value, Result<Value, &'static str>)> {
    vec![
        (json!(["RPUSH", "l", "a", "b", "c"]), Ok(json!(3))),
        (json!(["LPUSH", "l", "x", "y"]), Ok(json!(5))),
        (json!(["LRANGE", "l", 0, -1]), Ok(json!(["y", "x", "a", "b", "c"]))),
        (json!(["LRANGE", "l", -2, 100]), Ok(json!(["b", "c"]))),
        (json!(["LRANGE", "l", 3, 1]), Ok(json!([]))),
        (json!(["LPOP", "l"]), Ok(json!("y"))),
        (json!(["RPOP", "l", 2]), Ok(json!(["c", "b"]))),
        (json!(["LPOP", "none"]), Ok(json!(null))),
        (
            json!(["LPOP", "l", -1]),
            Err("ERR value is out of range, must be positive"),
        ),
        (json!(["LLEN", "l"]), Ok(json!(2))),
        (json!(["LTRIM", "l", 1, -1]), Ok(json!("OK"))),
        (json!(["LRANGE", "l", 0, -1]), Ok(json!(["a"]))),
        (json!(["LTRIM", "l", 5, 9]), Ok(json!("OK"))),
        (json!(["EXISTS", "l"]), Ok(json!(0))),
    ]
}

#[tokio::test]
async fn a_scan_returns_every_key_that_stays_while_others_come_and_go() {
    let endpoint = Endpoint::start().await;
    for at in 0..60 {
        endpoint.result(json!(["SET", format!("stay:{at}"), at])).await;
        endpoint.result(json!(["SET", format!("leave:{at}"), at])).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut cursor = json!("0");
    for round in 0.. {
        let page = endpoint
            .result(json!(["SCAN", cursor, "MATCH", "stay:*", "COUNT", 7]))
            .await;
        seen.extend(
            page[1]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key.as_str().unwrap().to_owned()),
        );
        cursor = page[0].clone();
        if cursor == "0" {
            break;
        }
        endpoint.result(json!(["DEL", format!("leave:{round}")])).await;
        endpoint.result(json!(["SET", format!("come:{round}"), 1])).await;
    }
    assert_eq!(seen.len(), 60);
}
