import { beforeEach, describe, expect, it, vi } from "vitest";
import { createCache } from "../../cache/cache.ts";
import { type Account, type Auth, createAuth } from "../../src/auth/auth.ts";
import { hashPassword } from "../../src/auth/passwords.ts";
import { hashToken, type TokenStore } from "../../src/auth/tokens.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";

const account: Account = {
  id: 7,
  username: "ada",
  displayName: "Ada",
  passwordHash: await hashPassword("correct horse"),
  scopes: ["dashboards:read", "something:old"],
};

let auth: Auth;
beforeEach(() => {
  auth = authWith(createMemoryTokenStore());
});

function authWith(tokens: TokenStore): Auth {
  return createAuth({
    tokens,
    cache: createCache(),
    findAccount: async (username) => (username === "ada" ? account : undefined),
  });
}

describe("login", () => {
  it("opens a session with the user's known scopes", async () => {
    const session = await auth.login("ada", "correct horse");
    expect(Buffer.from(session.token, "base64url")).toHaveLength(32);
    expect(await auth.authenticate(session.token)).toEqual({
      id: 7,
      username: "ada",
      displayName: "Ada",
      scopes: ["dashboards:read"],
    });
  });

  it.each([
    ["ada", "wrong horse"],
    ["bob", "correct horse"],
  ])("tells %s with %j nothing about which of the two is wrong", async (username, password) => {
    await expect(auth.login(username, password)).rejects.toMatchObject({
      code: "unauthorized",
      message: "The username or the password is wrong.",
      headers: { "WWW-Authenticate": 'Bearer realm="sluice"' },
    });
  });
});

describe("authenticate", () => {
  it.each([undefined, "", "nonsense", "x".repeat(100_000)])(
    "refuses %j with 401",
    async (token) => {
      await expect(auth.authenticate(token)).rejects.toMatchObject({ status: 401 });
    },
  );

  it("gives all requests of a token one viewer, which nobody can change, until its scopes change", async () => {
    const tokens = createMemoryTokenStore();
    const cache = createCache();
    const checked = createAuth({ tokens, cache, findAccount: async () => account });
    const { token } = await checked.openSession(account);
    const viewer = await checked.authenticate(token);
    expect(await checked.authenticate(token)).toBe(viewer);
    expect(Object.isFrozen(viewer) && Object.isFrozen(viewer.scopes)).toBe(true);

    const again = async () => {
      await cache.invalidate({ keys: [`token:${hashToken(token)}`], hard: true });
      return checked.authenticate(token);
    };
    expect(await again()).toBe(viewer);
    const record = await tokens.get(hashToken(token));
    if (record) await tokens.put(hashToken(token), { ...record, scopes: ["posts:read"] });
    expect(await again()).toMatchObject({ id: 7, scopes: ["posts:read"] });
  });

  it("refuses a token without the scope with 403, naming the scope", async () => {
    const { token } = await auth.openSession(account);
    await expect(auth.authenticate(token, "cache:admin")).rejects.toMatchObject({
      code: "forbidden",
      message: "This needs the scope cache:admin.",
    });
  });

  it("refuses a token after its logout and after its life", async () => {
    const { token } = await auth.openSession(account);
    await auth.logout(token);
    await expect(auth.authenticate(token)).rejects.toMatchObject({ code: "unauthorized" });

    const other = await auth.openSession(account);
    vi.useFakeTimers({ now: other.expiresAt, toFake: ["Date"] });
    await expect(auth.authenticate(other.token)).rejects.toMatchObject({ code: "unauthorized" });
    vi.useRealTimers();
  });

  it("answers 503 and never 401 while the store does not answer", async () => {
    const dead = async () => {
      throw new Error("ECONNREFUSED 10.0.0.7:6379");
    };
    const down = authWith({ put: dead, get: dead, delete: dead });
    await expect(down.authenticate("some-token")).rejects.toMatchObject({
      status: 503,
      message: "Tokens cannot be checked at the moment.",
      headers: { "Retry-After": "1" },
    });
  });

  it("lets a token that was seen go on while the store does not answer, but not a revoked one", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    const tokens = createMemoryTokenStore();
    const cache = createCache();
    const checked = createAuth({ tokens, cache, findAccount: async () => account });
    const { token } = await checked.openSession(account);
    await checked.authenticate(token);
    tokens.get = async () => {
      throw new Error("ECONNREFUSED");
    };
    vi.advanceTimersByTime(6_000);
    expect(await checked.authenticate(token)).toMatchObject({ username: "ada" });

    // What another instance announced before the store went away.
    await cache.invalidate({ keys: [`token:${hashToken(token)}`], hard: true });
    await expect(checked.authenticate(token)).rejects.toMatchObject({ status: 503 });
    vi.useRealTimers();
  });
});
