use serde_json::{Value, json};

use super::Endpoint;

/// What `@upstash/ratelimit` puts on the first line of its scripts.
const SHEBANG: &str = "#!lua flags=allow-key-locking\n";

const FIXED_WINDOW: &str = "
local count = redis.call('INCRBY', KEYS[1], ARGV[3])
if count == tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return { count, redis.call('PTTL', KEYS[1]) }";

#[tokio::test]
async fn a_script_is_loaded_once_and_called_by_its_name() {
    let endpoint = Endpoint::start().await;
    let source = format!("{SHEBANG}{FIXED_WINDOW}");
    let sha = endpoint.result(json!(["SCRIPT", "LOAD", source])).await;
    assert_eq!(sha.as_str().unwrap().len(), 40);
    let call = json!(["EVALSHA", sha, 1, "window", 10, 1000, 1]);
    assert_eq!(endpoint.result(call.clone()).await, json!([1, 1000]));
    endpoint.pass(400);
    assert_eq!(endpoint.result(call.clone()).await, json!([2, 600]));
    endpoint.pass(600);
    assert_eq!(endpoint.result(call.clone()).await, json!([1, 1000]));

    assert_eq!(
        endpoint.result(json!(["SCRIPT", "EXISTS", sha, "0"])).await,
        json!([1, 0])
    );
    assert_eq!(endpoint.result(json!(["SCRIPT", "FLUSH"])).await, "OK");
    assert!(
        endpoint.run(call.clone()).await["error"]
            .as_str()
            .unwrap()
            .starts_with("NOSCRIPT ")
    );

    // EVAL keeps the script, too.
    endpoint.result(json!(["EVAL", source, 1, "other", 10, 1000, 1])).await;
    assert_eq!(endpoint.result(call).await, json!([2, 1000]));
}

#[tokio::test]
async fn a_script_is_atomic_under_concurrency() {
    let endpoint = std::sync::Arc::new(Endpoint::start().await);
    // A lost update would show at once: the read and the write are two commands.
    let script = "local n = tonumber(redis.call('GET', KEYS[1]) or '0') redis.call('SET', KEYS[1], n + 1) return n";
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let endpoint = std::sync::Arc::clone(&endpoint);
        tasks.spawn(async move {
            for _ in 0..25 {
                endpoint.result(json!(["EVAL", script, 1, "n"])).await;
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(endpoint.result(json!(["GET", "n"])).await, "400");
}

#[tokio::test]
async fn a_script_that_never_ends_is_stopped() {
    let endpoint = Endpoint::start().await;
    for script in ["while true do end", "local s = 'x' while true do s = s .. s end"] {
        let body = endpoint.run(json!(["EVAL", script, 0])).await;
        assert!(body["error"].as_str().unwrap().starts_with("ERR "), "{body}");
    }
    assert_eq!(endpoint.result(json!(["PING"])).await, "PONG");
}

#[tokio::test]
async fn a_script_cannot_leave_its_sandbox() {
    let endpoint = Endpoint::start().await;
    for script in [
        "return io",
        "return os",
        "return require('io')",
        "return dofile('/etc/passwd')",
        "return debug",
    ] {
        let body = endpoint.run(json!(["EVAL", script, 0])).await;
        let error = body["error"].as_str().unwrap();
        assert!(error.contains("nonexistent global variable"), "{script}: {error}");
    }
}

/// Run by `commands` against both engines: script, keys, arguments, and the result or the start of the error.
pub(super) fn table() -> Vec<(Value, Result<Value, &'static str>)> {
    vec![
        (json!(["EVAL", "return 1", 0]), Ok(json!(1))),
        (json!(["EVAL", "return 3.99", 0]), Ok(json!(3))),
        (json!(["EVAL", "return -3.99", 0]), Ok(json!(-3))),
        (json!(["EVAL", "return 'a'", 0]), Ok(json!("a"))),
        (json!(["EVAL", "return true", 0]), Ok(json!(1))),
        (json!(["EVAL", "return false", 0]), Ok(json!(null))),
        (json!(["EVAL", "", 0]), Ok(json!(null))),
        (
            json!(["EVAL", "return {1, {2, 'b'}, nil, 3}", 0]),
            Ok(json!([1, [2, "b"]])),
        ),
        (
            json!(["EVAL", "return {KEYS[1], KEYS[2], ARGV[1], #ARGV}", 2, "a", "b", "c"]),
            Ok(json!(["a", "b", "c", 1])),
        ),
        (
            json!(["EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", 1, "lua", 7]),
            Ok(json!("OK")),
        ),
        (
            json!(["EVAL", "return redis.call('GET', KEYS[1]) + 1", 1, "lua"]),
            Ok(json!(8)),
        ),
        (
            json!(["EVAL", "return type(redis.call('GET', 'none'))", 0]),
            Ok(json!("boolean")),
        ),
        (
            json!(["EVAL", "return redis.call('SET', 'lua', 'v').ok", 0]),
            Ok(json!("OK")),
        ),
        (
            json!(["EVAL", "return redis.call('HMGET', 'none', 'a', 'b')", 0]),
            Ok(json!([null, null])),
        ),
        (
            json!(["EVAL", "return math.max(2, math.floor(7 / 2), tonumber('1'))", 0]),
            Ok(json!(3)),
        ),
        (
            json!(["EVAL", "return string.format('%s:%d', 'a', 1700000000000)", 0]),
            Ok(json!("a:1700000000000")),
        ),
        (
            json!(["EVAL", "return tostring(1800000000000 * 1000)", 0]),
            Ok(json!("1.8e+15")),
        ),
        (json!(["EVAL", "return {unpack({1, 2, 3}, 2)}", 0]), Ok(json!([2, 3]))),
        (
            json!(["EVAL", "return redis.status_reply('FINE')", 0]),
            Ok(json!("FINE")),
        ),
        (
            json!(["EVAL", "return redis.sha1hex('')", 0]),
            Ok(json!("da39a3ee5e6b4b0d3255bfef95601890afd80709")),
        ),
        (
            json!(["EVAL", "return redis.pcall('INCR', 'lua').err", 0]),
            Ok(json!("ERR value is not an integer or out of range")),
        ),
        (
            json!([
                "EVAL",
                "local ok, e = pcall(redis.call, 'INCR', 'lua') return {ok and 1 or 0, type(e), e}",
                0
            ]),
            Ok(json!([0, "string", "ERR value is not an integer or out of range"])),
        ),
        (
            json!(["EVAL", "return redis.call('INCR', 'lua')", 0]),
            Err("ERR value is not an integer or out of range"),
        ),
        (
            json!(["EVAL", "return redis.error_reply('BUSY try later')", 0]),
            Err("BUSY try later"),
        ),
        (
            json!(["EVAL", "return redis.error_reply('-BUSY try later')", 0]),
            Err("BUSY try later"),
        ),
        (json!(["EVAL", "return redis.error_reply('nope')", 0]), Err("ERR nope")),
        (json!(["EVAL", "return {err = 'MINE own'}", 0]), Err("MINE own")),
        (
            json!(["EVAL", "\nerror('broken')", 0]),
            Err("ERR user_script:2: broken"),
        ),
        (
            json!(["EVAL", "return none + 1", 0]),
            Err("ERR user_script:1: Script attempted to access nonexistent global variable 'none'"),
        ),
        (
            json!(["EVAL", "x = 1", 0]),
            Err("ERR user_script:1: Attempt to modify a readonly table"),
        ),
        (
            json!(["EVAL", "return (", 0]),
            Err("ERR Error compiling script (new function): user_script:1: unexpected symbol"),
        ),
        (
            json!(["EVAL", "return redis.call('NOPE')", 0]),
            Err("ERR Unknown Redis command called from script"),
        ),
        (
            json!(["EVAL", "return redis.call('GET')", 0]),
            Err("ERR Wrong number of args calling Redis command from script"),
        ),
        (
            json!(["EVAL", "return redis.call('EVAL', 'return 1', 0)", 0]),
            Err("ERR This Redis command is not allowed from script"),
        ),
        (
            json!(["EVAL", "return redis.call('GET', {})", 0]),
            Err("ERR Lua redis lib command arguments must be strings or integers"),
        ),
        (
            json!(["EVAL", "return 1", -1]),
            Err("ERR Number of keys can't be negative"),
        ),
        (
            json!(["EVAL", "return 1", 2, "a"]),
            Err("ERR Number of keys can't be greater than number of args"),
        ),
        (
            json!(["EVAL", "#!lua flags=allow-key-locking\nreturn KEYS[1]", 1, "k"]),
            Ok(json!("k")),
        ),
        (
            json!(["EVAL", "#!lua flags=allow-key-locking\nerror('broken')", 0]),
            Err("ERR user_script:2: broken"),
        ),
        (json!(["EVAL", "#!lua flags=no-writes\nreturn 5", 0]), Ok(json!(5))),
        (
            json!([
                "EVAL",
                "#!lua flags=no-writes,allow-key-locking\nreturn redis.call('DEL', 'a')",
                0
            ]),
            Err("ERR Write commands are not allowed from read-only scripts"),
        ),
        (
            json!(["EVAL", "#!lua flags=nonsense\nreturn 1", 0]),
            Err("ERR Unexpected flag in script shebang: nonsense"),
        ),
        (
            json!(["EVAL_RO", "return redis.call('DEL', 'a')", 0]),
            Err("ERR Write commands are not allowed from read-only scripts"),
        ),
        (json!(["EVAL_RO", "return redis.call('EXISTS', 'a')", 0]), Ok(json!(0))),
    ]
}
