import { getPath } from "hono/utils/url";
import { type Exchange, openExchange } from "../src/gateway/exchange.ts";
import type { SettledSection } from "../src/gateway/result.ts";
import type { Log } from "../src/lib/log.ts";

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
  const exchange = openExchange(request);
  const write = (response: Response) =>
    log.info(logFields(request, response, exchange, performance.now() - started), "request");
  const finish = (response: Response) => {
    for (const name in exchange.headers) {
      response.headers.set(name, exchange.headers[name] ?? "");
    }
    if (log.writesInfo !== false) {
      if (exchange.ended === undefined) write(response);
      else void exchange.ended.then(() => write(response));
    }
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
    sections: sections && notOk(sections),
  };
}

/** Of the sections only what went otherwise than it should: most often nothing. */
function notOk(sections: readonly SettledSection[]): Record<string, string> | undefined {
  let statuses: Record<string, string> | undefined;
  for (const { name, result } of sections) {
    if (result.status === "ok") continue;
    statuses ??= {};
    statuses[name] = result.status;
  }
  return statuses;
}
