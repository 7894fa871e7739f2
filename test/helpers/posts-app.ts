import { z } from "zod";
import type { DatabaseClient } from "../../db/client.ts";
import type { Scope } from "../../src/auth/scopes.ts";
import type { Platform } from "../../src/services.ts";
import { createVisitors } from "./visitor.ts";

/** An application that users with tokens of their own write to. */
export function createPostsApp(database: DatabaseClient, parts: Partial<Platform> = {}) {
  const { app, services, as } = createVisitors(database, parts);
  return {
    app,
    services,
    /** Makes what sends requests as a user. */
    async as(id: number, ...scopes: Scope[]) {
      const visitor = await as(id, ...scopes);
      return (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
        visitor.ask(path, {
          method,
          headers: {
            ...(body !== undefined && { "Content-Type": "application/json" }),
            ...headers,
          },
          ...(body !== undefined && { body: encoded(body) }),
        });
    },
  };
}

function encoded(body: unknown): string | Buffer<ArrayBuffer> {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body);
}

export type Send = Awaited<ReturnType<ReturnType<typeof createPostsApp>["as"]>>;

const answer = z.looseObject({
  id: z.number().exactOptional(),
  code: z.string().exactOptional(),
  errors: z.array(z.looseObject({ path: z.string() })).exactOptional(),
});

/** Reads what an answer of the data API says. */
export async function bodyOf(response: Response) {
  return answer.parse(await response.json());
}
