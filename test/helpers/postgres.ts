import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { type DatabaseClient, openDatabase } from "../../db/client.ts";
import { TEMPLATE_DATABASE } from "./postgres-server.ts";

/** The run's throw-away server, or null: `describe.skipIf(!postgresUrl)`. */
export const postgresUrl = inject("postgresUrl");

export interface TestDatabase {
  url: string;
  /** Removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * Makes a database of its own for one suite.
 * @param options.migrated false gives an empty one; otherwise all migrations are applied
 * @throws Error when the run has no server
 */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  if (postgresUrl === null) throw new Error("this run has no PostgreSQL server");
  const serverUrl = postgresUrl;
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const template = migrated ? TEMPLATE_DATABASE : "template0";
  await administer(serverUrl, `create database ${name} template ${template}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => administer(serverUrl, `drop database ${name} with (force)`),
  };
}

/** Opens a pool on a test database as the product would. */
export function openTestDatabase(url: string, poolSize = 4): DatabaseClient {
  return openDatabase({ url, poolSize, capabilities: POSTGRESQL, applicationName: "sluice-test" });
}

async function administer(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}
