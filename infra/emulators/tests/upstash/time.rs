use serde_json::json;

use super::{Endpoint, START};

#[tokio::test]
async fn a_key_is_gone_at_its_expiry_and_not_before() {
    let endpoint = Endpoint::start().await;
    for set in [
        json!(["SET", "k", "v", "EX", 10]),
        json!(["SET", "k", "v", "PX", 10_000]),
        json!(["SET", "k", "v", "PXAT", START + 10_000]),
        json!(["SETEX", "k", 10, "v"]),
    ] {
        endpoint.now.store(START, std::sync::atomic::Ordering::Relaxed);
        endpoint.result(set).await;
        endpoint.pass(9_999);
        assert_eq!(endpoint.result(json!(["PTTL", "k"])).await, 1);
        assert_eq!(endpoint.result(json!(["GET", "k"])).await, "v");
        endpoint.pass(1);
        assert_eq!(endpoint.result(json!(["GET", "k"])).await, json!(null));
        assert_eq!(endpoint.result(json!(["TTL", "k"])).await, -2);
        assert_eq!(endpoint.result(json!(["DBSIZE"])).await, 0);
    }
}

#[tokio::test]
async fn expiry_follows_the_commands_that_change_it() {
    let endpoint = Endpoint::start().await;
    for (command, result, ttl) in [
        (json!(["SET", "k", 1, "EX", 100]), json!("OK"), 100),
        (json!(["INCR", "k"]), json!(2), 100),
        (json!(["SET", "k", 1, "KEEPTTL"]), json!("OK"), 100),
        (json!(["EXPIRE", "k", 50, "GT"]), json!(0), 100),
        (json!(["EXPIRE", "k", 50, "LT"]), json!(1), 50),
        (json!(["EXPIRE", "k", 70, "NX"]), json!(0), 50),
        (json!(["PEXPIRE", "k", 70_000, "XX"]), json!(1), 70),
        (json!(["EXPIREAT", "k", START / 1000 + 30]), json!(1), 30),
        (json!(["GETEX", "k", "PX", 20_000]), json!("1"), 20),
        (json!(["GETEX", "k"]), json!("1"), 20),
        (json!(["PERSIST", "k"]), json!(1), -1),
        (json!(["PERSIST", "k"]), json!(0), -1),
        (json!(["EXPIRE", "k", 100]), json!(1), 100),
        (json!(["SET", "k", 1]), json!("OK"), -1),
        (json!(["EXPIRE", "k", 0]), json!(1), -2),
    ] {
        assert_eq!(endpoint.result(command.clone()).await, result, "{command}");
        assert_eq!(endpoint.result(json!(["TTL", "k"])).await, ttl, "after {command}");
    }
}

#[tokio::test]
async fn a_type_may_change_after_expiry() {
    let endpoint = Endpoint::start().await;
    endpoint.result(json!(["SET", "k", "v", "PX", 5])).await;
    endpoint.pass(5);
    assert_eq!(endpoint.result(json!(["SADD", "k", "m"])).await, 1);
    assert_eq!(endpoint.result(json!(["TTL", "k"])).await, -1);
}

#[tokio::test]
async fn time_stands_still_inside_a_script() {
    let endpoint = Endpoint::start().await;
    assert_eq!(
        endpoint.result(json!(["EVAL", "return redis.call('TIME')", 0])).await,
        json!([(START / 1000).to_string(), "0"])
    );
}
