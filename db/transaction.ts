import type { ReservedSql, Sql } from "postgres";
import { isLostConnection } from "./errors.ts";

/**
 * Runs statements in one transaction. The driver's own `begin` sends its rollback also over a
 * connection that is gone, which ends the whole process with an error nobody can catch.
 * @param run sends its statements one after the other
 * @throws what `run` throws, after a rollback; the driver's error when the connection was lost
 */
export async function inTransaction<T>(
  sql: Sql,
  run: (session: ReservedSql) => Promise<T>,
): Promise<T> {
  const session = await sql.reserve();
  try {
    await session.unsafe("begin");
    const result = await run(session);
    await session.unsafe("commit");
    session.release();
    return result;
  } catch (error) {
    // The pool has taken back a connection that is gone: releasing it would hand it out dead.
    if (isLostConnection(error)) throw error;
    await session.unsafe("rollback");
    session.release();
    throw error;
  }
}
