import { type Context, Hono } from "hono";
import type { Cache } from "../../cache/types.ts";
import { AppError } from "../lib/errors.ts";
import { type Log, silentLog } from "../lib/log.ts";
import { problemResponse } from "../lib/problem.ts";
import type { Dashboard } from "./dashboard.ts";
import { gather } from "./gather.ts";
import { createGuard } from "./guard.ts";
import { readParams } from "./params.ts";
import { jsonResponse } from "./respond.ts";
import type { SettledSection } from "./result.ts";
import type { AppContext, Viewer } from "./section.ts";

/** What a gateway leaves in Hono's context for the application around it. */
export interface GatewayEnv {
  Variables: {
    /** Read: goes into problem documents and the log. */
    requestId?: string;
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
   * Tells who asks.
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

/**
 * Makes the gateway: a Hono application with `/dashboard` and `/dashboards/{name}`, to be mounted in
 * any other with `app.route("/api", gateway)`.
 */
export function createGateway<C extends AppContext>(options: GatewayOptions<C>) {
  const { cache, log = silentLog } = options;
  const byName = new Map(options.dashboards.map((dashboard) => [dashboard.name, dashboard]));
  const guard = createGuard(options.bulkhead ?? 10);
  const [defaultDashboard] = options.dashboards;

  async function answer(c: Context<GatewayEnv>, dashboard: Dashboard<C>): Promise<Response> {
    const viewer = await options.authenticate(c.req.raw);
    c.set("viewer", viewer);
    const params = readParams(dashboard, new URL(c.req.url).searchParams);
    const context: AppContext = { ...options.context(c.req.raw), viewer };
    const settled = new Map<string, SettledSection>();
    const requestId = c.get("requestId");
    for await (const section of gather({
      dashboard,
      params,
      context,
      cache,
      guard,
      log,
      requestId,
    })) {
      settled.set(section.name, section);
    }
    const names = Object.keys(dashboard.sections);
    const sections = names.flatMap((name) => settled.get(name) ?? []);
    c.set("sections", sections);
    const ifNoneMatch = c.req.header("If-None-Match");
    return jsonResponse({ dashboard: dashboard.name, sections, ifNoneMatch });
  }

  return new Hono<GatewayEnv>({ strict: false })
    .get("/dashboard", (c) => answer(c, defaultDashboard))
    .get("/dashboards/:name", (c) => {
      const dashboard = byName.get(c.req.param("name"));
      if (!dashboard) throw new AppError("not_found", "There is no dashboard of this name.");
      return answer(c, dashboard);
    })
    .onError((error, c) => {
      if (!(error instanceof AppError)) log.error({ err: error }, "dashboard failed");
      return problemResponse(error, { url: c.req.url, requestId: c.get("requestId") });
    });
}
