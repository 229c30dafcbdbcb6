//! Which commands the REST protocol refuses, and which a read-only token may run.

use super::request::Command;

/// Everything that holds a connection, blocks it, or administers the server.
const NOT_OVER_REST: &[&str] = &[
    "AUTH",
    "BGREWRITEAOF",
    "BGSAVE",
    "BLMOVE",
    "BLMPOP",
    "BLPOP",
    "BRPOP",
    "BRPOPLPUSH",
    "BZMPOP",
    "BZPOPMAX",
    "BZPOPMIN",
    "CLIENT",
    "CONFIG",
    "DEBUG",
    "DISCARD",
    "EXEC",
    "FAILOVER",
    "HELLO",
    "MIGRATE",
    "MODULE",
    "MULTI",
    "PSYNC",
    "PUNSUBSCRIBE",
    "QUIT",
    "REPLICAOF",
    "RESET",
    "SAVE",
    "SELECT",
    "SHUTDOWN",
    "SLAVEOF",
    "SUNSUBSCRIBE",
    "SYNC",
    "UNSUBSCRIBE",
    "UNWATCH",
    "WAIT",
    "WAITAOF",
    "WATCH",
];

const STREAMS: &[&str] = &["MONITOR", "PSUBSCRIBE", "SSUBSCRIBE", "SUBSCRIBE"];

/// `KEYS` and `SCAN` are reads too, but Upstash withholds them from the token that may be public.
const READS: &[&str] = &[
    "BITCOUNT",
    "BITPOS",
    "DBSIZE",
    "ECHO",
    "EVALSHA_RO",
    "EVAL_RO",
    "EXISTS",
    "EXPIRETIME",
    "GEODIST",
    "GEOHASH",
    "GEOPOS",
    "GEOSEARCH",
    "GET",
    "GETBIT",
    "GETRANGE",
    "HEXISTS",
    "HGET",
    "HGETALL",
    "HKEYS",
    "HLEN",
    "HMGET",
    "HRANDFIELD",
    "HSCAN",
    "HSTRLEN",
    "HVALS",
    "LINDEX",
    "LLEN",
    "LPOS",
    "LRANGE",
    "MGET",
    "PEXPIRETIME",
    "PING",
    "PTTL",
    "RANDOMKEY",
    "SCARD",
    "SDIFF",
    "SINTER",
    "SINTERCARD",
    "SISMEMBER",
    "SMEMBERS",
    "SMISMEMBER",
    "SRANDMEMBER",
    "SSCAN",
    "STRLEN",
    "SUBSTR",
    "SUNION",
    "TIME",
    "TOUCH",
    "TTL",
    "TYPE",
    "XLEN",
    "XRANGE",
    "XREVRANGE",
    "ZCARD",
    "ZCOUNT",
    "ZDIFF",
    "ZINTER",
    "ZINTERCARD",
    "ZLEXCOUNT",
    "ZMSCORE",
    "ZRANDMEMBER",
    "ZRANGE",
    "ZRANGEBYLEX",
    "ZRANGEBYSCORE",
    "ZRANK",
    "ZREVRANGE",
    "ZREVRANGEBYLEX",
    "ZREVRANGEBYSCORE",
    "ZREVRANK",
    "ZSCAN",
    "ZSCORE",
    "ZUNION",
];

/// What a token permits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Full,
    ReadOnly,
}

/// The error that keeps `command` from being executed, if any.
pub(super) fn refusal(command: &Command, access: Access) -> Option<String> {
    let name = String::from_utf8_lossy(command.first()?);
    let is_in = |list: &[&str]| list.iter().any(|entry| entry.eq_ignore_ascii_case(&name));
    if is_in(STREAMS) {
        return Some(format!(
            "ERR {} is an event stream, which this local endpoint does not serve",
            name.to_ascii_uppercase()
        ));
    }
    if is_in(NOT_OVER_REST) {
        return Some(format!("ERR Command is not available: '{}'", name.to_ascii_uppercase()));
    }
    if access == Access::ReadOnly && !is_in(READS) {
        return Some(format!(
            "NOPERM this user has no permissions to run the '{}' command",
            name.to_ascii_lowercase()
        ));
    }
    None
}

/// Whether `name` leaves the data as it is: what a read-only script may call.
pub(super) fn is_read(name: &[u8]) -> bool {
    READS
        .iter()
        .chain(&["KEYS", "SCAN"])
        .any(|entry| entry.as_bytes().eq_ignore_ascii_case(name))
}
