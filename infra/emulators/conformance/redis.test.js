// What our code and the official client rely on, through @upstash/redis with its defaults: base64, auto-pipelining, retries.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Redis } from "@upstash/redis";

const redis = Redis.fromEnv();

beforeEach(() => redis.flushdb());

test("values keep their type", async () => {
  for (const value of ["text", "OK", "", 42, 1.5, true, { a: [1, "ü", null] }, "😀"]) {
    assert.equal(await redis.set("k", value), "OK");
    assert.deepEqual(await redis.get("k"), value);
  }
  assert.equal(await redis.get("none"), null);
});

test("set takes its options", async () => {
  assert.equal(await redis.set("k", "1", { nx: true, ex: 100 }), "OK");
  assert.equal(await redis.set("k", "2", { nx: true }), null);
  assert.equal(await redis.set("k", "2", { keepTtl: true, get: true }), 1);
  const ttl = await redis.ttl("k");
  assert.ok(ttl > 95 && ttl <= 100);
  assert.equal(await redis.getex("k", { persist: true }), 2);
  assert.equal(await redis.ttl("k"), -1);
  assert.equal(await redis.getdel("k"), 2);
});

test("expiry is real time", async () => {
  await redis.set("k", "v", { px: 60 });
  assert.equal(await redis.get("k"), "v");
  await new Promise((done) => setTimeout(done, 100));
  assert.equal(await redis.get("k"), null);
});

test("counters", async () => {
  assert.deepEqual(
    await Promise.all([redis.incr("n"), redis.incrby("n", 5), redis.decr("n"), redis.decrby("n", 2)]),
    [1, 6, 5, 3],
  );
  assert.equal(await redis.incrbyfloat("f", 1.5), 1.5);
});

test("many keys", async () => {
  await redis.mset({ a: 1, b: { deep: true } });
  assert.deepEqual(await redis.mget("a", "none", "b"), [1, null, { deep: true }]);
  assert.equal(await redis.exists("a", "b", "c"), 2);
  assert.deepEqual((await redis.keys("*")).sort(), ["a", "b"]);
  assert.equal(await redis.del("a", "b"), 2);
  assert.equal(await redis.dbsize(), 0);
});

test("hashes", async () => {
  assert.equal(await redis.hset("h", { a: 1, b: { c: 2 } }), 2);
  assert.deepEqual(await redis.hgetall("h"), { a: 1, b: { c: 2 } });
  assert.equal(await redis.hgetall("none"), null);
  assert.equal(await redis.hincrby("h", "a", 4), 5);
  assert.deepEqual(await redis.hmget("h", "a", "z"), { a: 5, z: null });
  assert.equal(await redis.hdel("h", "a"), 1);
  assert.equal(await redis.hlen("h"), 1);
});

test("sets, sorted sets and lists", async () => {
  assert.equal(await redis.sadd("s", "a", "b"), 2);
  assert.deepEqual((await redis.smembers("s")).sort(), ["a", "b"]);
  assert.deepEqual(await redis.smismember("s", ["a", "z"]), [1, 0]);
  assert.equal(await redis.zadd("z", { score: 1, member: "one" }, { score: 2, member: "two" }), 2);
  assert.deepEqual(await redis.zrange("z", 0, -1, { withScores: true }), ["one", 1, "two", 2]);
  assert.deepEqual(await redis.zrange("z", "+inf", "(1", { byScore: true, rev: true }), ["two"]);
  assert.equal(await redis.zincrby("z", 2, "one"), 3);
  assert.equal(await redis.zscore("z", "one"), 3);
  assert.equal(await redis.rpush("l", "a", { b: 1 }, "c"), 3);
  assert.deepEqual(await redis.lrange("l", 0, -1), ["a", { b: 1 }, "c"]);
  assert.equal(await redis.ltrim("l", 1, -1), "OK");
  assert.deepEqual(await redis.lpop("l"), { b: 1 });
});

test("scan meets every key", async () => {
  const names = Array.from({ length: 57 }, (_, at) => `key:${at}`);
  await Promise.all(names.map((name) => redis.set(name, 1)));
  const seen = new Set();
  let cursor = "0";
  do {
    const [next, page] = await redis.scan(cursor, { match: "key:*", count: 10 });
    for (const name of page) seen.add(name);
    cursor = next;
  } while (cursor !== "0");
  assert.equal(seen.size, names.length);
});

test("a thousand commands of one tick", async () => {
  await Promise.all(Array.from({ length: 1000 }, () => redis.incr("n")));
  assert.equal(await redis.get("n"), 1000);
});

test("pipelines and transactions", async () => {
  const pipeline = redis.pipeline().set("k", "v").incr("k").get("k");
  const outcomes = await pipeline.exec({ keepErrors: true });
  assert.equal(outcomes[0].result, "OK");
  assert.match(outcomes[1].error, /not an integer/);
  assert.equal(outcomes[2].result, "v");
  assert.deepEqual(await redis.multi().set("n", 1).incr("n").exec(), ["OK", 2]);
  await assert.rejects(redis.multi().set("n", 9).hset("n", { a: 1 }).exec(), /WRONGTYPE/);
  assert.equal(await redis.get("n"), 9);
});

test("scripts", async () => {
  const script = redis.createScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}");
  assert.deepEqual(await script.exec(["n"], ["x"]), ["n", "x", 1]);
  assert.deepEqual(await script.exec(["n"], ["x"]), ["n", "x", 2]);
  const reader = redis.createScript("return redis.call('GET', KEYS[1])", { readonly: true });
  assert.equal(await reader.exec(["n"], []), 2);
  const sha = await redis.scriptLoad("return 7");
  assert.deepEqual(await redis.scriptExists(sha, "0".repeat(40)), [1, 0]);
  assert.equal(await redis.evalsha(sha, [], []), 7);
  await redis.scriptFlush();
  await assert.rejects(redis.evalsha(sha, [], []), /NOSCRIPT/);
});

test("errors reach the caller", async () => {
  await redis.set("k", "v");
  await assert.rejects(redis.lpush("k", "x"), /WRONGTYPE/);
  const stranger = new Redis({ url: process.env.UPSTASH_REDIS_REST_URL, token: "wrong", retry: false });
  await assert.rejects(stranger.get("k"), /WRONGPASS/);
});
