import { expect, it } from "vitest";
import { createMemoryReader } from "../../src/analytics/reader-memory.ts";
import { redisHash } from "../../src/sources/redis.ts";

const section = redisHash("analytics:daily", { scope: "shared", timeout: 100 });
const load = async (redis: object) => section.load({ redis, params: {} });

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
      long: "3.14159265358979323846",
      padded: "1.50",
      below_zero: "-0",
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
    long: "3.14159265358979323846",
    padded: "1.50",
    below_zero: "-0",
  });
});

it("gives an empty object for a hash that does not exist", async () => {
  expect(await load(createMemoryReader({}))).toEqual({});
});

it("tells a key of another type from a store that is away", async () => {
  const failing = (message: string) => load({ readHash: () => Promise.reject(new Error(message)) });
  const wrongType = "WRONGTYPE Operation against a key holding the wrong kind of value";
  await expect(failing(wrongType)).rejects.toMatchObject({
    code: "bad_response",
    transient: false,
  });
  await expect(failing("Connection is closed.")).rejects.toMatchObject({
    code: "unavailable",
    transient: true,
  });
});
