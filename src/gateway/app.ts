import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import type { Cache } from "../../cache/types.ts";
import { AppError } from "../lib/errors.ts";
import { type Log, silentLog } from "../lib/log.ts";
import { problemResponse } from "../lib/problem.ts";
import { checkNames } from "./checks.ts";
import type { Dashboard } from "./dashboard.ts";
import type { GatewayEnv } from "./exchange.ts";
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
import { createWarmAnswers, type WarmAnswer, type WarmRequest } from "./warm.ts";

export interface GatewayOptions<C extends AppContext> {
  /** The first is the default one. */
  dashboards: readonly [Dashboard<C>, ...Dashboard<C>[]];
  cache: Cache;
  /**
   * Tells who asks. Not called for a public dashboard.
   * @throws AppError "unauthorized" or "forbidden"
   */
  authenticate(request: Request): NonNullable<C["viewer"]> | Promise<NonNullable<C["viewer"]>>;
  /** Supplies what the loads receive beside the viewer. */
  context(request: Request): Omit<C, "viewer">;
  /**
   * Loads of one section that run at once; for SQL no more than the pool has connections. Default 10.
   */
  bulkhead?: number;
  log?: Log;
}

type GatewayContext = Context<GatewayEnv>;
type Answer = Response | Promise<Response>;

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
  function answer(c: GatewayContext, dashboard: Dashboard<C>): Answer {
    const started = performance.now();
    const transport = negotiate(c);
    return dashboard.isPublic ? answerTo(undefined) : then(viewerOf(c), answerTo);

    function answerTo(viewer: Viewer | undefined): Answer {
      const query = readQuery(dashboard, queryOf(c.req.url));
      const request: DashboardRequest = { dashboard, query, viewer, transport, started };
      const minRevision = readMinRevision(c.req.raw.headers);
      const found = minRevision === undefined && !asksForMore(c, request) && warm.find(request);
      return found ? sendJson(c, found) : answerAnew(c, request, minRevision);
    }
  }

  async function answerAnew(
    c: GatewayContext,
    asked: DashboardRequest,
    minRevision: string | undefined,
  ): Promise<Response> {
    const { dashboard, query, viewer, transport, started } = asked;
    const context: AppContext = { ...options.context(c.req.raw), ...(viewer && { viewer }) };
    const signal = () => c.req.raw.signal;
    const request = { dashboard, ...query, context, cache, gates, signal };
    if (query.explain) {
      requireScope(viewer, EXPLAIN_SCOPE);
      return sendObject(c, await explain(request), "no-store");
    }
    if (asksForRefresh(c) && viewer?.scopes.includes(REFRESH_SCOPE)) await refresh(request);
    const requestId = c.env?.exchange?.requestId;
    const sections = () => gather({ ...request, minRevision, started, log, requestId });
    if (transport === NDJSON_TYPE) {
      const onSettled = (settled: readonly SettledSection[]) => tell(c, settled);
      return ndjsonResponse({ dashboard, gather: sections, headers: takeHeaders(c), onSettled });
    }
    const settled = await sections().all();
    tell(c, settled);
    const written = jsonDocument(dashboard, settled);
    warm.remember(asked, { settled, written });
    return sendJson(c, { settled, written });
  }

  function viewerOf(c: GatewayContext): Viewer | Promise<Viewer> {
    return then(options.authenticate(c.req.raw), (viewer: Viewer) => {
      if (c.env?.exchange) c.env.exchange.viewer = viewer;
      return viewer;
    });
  }

  /** Catches by itself, since the application around may have no `onError` of ours. */
  function respond(c: GatewayContext, make: () => Answer): Answer {
    try {
      const response = make();
      return response instanceof Promise ? response.catch((error) => failed(c, error)) : response;
    } catch (error) {
      return failed(c, error);
    }
  }

  function failed(c: GatewayContext, error: unknown): Response {
    if (!(error instanceof AppError)) log.error({ err: error }, "dashboard failed");
    return problemResponse(error, { url: c.req.url, requestId: c.env?.exchange?.requestId });
  }

  return new Hono<GatewayEnv>({ strict: false })
    .get("/dashboard", (c) => respond(c, () => answer(c, dashboards[0])))
    .get("/dashboards", (c) =>
      respond(c, () =>
        then(viewerOf(c), () => sendObject(c, listDashboards(dashboards), "private, no-cache")),
      ),
    )
    .get("/dashboards/:name", (c) =>
      respond(c, () => {
        const dashboard = byName.get(c.req.param("name"));
        if (!dashboard) throw new AppError("not_found", "There is no dashboard of this name.");
        return answer(c, dashboard);
      }),
    );
}

/** Goes on at once with a value that is there: each promise on the way would cost its turn. */
function then<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function sendJson(c: GatewayContext, { settled, written }: WarmAnswer): Answer {
  tell(c, settled);
  return send(written, c.req.raw.headers, takeHeaders(c));
}

function sendObject(c: GatewayContext, object: object, cacheControl: string): Answer {
  const written = document(JSON.stringify(object), jsonHeaders(cacheControl));
  return send(written, c.req.raw.headers, takeHeaders(c));
}

function tell(c: GatewayContext, settled: readonly SettledSection[]): void {
  if (c.env?.exchange) c.env.exchange.sections = settled;
}

/** The headers that the application around wants; from here on they are the answer's. */
function takeHeaders(c: GatewayContext): Readonly<Record<string, string>> | undefined {
  const exchange = c.env?.exchange;
  const headers = exchange?.headers;
  if (exchange) exchange.headers = undefined;
  return headers;
}

/** Whether the request is for anything but what memory has as one document. */
function asksForMore(c: GatewayContext, { transport, query }: DashboardRequest): boolean {
  return transport !== JSON_TYPE || query.explain || asksForRefresh(c);
}

/** Only the query: a whole URL is dear to parse. */
function queryOf(url: string): URLSearchParams | undefined {
  const start = url.indexOf("?");
  return start === -1 ? undefined : new URLSearchParams(url.slice(start));
}

function negotiate(c: GatewayContext): string {
  const supports = [JSON_TYPE, NDJSON_TYPE];
  const wanted = c.req.header("Accept");
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

function asksForRefresh(c: GatewayContext): boolean {
  const cacheControl = c.req.header("Cache-Control");
  return cacheControl !== undefined && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(cacheControl);
}

function requireScope(viewer: Viewer | undefined, scope: string): void {
  if (!viewer?.scopes.includes(scope)) {
    throw new AppError("forbidden", `This needs the scope ${scope}.`);
  }
}
