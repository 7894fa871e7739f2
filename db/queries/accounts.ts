import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database } from "../client.ts";
import { perClient } from "../prepared.ts";
import { users } from "../schema.ts";

/** A user who may log in. */
export interface Account {
  id: number;
  username: string;
  displayName: string;
  passwordHash: string | null;
  scopes: string[];
}

const byUsername = sql`lower(${users.username})`;

const accountStatement = perClient((db) =>
  db
    .select({
      id: users.id,
      username: sql<string>`${users.username}`,
      displayName: users.displayName,
      passwordHash: users.passwordHash,
      scopes: users.scopes,
    })
    .from(users)
    .where(eq(byUsername, sql`lower(${sql.placeholder("username")})`))
    .limit(1)
    .prepare("account"),
);

/** @param username in any case */
export async function findAccount(db: Database, username: string): Promise<Account | undefined> {
  const [account] = await accountStatement(db).execute({ username });
  return account;
}

/** Tells whether anybody can log in yet. */
export async function hasAccounts(db: Database): Promise<boolean> {
  const [row] = await db
    .select({ id: users.id })
    .from(users)
    .where(isNotNull(users.passwordHash))
    .limit(1);
  return row !== undefined;
}

/**
 * Gives a user a password and scopes, and makes the user first where there is none of this name.
 * @returns false when the user has a password already, which then stays as it is
 */
export async function createAccount(
  db: Database,
  account: { username: string; passwordHash: string; scopes: readonly string[] },
): Promise<boolean> {
  const { username, passwordHash } = account;
  const scopes = [...account.scopes];
  const updated = await db
    .update(users)
    .set({ passwordHash, scopes })
    .where(and(eq(byUsername, sql`lower(${username})`), isNull(users.passwordHash)))
    .returning({ id: users.id });
  if (updated.length > 0) return true;
  const inserted = await db
    .insert(users)
    .values({ username, displayName: username, passwordHash, scopes })
    .onConflictDoNothing()
    .returning({ id: users.id });
  return inserted.length > 0;
}
