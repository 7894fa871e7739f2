import { expect, it } from "vitest";
import { createMemoryHashes } from "../../src/analytics/hashes-memory.ts";
import { redisHash } from "../../src/sources/redis.ts";

const section = redisHash("analytics:daily", { scope: "shared", timeout: 100 });
const load = (redis: object) => section.load({ redis, params: {} });

it("gives numbers as numbers and leaves other text as it is", async () => {
  const redis = {
    readHash: async () => ({
      page_views: "123456",
      ratio: "0.25",
      below: "-3",
      day: "2026-01-01",
      code: "007",
      huge: "9007199254740993",
      empty: "",
      exponent: "1e3",
    }),
  };
  expect(await load(redis)).toEqual({
    page_views: 123_456,
    ratio: 0.25,
    below: -3,
    day: "2026-01-01",
    code: "007",
    huge: "9007199254740993",
    empty: "",
    exponent: "1e3",
  });
});

it("gives an empty object for a hash that does not exist", async () => {
  expect(await load(createMemoryHashes({}))).toEqual({});
});
