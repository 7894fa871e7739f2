import { drizzle } from "drizzle-orm/postgres-js";
import type { Database, DatabaseClient } from "../../db/client.ts";
import * as schema from "../../db/schema.ts";

/** A statement as it went to the server. */
export interface SentStatement {
  text: string;
  parameters: unknown[];
}

/**
 * Runs something on a database and notes its statements.
 * @param run gets a database of its own, so that its prepared statements are made there
 */
export async function statementsOf(
  { sql }: DatabaseClient,
  run: (db: Database) => Promise<unknown>,
): Promise<SentStatement[]> {
  const sent: SentStatement[] = [];
  const unsafe = (text: string, parameters: never[] = [], options = {}) => {
    sent.push({ text, parameters });
    return sql.unsafe(text, parameters, options);
  };
  const noting = new Proxy(sql, {
    get: (target, property, receiver) =>
      property === "unsafe" ? unsafe : Reflect.get(target, property, receiver),
  });
  await run(drizzle({ client: noting, schema }));
  return sent;
}

/** How many statements a client sends while something runs. */
export async function statementsSent(
  client: DatabaseClient,
  run: () => Promise<unknown>,
): Promise<number> {
  const before = client.poolStats().queries;
  await run();
  return client.poolStats().queries - before;
}
