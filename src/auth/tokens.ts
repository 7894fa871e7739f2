import { hash, randomBytes } from "node:crypto";
import type { Scope } from "./scopes.ts";

/** What is kept about a token, under its hash. */
export interface TokenRecord {
  user: { id: number; username: string; displayName: string };
  scopes: Scope[];
  /** Wall clock, ms. */
  expiresAt: number;
}

/** Keeps tokens by their hash; it never sees a token itself. */
export interface TokenStore {
  /** Keeps a record until it expires. */
  put(tokenHash: string, record: TokenRecord): Promise<void>;
  /** @returns null when there is none, or it has expired */
  get(tokenHash: string): Promise<TokenRecord | null>;
  /** Forgets the record; no error when there is none. */
  delete(tokenHash: string): Promise<void>;
}

const TOKEN_BYTES = 32;

/** Makes a token: 256 random bits in base64url. */
export function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** @returns SHA-256, which needs no salt here: the token has 256 random bits of its own */
export function hashToken(token: string): string {
  return hash("sha256", token, "base64url");
}
