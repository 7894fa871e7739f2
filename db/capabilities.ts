/** What the server can do; code asks for the ability it needs, never which server it is. */
export interface Capabilities {
  /** Session state is private to a connection: advisory locks exclude, temporary tables are its own. */
  sessions: boolean;
  /** A running query can be cancelled. */
  cancel: boolean;
  /** statement_timeout is enforced. */
  statementTimeout: boolean;
}

/** A PostgreSQL server. */
export const POSTGRESQL: Capabilities = {
  sessions: true,
  cancel: true,
  statementTimeout: true,
};

/** PGlite behind its socket: one session shared by all connections (measured with 0.5.14). */
export const PGLITE: Capabilities = {
  sessions: false,
  cancel: false,
  statementTimeout: false,
};
