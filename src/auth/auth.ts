import type { Cache } from "../../cache/types.ts";
import { AppError } from "../lib/errors.ts";
import { verifyPassword } from "./passwords.ts";
import { knownScopes, type Scope } from "./scopes.ts";
import { createTokenCheck, type Grant } from "./token-check.ts";
import { createToken, hashToken, type TokenRecord, type TokenStore } from "./tokens.ts";
import { type Viewer, viewerOf } from "./viewer.ts";

/** A user as logging in needs it. */
export interface Account {
  id: number;
  username: string;
  displayName: string;
  passwordHash: string | null;
  scopes: string[];
}

export interface Session {
  /** Shown once; only its hash is kept. */
  token: string;
  expiresAt: Date;
  viewer: Viewer;
}

export interface Auth {
  /** @throws AppError "unauthorized" for a wrong name or password */
  login(username: string, password: string): Promise<Session>;
  /** Makes a session without a password. */
  openSession(account: Account): Promise<Session>;
  /**
   * @param scope what the route asks for
   * @returns the viewer; no promise while the token is in memory
   * @throws (rejects with) AppError "unauthorized" without a valid token, "forbidden" without the
   * scope
   */
  authenticate(token: string | undefined, scope?: Scope): Viewer | Promise<Viewer>;
  logout(token: string): Promise<void>;
}

export interface AuthOptions {
  tokens: TokenStore;
  /** Spares most requests the way to the store. */
  cache: Cache;
  findAccount(username: string): Promise<Account | undefined>;
}

const SESSION_MS = 12 * 3_600_000;
/** Longer than any token made here: not worth hashing. */
const MAX_TOKEN_LENGTH = 512;

/** Makes the authentication of this instance. */
export function createAuth({ tokens, cache, findAccount }: AuthOptions): Auth {
  const check = createTokenCheck(tokens, cache);
  async function openSession(account: Account): Promise<Session> {
    const token = createToken();
    const { id, username, displayName } = account;
    const record: TokenRecord = {
      user: { id, username, displayName },
      scopes: knownScopes(account.scopes),
      expiresAt: Date.now() + SESSION_MS,
    };
    await available(tokens.put(hashToken(token), record));
    return { token, expiresAt: new Date(record.expiresAt), viewer: viewerOf(record) };
  }

  async function lookUp(token: string | undefined, scope: Scope | undefined) {
    if (token === undefined) throw unauthorized("A bearer token or the session cookie is needed.");
    const possible = token.length <= MAX_TOKEN_LENGTH;
    const grant = possible ? await available(check.find(token)) : null;
    if (!grant || !isGood(grant)) {
      throw unauthorized("The token is not known or has expired.", "invalid_token");
    }
    if (scope && !isGood(grant, scope)) throw forbidden(scope);
    return grant.viewer;
  }

  return {
    openSession,
    async login(username, password) {
      const account = await findAccount(username);
      const right = await verifyPassword(password, account?.passwordHash ?? null);
      if (!account || !right) throw unauthorized("The username or the password is wrong.");
      return openSession(account);
    },
    authenticate(token, scope) {
      const known = token === undefined ? undefined : check.known(token);
      return known && isGood(known, scope) ? known.viewer : lookUp(token, scope);
    },
    logout: (token) => available(check.revoke(token)),
  };
}

function isGood({ expiresAt, viewer }: Grant, scope?: Scope): boolean {
  return expiresAt > Date.now() && (scope === undefined || viewer.scopes.includes(scope));
}

/** A store that does not answer is not a wrong token: 503, never 401. */
async function available<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw new AppError("dependency_unavailable", "Tokens cannot be checked at the moment.", {
      cause,
      headers: { "Retry-After": "1" },
    });
  }
}

function unauthorized(detail: string, error?: "invalid_token"): AppError {
  const challenge = `Bearer realm="sluice"${error ? `, error="${error}"` : ""}`;
  return new AppError("unauthorized", detail, { headers: { "WWW-Authenticate": challenge } });
}

function forbidden(scope: Scope): AppError {
  return new AppError("forbidden", `This needs the scope ${scope}.`, {
    headers: {
      "WWW-Authenticate": `Bearer realm="sluice", error="insufficient_scope", scope="${scope}"`,
    },
  });
}
