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

/**
 * The same for a statement that comes in variants, each with a plan of its own.
 * @param build builds and prepares one variant on a client; few variants, since all are kept
 * @returns the variant of the given client
 */
export function perVariant<Variant extends readonly unknown[], Statement>(
  build: (db: Database, ...variant: Variant) => Statement,
): (db: Database, ...variant: Variant) => Statement {
  const variantsOf = perClient(() => new Map<string, Statement>());
  return (db, ...variant) => {
    const variants = variantsOf(db);
    const name = JSON.stringify(variant);
    const known = variants.get(name);
    if (known !== undefined) return known;
    const statement = build(db, ...variant);
    variants.set(name, statement);
    return statement;
  };
}
