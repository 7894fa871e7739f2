import { z } from "zod";
import { createCache } from "../../cache/cache.ts";
import { systemClock } from "../../cache/clock.ts";
import type { Clock } from "../../cache/ports.ts";
import { createGateway, type GatewayOptions } from "../../src/gateway/app.ts";
import type { Dashboard } from "../../src/gateway/dashboard.ts";
import type { Viewer } from "../../src/gateway/section.ts";
import { AppError } from "../../src/lib/errors.ts";
import { createSluice } from "../../src/sources/sluice.ts";

/** The context of the tests' loads. */
export interface TestContext {
  greeting: string;
  viewer: Viewer & { id: number };
}

export const sluice = createSluice<TestContext>();

type Dashboards = [Dashboard<TestContext>, ...Dashboard<TestContext>[]];

/** Mounts dashboards in a gateway that takes the viewer's id and scopes from headers. */
export function gatewayOf(...dashboards: Dashboards) {
  return gatewayWith({}, ...dashboards);
}

/** Mounts dashboards in a gateway with parts of the test's own. */
export function gatewayWith(
  parts: Partial<Omit<GatewayOptions<TestContext>, "dashboards" | "context">>,
  ...dashboards: Dashboards
) {
  return createGateway<TestContext>({
    dashboards,
    cache: createCache({ maxBytes: 1_048_576 }),
    async authenticate({ headers }) {
      const id = headers.get("X-Viewer");
      if (id === null) throw new AppError("unauthorized", "Who are you?");
      return { id: Number(id), scopes: headers.get("X-Scopes")?.split(" ") ?? [] };
    },
    context: () => ({ greeting: "hello" }),
    ...parts,
  });
}

/** Asks a gateway as a viewer. */
export function ask(
  gateway: ReturnType<typeof gatewayOf>,
  path: string,
  headers: Record<string, string> = {},
  init: RequestInit = {},
): Promise<Response> {
  const all = { "X-Viewer": "1", ...headers };
  return Promise.resolve(gateway.request(path, { ...init, headers: all }));
}

/** What an answer says of its sections. */
export async function metaOf(response: Response): Promise<Meta["meta"]> {
  return meta.parse(await response.json()).meta;
}

const meta = z.looseObject({
  meta: z.looseObject({
    complete: z.boolean(),
    sections: z.record(
      z.string(),
      z.looseObject({
        status: z.string(),
        reason: z.string().optional(),
        error: z.object({ code: z.string(), message: z.string() }).optional(),
      }),
    ),
  }),
});
type Meta = z.infer<typeof meta>;

/** A clock all of whose parts obey fake timers. */
export const fakedClock: Clock = {
  ...systemClock,
  monotonic: () => Date.now(),
  random: () => 0.999_999,
};

/** Works until its signal aborts, and then fails with the signal's reason. */
export function hang(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
