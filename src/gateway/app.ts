import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { compress } from "hono/compress";
import { isRevision } from "../../cache/revision.ts";
import type { Cache } from "../../cache/types.ts";
import { AppError } from "../lib/errors.ts";
import { type Log, silentLog } from "../lib/log.ts";
import { problemResponse } from "../lib/problem.ts";
import type { Dashboard } from "./dashboard.ts";
import { explain } from "./explain.ts";
import { createGates } from "./gates.ts";
import { gather } from "./gather.ts";
import { VARY } from "./headers.ts";
import { listDashboards } from "./list.ts";
import { preferredType } from "./negotiate.ts";
import { readQuery } from "./params.ts";
import { refresh } from "./refresh.ts";
import { jsonResponse, ndjsonResponse } from "./respond.ts";
import type { SettledSection } from "./result.ts";
import type { AppContext, Viewer } from "./section.ts";
import { createWrittenAnswers } from "./written.ts";

/** What a gateway leaves in Hono's context for the application around it. */
export interface GatewayEnv {
  Variables: {
    /** Read: goes into problem documents and the log. */
    requestId?: string;
    /** Read, and cleared once they are on the answer: setting headers afterwards is dear. */
    answerHeaders?: Readonly<Record<string, string>> | undefined;
    /** Written: who asked. */
    viewer?: Viewer;
    /** Written: how the sections went. */
    sections?: readonly SettledSection[];
  };
}

export interface GatewayOptions<C extends AppContext> {
  /** The first is the default one. */
  dashboards: readonly [Dashboard<C>, ...Dashboard<C>[]];
  cache: Cache;
  /**
   * Tells who asks. Not called for a public dashboard.
   * @throws AppError "unauthorized" or "forbidden"
   */
  authenticate(request: Request): Promise<NonNullable<C["viewer"]>>;
  /** Supplies what the loads receive beside the viewer. */
  context(request: Request): Omit<C, "viewer">;
  /**
   * Loads of one section that run at once; for SQL no more than the pool has connections. Default 10.
   */
  bulkhead?: number;
  log?: Log;
}

type GatewayContext = Context<GatewayEnv>;

/** The viewer's scopes that the gateway itself asks for. */
const REFRESH_SCOPE = "dashboards:refresh";
const EXPLAIN_SCOPE = "dashboards:explain";

/** From 1 KiB on. */
const gzip = compress({ encoding: "gzip", threshold: 1_024 });

const JSON_TYPE = "application/json";
const NDJSON_TYPE = "application/x-ndjson";

/**
 * Makes the gateway: a Hono application with `/dashboard`, `/dashboards` and `/dashboards/{name}`,
 * to be mounted in any other with `app.route("/api", gateway)`.
 */
export function createGateway<C extends AppContext>(options: GatewayOptions<C>) {
  const { cache, dashboards, log = silentLog } = options;
  const byName = new Map(dashboards.map((dashboard) => [dashboard.name, dashboard]));
  const gates = createGates(options.bulkhead ?? 10);
  const answers = createWrittenAnswers();

  async function viewerOf(c: GatewayContext): Promise<Viewer> {
    const viewer = await options.authenticate(c.req.raw);
    c.set("viewer", viewer);
    return viewer;
  }

  async function answer(c: GatewayContext, dashboard: Dashboard<C>): Promise<Response> {
    const started = performance.now();
    const transport = negotiate(c);
    const viewer = dashboard.isPublic ? undefined : await viewerOf(c);
    const query = readQuery(dashboard, queryOf(c.req.url));
    const context: AppContext = { ...options.context(c.req.raw), ...(viewer && { viewer }) };
    const request = { dashboard, ...query, context, cache, gates };
    if (query.explain) {
      requireScope(viewer, EXPLAIN_SCOPE);
      return jsonOf(await explain(request), "no-store");
    }
    const minRevision = readMinRevision(c);
    if (asksForRefresh(c) && viewer?.scopes.includes(REFRESH_SCOPE)) await refresh(request);
    const signal = () => c.req.raw.signal;
    const requestId = c.get("requestId");
    const sections = gather({ ...request, minRevision, signal, started, log, requestId });
    const headers = c.get("answerHeaders");
    const onSettled = (settled: readonly SettledSection[]) => c.set("sections", settled);
    const written = { dashboard, sections, headers, onSettled };
    const response =
      transport === NDJSON_TYPE
        ? ndjsonResponse(written)
        : await jsonResponse({ ...written, answers, ifNoneMatch: c.req.header("If-None-Match") });
    c.set("answerHeaders", undefined);
    return response;
  }

  /** Compresses and catches by itself: middleware and onError of Hono would cost as much again. */
  async function send(c: GatewayContext, respond: () => Promise<Response>): Promise<Response> {
    try {
      if (c.req.header("Accept-Encoding") === undefined) return await respond();
      await gzip(c, async () => {
        c.res = await respond();
      });
      return c.res;
    } catch (error) {
      if (!(error instanceof AppError)) log.error({ err: error }, "dashboard failed");
      return problemResponse(error, { url: c.req.url, requestId: c.get("requestId") });
    }
  }

  return new Hono<GatewayEnv>({ strict: false })
    .get("/dashboard", (c) => send(c, () => answer(c, dashboards[0])))
    .get("/dashboards", (c) =>
      send(c, async () => {
        await viewerOf(c);
        return jsonOf(listDashboards(dashboards), "private, no-cache");
      }),
    )
    .get("/dashboards/:name", (c) =>
      send(c, async () => {
        const dashboard = byName.get(c.req.param("name"));
        if (!dashboard) throw new AppError("not_found", "There is no dashboard of this name.");
        return answer(c, dashboard);
      }),
    );
}

const noQuery = new URLSearchParams();

/** Only the query: a whole URL is dear to parse. */
function queryOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  return start === -1 ? noQuery : new URLSearchParams(url.slice(start));
}

function negotiate(c: GatewayContext): string {
  const supports = [JSON_TYPE, NDJSON_TYPE];
  if (!c.req.header("Accept")) return JSON_TYPE;
  const type = accepts(c, {
    header: "Accept",
    supports,
    default: "",
    match: (ranges) => preferredType(ranges, supports) ?? "",
  });
  if (type !== "") return type;
  throw new AppError("not_acceptable", `This comes as ${supports.join(" or ")}.`);
}

/** Compression looks at the length, which Hono's own `json` does not tell. */
function jsonOf(body: object, cacheControl: string): Response {
  const text = JSON.stringify(body);
  const headers = {
    "Content-Type": JSON_TYPE,
    "Content-Length": String(Buffer.byteLength(text)),
    "Cache-Control": cacheControl,
    Vary: VARY,
  };
  return new Response(text, { headers });
}

/** Read-your-writes: the revision that a write answered with (docs/headers.md). */
function readMinRevision(c: GatewayContext): string | undefined {
  const revision = c.req.header("Sluice-Min-Revision");
  if (revision === undefined || isRevision(revision)) return revision;
  throw new AppError("validation_failed", "Sluice-Min-Revision is not a Sluice-Revision.");
}

function asksForRefresh(c: GatewayContext): boolean {
  return /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(c.req.header("Cache-Control") ?? "");
}

function requireScope(viewer: Viewer | undefined, scope: string): void {
  if (!viewer?.scopes.includes(scope)) {
    throw new AppError("forbidden", `This needs the scope ${scope}.`);
  }
}
