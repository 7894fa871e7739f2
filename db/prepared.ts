import type { Database } from "./client.ts";

/**
 * Makes a statement once for each client: a prepared statement takes one round trip, the same query
 * built anew takes two.
 * @param build builds and prepares the statement on a client
 * @returns the statement of the given client
 */
export function perClient<Statement>(
  build: (db: Database) => Statement,
): (db: Database) => Statement {
  const statements = new WeakMap<Database, Statement>();
  return (db) => {
    const known = statements.get(db);
    if (known !== undefined) return known;
    const statement = build(db);
    statements.set(db, statement);
    return statement;
  };
}
