#!/bin/sh
# The official JavaScript clients, and our own command table, against both engines of the Upstash endpoint.
#
# Needs Rust, a C compiler, Node 20 or later with npm, and redis-server (7.x) in PATH.
#   infra/emulators/conformance/upstash.sh
set -eu
cd "$(dirname "$0")"

work=$(mktemp -d)
pids=
stop() {
    # shellcheck disable=SC2086 # a list of process ids
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT INT TERM

cargo test --quiet -p tripsage-emulators --test upstash -- --include-ignored

npm install --silent
cargo build --quiet -p tripsage-emulators --example upstash

# The tests flush the database, so it must be one that nobody else has.
redis_port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
redis-server --bind 127.0.0.1 --port "$redis_port" --save "" --appendonly no >"$work/redis.log" 2>&1 &
redis=$!
pids="$pids $redis"
until grep -q 'Ready to accept connections' "$work/redis.log"; do
    kill -0 "$redis" || { cat "$work/redis.log"; exit 1; }
    sleep 0.1
done

# engine name, then the arguments of the endpoint
check() {
    engine=$1
    shift
    cargo run --quiet -p tripsage-emulators --example upstash -- --token local "$@" 2>"$work/$engine.url" &
    endpoint=$!
    pids="$pids $endpoint"
    until grep -q '^http://' "$work/$engine.url"; do
        kill -0 "$endpoint" || { cat "$work/$engine.url"; exit 1; }
        sleep 0.1
    done
    echo "== $engine"
    UPSTASH_REDIS_REST_URL=$(grep '^http://' "$work/$engine.url") UPSTASH_REDIS_REST_TOKEN=local \
        UPSTASH_DISABLE_TELEMETRY=1 node --test --test-concurrency=1
}

check in-process
check redis-server --redis-url "redis://127.0.0.1:$redis_port/0"
