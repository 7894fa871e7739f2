import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  createToken,
  hashToken,
  type TokenRecord,
  type TokenStore,
} from "../../src/auth/tokens.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";
import { createRedisTokenStore } from "../../src/auth/tokens-redis.ts";

const record = (lifeMs = 60_000): TokenRecord => ({
  user: { id: 7, username: "ada", displayName: "Ada" },
  scopes: ["dashboards:read"],
  expiresAt: Date.now() + lifeMs,
});

/** What every token store must do. */
function describeTokenStore(name: string, open: () => TokenStore): void {
  describe(name, () => {
    it("gives back what it keeps, under its hash alone", async () => {
      const store = open();
      const kept = record();
      const hash = hashToken(createToken());
      await store.put(hash, kept);
      expect(await store.get(hash)).toEqual(kept);
      expect(await store.get(hashToken(createToken()))).toBeNull();
    });

    it("forgets, and does not mind forgetting twice", async () => {
      const store = open();
      const hash = hashToken(createToken());
      await store.put(hash, record());
      await store.delete(hash);
      await store.delete(hash);
      expect(await store.get(hash)).toBeNull();
    });

    it("drops a record when it expires", async () => {
      const store = open();
      const hash = hashToken(createToken());
      await store.put(hash, record(30));
      await expect.poll(() => store.get(hash)).toBeNull();
    });

    it("keeps nothing that has expired already", async () => {
      const store = open();
      const hash = hashToken(createToken());
      await store.put(hash, record(-1));
      expect(await store.get(hash)).toBeNull();
    });
  });
}

describeTokenStore("the token store in memory", createMemoryTokenStore);

const redisUrl = inject("redisUrl");
describe.skipIf(redisUrl === null)("with a real Redis", () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(redisUrl ?? "");
  });
  afterAll(() => {
    redis.disconnect();
  });

  describeTokenStore("the token store in Redis", () => createRedisTokenStore(redis));

  it("never has a token itself in a key or a value", async () => {
    const token = createToken();
    await createRedisTokenStore(redis).put(hashToken(token), record());
    const keys = await redis.keys("*");
    const values = await Promise.all(keys.map((key) => redis.get(key)));
    expect(keys).toContain(`auth:token:${hashToken(token)}`);
    expect([...keys, ...values].join(" ")).not.toContain(token);
  });
});
