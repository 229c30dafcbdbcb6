// Every algorithm of @upstash/ratelimit. Their scripts start with Upstash's own shebang flag, which a real Redis refuses.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";

const redis = Redis.fromEnv();

beforeEach(() => redis.flushdb());

const algorithms = {
  "fixed window": Ratelimit.fixedWindow(3, "20 s"),
  "sliding window": Ratelimit.slidingWindow(3, "20 s"),
  "token bucket": Ratelimit.tokenBucket(3, "20 s", 3),
};

for (const [name, limiter] of Object.entries(algorithms)) {
  for (const ephemeralCache of [false, new Map()]) {
    test(`${name}, ${ephemeralCache ? "with" : "without"} cache`, async () => {
      // A window that ended between two calls would let a fourth request pass.
      const left = 20_000 - (Date.now() % 20_000);
      if (left < 2_000) await new Promise((done) => setTimeout(done, left + 10));
      const limit = new Ratelimit({ redis, limiter, ephemeralCache, prefix: name, analytics: false });
      const outcomes = [];
      for (let call = 0; call < 5; call += 1) outcomes.push(await limit.limit("caller"));
      assert.deepEqual(outcomes.map((outcome) => outcome.success), [true, true, true, false, false]);
      assert.deepEqual(outcomes.slice(0, 3).map((outcome) => outcome.remaining), [2, 1, 0]);
      assert.equal((await limit.limit("another")).success, true);
      assert.equal((await limit.getRemaining("caller")).remaining, 0);
      await limit.resetUsedTokens("caller");
      assert.equal((await limit.getRemaining("caller")).remaining, 3);
    });
  }
}

test("cached fixed window", async () => {
  const limiter = Ratelimit.cachedFixedWindow(3, "20 s");
  const limit = new Ratelimit({ redis, limiter, ephemeralCache: new Map(), analytics: false });
  assert.equal((await limit.limit("caller")).success, true);
});

test("a rate, a window that passes, and a limit changed on the fly", async () => {
  const limit = new Ratelimit({ redis, limiter: Ratelimit.fixedWindow(5, "500 ms"), ephemeralCache: false });
  assert.equal((await limit.limit("caller", { rate: 5 })).remaining, 0);
  await new Promise((done) => setTimeout(done, 550));
  assert.equal((await limit.limit("caller", { rate: 5 })).success, true);

  const dynamic = new Ratelimit({
    redis,
    limiter: Ratelimit.fixedWindow(5, "60 s"),
    ephemeralCache: false,
    dynamicLimits: true,
  });
  await dynamic.setDynamicLimit({ limit: 1 });
  assert.equal((await dynamic.limit("caller")).limit, 1);
});

test("requests at once are counted exactly", async () => {
  const limit = new Ratelimit({ redis, limiter: Ratelimit.fixedWindow(10, "10 m"), ephemeralCache: false });
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => limit.limit("caller")));
  assert.equal(outcomes.filter((outcome) => outcome.success).length, 10);
});
