import { LRUCache } from "lru-cache";
import type { Cache } from "../../cache/types.ts";
import { hashToken, type TokenRecord, type TokenStore } from "./tokens.ts";
import { type Viewer, viewerOf } from "./viewer.ts";

/** How long a record may be used without looking at the store again; revoking ends it at once. */
const TTL = "5s";
/** How long a token that this process has seen goes on while the store does not answer. */
const AUTH_GRACE_MS = 60_000;
const SEEN_TOKENS = 10_000;

/** What a token is good for. */
export interface Grant {
  readonly viewer: Viewer;
  /** Wall clock, ms. */
  readonly expiresAt: number;
}

interface Seen {
  /** Of the record in the cache. */
  key: string;
  /** JSON text of the record, as the cache keeps it. */
  text: string;
  grant: Grant;
  /** Monotonic time at which the grace ends. */
  until: number;
  /** A revocation that was heard after it ends the grace, too. */
  position: ReturnType<Cache["position"]>;
}

export interface TokenCheck {
  /** @returns the grant of a token that was checked a moment ago; undefined says nothing of it */
  known(token: string): Grant | undefined;
  /**
   * @returns null when the token is not known
   * @throws when the store does not answer and this process has not seen the token lately
   */
  find(token: string): Promise<Grant | null>;
  /**
   * Ends a token on every instance.
   * @throws when that was not acknowledged: it may still be valid somewhere
   */
  revoke(token: string): Promise<void>;
}

function grantOf(record: TokenRecord): Grant {
  return { viewer: viewerOf(record), expiresAt: record.expiresAt };
}

/**
 * Puts the cache in front of a token store: a warm check asks nobody, and makes no hash. For that
 * this process remembers the last good tokens as they are; whatever leaves it has their hash.
 */
export function createTokenCheck(tokens: TokenStore, cache: Cache): TokenCheck {
  const seen = new LRUCache<string, Seen>({ max: SEEN_TOKENS });
  const keyOf = (tokenHash: string) => `token:${tokenHash}`;
  return {
    known(token) {
      const before = seen.get(token);
      if (before === undefined) return undefined;
      return cache.hit(before.key)?.text === before.text ? before.grant : undefined;
    },
    async find(token) {
      const position = cache.position();
      const tokenHash = hashToken(token);
      const key = keyOf(tokenHash);
      try {
        const { text } = await cache.getOrSet({
          key,
          ttl: TTL,
          profile: "hard",
          load: () => tokens.get(tokenHash),
        });
        const record = JSON.parse(text) as TokenRecord | null;
        const until = performance.now() + AUTH_GRACE_MS;
        if (record === null) {
          seen.delete(token);
          return null;
        }
        const before = seen.get(token);
        const grant = before?.text === text ? before.grant : grantOf(record);
        seen.set(token, { key, text, grant, until, position });
        return grant;
      } catch (error) {
        const known = seen.get(token);
        const isLate = known === undefined || performance.now() >= known.until;
        if (isLate || !cache.standsSince(known.position, known.key)) throw error;
        return known.grant;
      }
    },
    async revoke(token) {
      const tokenHash = hashToken(token);
      await tokens.delete(tokenHash);
      seen.delete(token);
      await cache.invalidate({ keys: [keyOf(tokenHash)], hard: true });
    },
  };
}
