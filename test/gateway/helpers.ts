import { createCache } from "../../cache/cache.ts";
import { createGateway } from "../../src/gateway/app.ts";
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

/** Mounts dashboards in a gateway that takes the viewer's id from a header. */
export function gatewayOf(...dashboards: [Dashboard<TestContext>, ...Dashboard<TestContext>[]]) {
  return createGateway<TestContext>({
    dashboards,
    cache: createCache({ maxBytes: 1_048_576 }),
    async authenticate(request) {
      const id = request.headers.get("X-Viewer");
      if (id === null) throw new AppError("unauthorized", "Who are you?");
      return { id: Number(id), scopes: [] };
    },
    context: () => ({ greeting: "hello" }),
  });
}

/** Asks a gateway as a viewer. */
export function ask(
  gateway: ReturnType<typeof gatewayOf>,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return Promise.resolve(gateway.request(path, { headers: { "X-Viewer": "1", ...headers } }));
}

/** Works until its signal aborts, and then fails with the signal's reason. */
export function hang(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
