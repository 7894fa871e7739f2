import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import type { Cache } from "../../cache/types.ts";
import { AppError } from "../lib/errors.ts";
import { type HeaderReader, headerReader } from "../lib/header-reader.ts";
import { type Log, silentLog } from "../lib/log.ts";
import { problemResponse } from "../lib/problem.ts";
import { checkNames } from "./checks.ts";
import type { Dashboard } from "./dashboard.ts";
import { type Exchange, type GatewayEnv, openExchange } from "./exchange.ts";
import { explain } from "./explain.ts";
import { createGates } from "./gates.ts";
import { gather } from "./gather.ts";
import { jsonHeaders } from "./headers.ts";
import { listDashboards } from "./list.ts";
import { readMinRevision } from "./min-revision.ts";
import { preferredType } from "./negotiate.ts";
import { readQuery } from "./params.ts";
import { refresh } from "./refresh.ts";
import { jsonDocument, ndjsonResponse } from "./respond.ts";
import type { SettledSection } from "./result.ts";
import type { AppContext, Viewer } from "./section.ts";
import { document, send } from "./send.ts";
import { createWarmAnswers, type WarmAnswer } from "./warm.ts";
import type { WarmRequest } from "./warm-keys.ts";

export interface GatewayOptions<C extends AppContext> {
  /** The first is the default one. */
  dashboards: readonly [Dashboard<C>, ...Dashboard<C>[]];
  cache: Cache;
  /**
   * Tells who asks. Not called for a public dashboard.
   * @returns the viewer; where possible the same object each time and no promise, which makes warm
   *   answers cheaper
   * @throws AppError "unauthorized" or "forbidden"
   */
  authenticate(request: Request): NonNullable<C["viewer"]> | Promise<NonNullable<C["viewer"]>>;
  /**
   * Supplies what the loads receive beside the viewer. Not asked while the answer is in memory: who
   * may have it is for `authenticate` to decide.
   */
  context(request: Request): Omit<C, "viewer">;
  /**
   * Loads of one section that run at once; for SQL no more than the pool has connections. Default 10.
   */
  bulkhead?: number;
  log?: Log;
}

type GatewayContext = Context<GatewayEnv>;
type Answer = Response | Promise<Response>;

/** A request on its way through the gateway. */
interface Turn {
  c: GatewayContext;
  header: HeaderReader;
  exchange: Exchange;
}

interface DashboardRequest extends WarmRequest {
  transport: string;
  /** When it arrived, as `performance.now()` had it. */
  started: number;
}

/** The viewer's scopes that the gateway itself asks for. */
const REFRESH_SCOPE = "dashboards:refresh";
const EXPLAIN_SCOPE = "dashboards:explain";

const JSON_TYPE = "application/json";
const NDJSON_TYPE = "application/x-ndjson";

/**
 * Makes the gateway: a Hono application with `/dashboard`, `/dashboards` and `/dashboards/{name}`,
 * to be mounted in any other with `app.route("/api", gateway)`.
 * @throws DashboardError when two dashboards have the same name
 */
export function createGateway<C extends AppContext>(options: GatewayOptions<C>) {
  const { cache, dashboards, log = silentLog } = options;
  checkNames(dashboards);
  const byName = new Map(dashboards.map((dashboard) => [dashboard.name, dashboard]));
  const gates = createGates(options.bulkhead ?? 10);
  const warm = createWarmAnswers(cache);

  /** The gateway's part of a request, in its order; without a promise while all is in memory. */
  function answer(turn: Turn, dashboard: Dashboard<C>): Answer {
    const started = performance.now();
    const transport = negotiate(turn);
    return dashboard.isPublic ? answerTo(undefined) : then(viewerOf(turn), answerTo);

    function answerTo(viewer: Viewer | undefined): Answer {
      const query = readQuery(dashboard, queryOf(turn.c.req.url));
      const request: DashboardRequest = { dashboard, query, viewer, transport, started };
      const minRevision = readMinRevision(turn.header);
      const found = minRevision === undefined && !asksForMore(turn, request) && warm.find(request);
      return found ? sendJson(turn, found) : answerAnew(turn, request, minRevision);
    }
  }

  async function answerAnew(
    turn: Turn,
    asked: DashboardRequest,
    minRevision: string | undefined,
  ): Promise<Response> {
    const { c, exchange } = turn;
    const { dashboard, query, viewer, transport, started } = asked;
    const { requestId } = exchange;
    const application = options.context(c.req.raw);
    const context: AppContext = viewer ? { ...application, viewer } : application;
    const signal = () => c.req.raw.signal;
    const request = { ...query, dashboard, context, cache, gates, signal };
    if (query.explain) {
      requireScope(viewer, EXPLAIN_SCOPE);
      return sendObject(turn, await explain(request), "no-store");
    }
    if (asksForRefresh(turn) && viewer?.scopes.includes(REFRESH_SCOPE)) await refresh(request);
    const sections = () => gather({ ...request, minRevision, started, log, requestId });
    if (transport === NDJSON_TYPE) {
      const { promise, resolve } = Promise.withResolvers<void>();
      // The body of an answer to HEAD is never read, so that it has no end either.
      if (c.req.raw.method !== "HEAD") exchange.ended = promise;
      const onEnd = (settled: readonly SettledSection[]) => {
        exchange.sections = settled;
        resolve();
      };
      const headers = takeHeaders(exchange);
      return ndjsonResponse({ dashboard, gather: sections, headers, onEnd });
    }
    const settled = await sections().all();
    exchange.sections = settled;
    const written = jsonDocument(dashboard, settled);
    warm.remember(asked, { settled, written });
    return sendJson(turn, { settled, written });
  }

  function viewerOf({ c, exchange }: Turn): Viewer | Promise<Viewer> {
    return then(options.authenticate(c.req.raw), (viewer: Viewer) => {
      exchange.viewer = viewer;
      return viewer;
    });
  }

  /** Catches by itself, since the application around may have no `onError` of ours. */
  function respond(c: GatewayContext, make: (turn: Turn) => Answer): Answer {
    const header = headerReader(c.req.raw, c.env);
    const turn = { c, header, exchange: c.env?.exchange ?? openExchange(header) };
    try {
      const response = make(turn);
      return response instanceof Promise
        ? response.catch((error) => failed(turn, error))
        : response;
    } catch (error) {
      return failed(turn, error);
    }
  }

  function failed({ c, exchange }: Turn, error: unknown): Response {
    const { requestId } = exchange;
    const expected = error instanceof AppError && (error.status < 500 || !error.cause);
    if (!expected) {
      const err = (error instanceof AppError && error.cause) || error;
      log.error({ request_id: requestId, err }, "dashboard failed");
    }
    const response = problemResponse(error, { url: c.req.url, requestId });
    const headers = takeHeaders(exchange);
    for (const name in headers) response.headers.set(name, headers[name] ?? "");
    return response;
  }

  return new Hono<GatewayEnv>({ strict: false })
    .get("/dashboard", (c) => respond(c, (turn) => answer(turn, dashboards[0])))
    .get("/dashboards", (c) =>
      respond(c, (turn) =>
        then(viewerOf(turn), () =>
          sendObject(turn, listDashboards(dashboards), "private, no-cache"),
        ),
      ),
    )
    .get("/dashboards/:name", (c) =>
      respond(c, (turn) => {
        const dashboard = byName.get(c.req.param("name"));
        if (!dashboard) throw new AppError("not_found", "There is no dashboard of this name.");
        return answer(turn, dashboard);
      }),
    );
}

/** Goes on at once with a value that is there: each promise on the way would cost its turn. */
function then<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function sendJson({ header, exchange }: Turn, { settled, written }: WarmAnswer): Answer {
  exchange.sections = settled;
  return send(written, header, takeHeaders(exchange));
}

function sendObject({ header, exchange }: Turn, object: object, cacheControl: string): Answer {
  const written = document(JSON.stringify(object), jsonHeaders(cacheControl));
  return send(written, header, takeHeaders(exchange));
}

/** The headers that the exchange wants; from here on they are the answer's. */
function takeHeaders(exchange: Exchange): Readonly<Record<string, string>> | undefined {
  const { headers } = exchange;
  exchange.headers = undefined;
  return headers;
}

/** Whether the request is for anything but what memory has as one document. */
function asksForMore(turn: Turn, { transport, query }: DashboardRequest): boolean {
  return transport !== JSON_TYPE || query.explain || asksForRefresh(turn);
}

/** Only the query: a whole URL is dear to parse. */
function queryOf(url: string): URLSearchParams | undefined {
  const start = url.indexOf("?");
  return start === -1 ? undefined : new URLSearchParams(url.slice(start));
}

function negotiate({ c, header }: Turn): string {
  const supports = [JSON_TYPE, NDJSON_TYPE];
  const wanted = header("accept");
  if (!wanted || wanted === "*/*" || wanted === JSON_TYPE) return JSON_TYPE;
  const type = accepts(c, {
    header: "Accept",
    supports,
    default: "",
    match: (ranges) => preferredType(ranges, supports) ?? "",
  });
  if (type !== "") return type;
  throw new AppError("not_acceptable", `This comes as ${supports.join(" or ")}.`);
}

function asksForRefresh({ header }: Turn): boolean {
  const cacheControl = header("cache-control");
  return cacheControl !== null && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(cacheControl);
}

function requireScope(viewer: Viewer | undefined, scope: string): void {
  if (!viewer?.scopes.includes(scope)) {
    throw new AppError("forbidden", `This needs the scope ${scope}.`);
  }
}
