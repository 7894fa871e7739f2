import type { DatabaseClient } from "../../db/client.ts";
import type { Scope } from "../../src/auth/scopes.ts";
import type { Platform } from "../../src/services.ts";
import { createTestApp } from "./services.ts";

export interface Visitor {
  /** Asks with this user's token. */
  ask(path: string, init?: RequestInit & { headers?: Record<string, string> }): Promise<Response>;
}

/** An application on a database, and a way to ask it as any user. */
export function createVisitors(database: DatabaseClient, parts: Partial<Platform> = {}) {
  const { app, services } = createTestApp(database, parts);
  return {
    app,
    services,
    /** Opens a session of the user of this id, who need not be in the database. */
    async as(id: number, ...scopes: Scope[]): Promise<Visitor> {
      const account = { id, username: `user${id}`, displayName: `User ${id}`, passwordHash: null };
      const { token } = await services.auth.openSession({ ...account, scopes });
      const authorization = { Authorization: `Bearer ${token}` };
      return {
        async ask(path, init = {}) {
          return app.request(path, { ...init, headers: { ...authorization, ...init.headers } });
        },
      };
    },
  };
}
