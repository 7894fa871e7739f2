import { randomBytes } from "node:crypto";
import type { DatabaseClient } from "../db/client.ts";
import { createAccount, hasAccounts } from "../db/queries/accounts.ts";
import { hashPassword } from "./auth/passwords.ts";
import { scopes } from "./auth/scopes.ts";
import type { Env } from "./env.ts";

/** What became of the first user. */
export type Admin =
  | { state: "exists" }
  | { state: "missing" }
  | { state: "created"; username: string; generatedPassword: string | undefined };

const GENERATED_PASSWORD_BYTES = 12;

/**
 * Makes the first user when nobody can log in yet. A password is generated only where it may be
 * shown, that is, not in production.
 */
export async function ensureAdmin({ db }: DatabaseClient, env: Env): Promise<Admin> {
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD } = env;
  if (await hasAccounts(db)) return { state: "exists" };
  if (ADMIN_PASSWORD === undefined && env.NODE_ENV === "production") return { state: "missing" };
  const generated = randomBytes(GENERATED_PASSWORD_BYTES).toString("base64url");
  const passwordHash = await hashPassword(ADMIN_PASSWORD ?? generated);
  const created = await createAccount(db, { username, passwordHash, scopes });
  if (!created) return { state: "exists" };
  return {
    state: "created",
    username,
    generatedPassword: ADMIN_PASSWORD === undefined ? generated : undefined,
  };
}
