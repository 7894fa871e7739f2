/** Measures the parts of a warm request in a process whose log goes nowhere; tells its parent. */
import { createCache } from "../../cache/cache.ts";
import { createAuth } from "../../src/auth/auth.ts";
import { createMemoryTokenStore } from "../../src/auth/tokens-memory.ts";
import { createLog } from "../../src/lib/log-pino.ts";
import { requestIdFrom } from "../../src/lib/request-id.ts";
import { newTrace, traceparentFrom } from "../../src/lib/trace-context.ts";
import { nextTurn } from "../../src/lib/turns.ts";
import { account } from "./application.ts";

const REPETITIONS = 400_000;
const PARTS_A_TURN = 64;

const cache = createCache();
const log = await createLog("info", false);
const auth = createAuth({
  tokens: createMemoryTokenStore(),
  cache,
  findAccount: async () => undefined,
});
const { token } = await auth.openSession(account);
const keys = ["a", "b", "c", "d"];
for (const key of keys) await cache.getOrSet({ key, ttl: "1h", load: async () => ({ rows: 1 }) });
const headers = {
  "Content-Type": "application/json",
  "Cache-Control": "private, no-cache",
  "Cache-Status": "sluice; hit",
  ETag: 'W/"k3v9Xq0aT1bLw2Zc"',
  "Server-Timing": 'a;dur=0;desc="memory", b;dur=0;desc="memory"',
  "Sluice-Complete": "true",
  Vary: "Accept, Authorization, Cookie, Accept-Encoding",
};

const parts: Record<string, () => unknown> = {
  "check of the token": () => auth.authenticate(token, "dashboards:read"),
  "four cache look-ups": () => {
    for (const key of keys) cache.hit(key);
  },
  "request id and trace": () => {
    const { id, traceparent } = newTrace();
    return [requestIdFrom(null, id), traceparentFrom(null, traceparent)];
  },
  "headers put together": () => ({ ...headers, "X-Request-Id": "x", traceparent: "y" }),
  "log line": () =>
    log.request?.({
      request_id: "x",
      method: "GET",
      path: "/api/dashboard",
      status: 200,
      duration_ms: 0.1,
      viewer: 1,
      sections: undefined,
    }),
};

const microseconds: Record<string, number> = {};
const repeat = async (part: () => unknown) => {
  for (let i = 0; i < REPETITIONS; i += 1) {
    await part();
    // What was begun, such as writing the log, may end.
    if (i % PARTS_A_TURN === 0) await nextTurn();
  }
};
for (const [name, part] of Object.entries(parts)) {
  await repeat(part);
  const before = process.cpuUsage();
  await repeat(part);
  const { user, system } = process.cpuUsage(before);
  microseconds[name] = (user + system) / REPETITIONS;
}
process.send?.(microseconds);
