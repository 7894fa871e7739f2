import { Hono } from "hono";
import { createLog } from "../../src/lib/log-pino.ts";
import type { Program } from "../lib/program.ts";

/** What a bare route sends: what the gateway was seen to send. */
export interface Sent {
  body: string;
  headers: Record<string, string>;
}

/** What a request to Sluice carries is parsed here too. */
const requestHeaders = { Authorization: `Bearer ${"x".repeat(43)}` };

const serving = (app: Hono): Program => ({ fetch: app.fetch, headers: requestHeaders });

/** The yardstick: Hono with one route that sends a text. */
export function bare({ body }: Sent): Program {
  const app = new Hono();
  app.get("/api/dashboard", (c) => c.body(body, 200, { "Content-Type": "application/json" }));
  return serving(app);
}

/** The same with the headers of a dashboard, as constants. */
export function bareWithHeaders({ body, headers }: Sent): Program {
  const app = new Hono();
  app.get("/api/dashboard", () => new Response(body, { headers }));
  return serving(app);
}

/** The same with the log line of a request as well. */
export async function bareWithHeadersAndLog({ body, headers }: Sent): Promise<Program> {
  const log = await createLog("info", false);
  const app = new Hono();
  app.get("/api/dashboard", (c) => {
    const started = performance.now();
    const response = new Response(body, { headers });
    log.info(
      {
        request_id: headers["x-request-id"],
        method: c.req.method,
        path: c.req.path,
        status: 200,
        duration_ms: Math.round((performance.now() - started) * 10) / 10,
        viewer: 1,
      },
      "request",
    );
    return response;
  });
  return serving(app);
}
