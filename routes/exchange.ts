import { getPath } from "hono/utils/url";
import type { Exchange } from "../src/gateway/exchange.ts";
import type { SettledSection } from "../src/gateway/result.ts";
import type { Log } from "../src/lib/log.ts";
import { requestIdFrom } from "../src/lib/request-id.ts";
import { traceparentFrom } from "../src/lib/trace-context.ts";

/**
 * Gives a request its id and, when it is answered, the log its one line. It stands around Hono, not
 * in it: where no middleware matches, Hono answers a warm dashboard without a promise.
 */
export function observed(
  log: Log,
  request: Request,
  answer: (exchange: Exchange) => Response | Promise<Response>,
): Response | Promise<Response> {
  const started = performance.now();
  const { headers } = request;
  const uuid = crypto.randomUUID();
  const requestId = requestIdFrom(headers.get("X-Request-Id"), uuid);
  const traceparent = traceparentFrom(headers.get("traceparent"), uuid);
  const exchange: Exchange = {
    requestId,
    headers: { "X-Request-Id": requestId, traceparent },
  };
  const finish = (response: Response) => {
    for (const name in exchange.headers) {
      response.headers.set(name, exchange.headers[name] ?? "");
    }
    log.info(logFields(request, response, exchange, performance.now() - started), "request");
    return response;
  };
  const response = answer(exchange);
  return response instanceof Promise ? response.then(finish) : finish(response);
}

function logFields(
  request: Request,
  { status }: Response,
  { requestId, viewer, sections }: Exchange,
  durationMs: number,
): Record<string, unknown> {
  return {
    request_id: requestId,
    method: request.method,
    path: getPath(request),
    status,
    duration_ms: Math.round(durationMs * 10) / 10,
    viewer: viewer?.id,
    sections: sections && statusesOf(sections),
  };
}

function statusesOf(sections: readonly SettledSection[]): Record<string, string> {
  const statuses: Record<string, string> = {};
  for (const { name, result } of sections) statuses[name] = result.status;
  return statuses;
}
