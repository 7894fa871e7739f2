import { getPath } from "hono/utils/url";
import { type Exchange, openExchange } from "../src/gateway/exchange.ts";
import type { SettledSection } from "../src/gateway/result.ts";
import { headerReader, type NodeBindings } from "../src/lib/header-reader.ts";
import type { Log, RequestLine } from "../src/lib/log.ts";

/**
 * Gives a request its id and, when it is answered, the log its one line. It stands around Hono, not
 * in it: where no middleware matches, Hono answers a warm dashboard without a promise.
 */
export function observed(
  log: Log,
  request: Request,
  bindings: NodeBindings | undefined,
  answer: (exchange: Exchange) => Response | Promise<Response>,
): Response | Promise<Response> {
  const observation = {
    log,
    request,
    started: performance.now(),
    exchange: openExchange(headerReader(request, bindings)),
  };
  const response = answer(observation.exchange);
  return response instanceof Promise
    ? response.then((settled) => finish(observation, settled))
    : finish(observation, response);
}

interface Observation {
  log: Log;
  request: Request;
  /** When it arrived, as `performance.now()` had it. */
  started: number;
  exchange: Exchange;
}

function finish(observation: Observation, response: Response): Response {
  const { headers, ended } = observation.exchange;
  for (const name in headers) response.headers.set(name, headers[name] ?? "");
  if (ended === undefined) write(observation, response);
  else void ended.then(() => write(observation, response));
  return response;
}

function write(observation: Observation, response: Response): void {
  observation.log.request?.(lineOf(observation, response));
}

function lineOf({ request, started, exchange }: Observation, { status }: Response): RequestLine {
  const { requestId, viewer, sections } = exchange;
  return {
    request_id: requestId,
    method: request.method,
    path: getPath(request),
    status,
    duration_ms: Math.round((performance.now() - started) * 10) / 10,
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
