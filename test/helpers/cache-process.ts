/** One instance of the cache in a process of its own; its source is the parent (cache-processes.ts). */
import { createCache } from "../../cache/cache.ts";
import { createRedisRemote } from "../../cache/redis.ts";
import { readRedisScripts } from "../../cache/redis-scripts-node.ts";
import type { Call, FromChild, TimeLimits, ToChild } from "./cache-processes.ts";

const [url = "", namespace = "", timeLimits = "{}"] = process.argv.slice(2);
const cache = createCache({
  remote: createRedisRemote({
    url,
    namespace,
    scripts: readRedisScripts(),
    ...(JSON.parse(timeLimits) as TimeLimits),
  }),
});
const loads = new Map<number, (value: number) => void>();
let nextLoad = 0;

const send = (message: FromChild) => process.send?.(message);

function load(key: string): Promise<number> {
  const id = nextLoad++;
  send({ kind: "load", id, key });
  return new Promise((resolve) => loads.set(id, resolve));
}

async function run(call: Call): Promise<unknown> {
  switch (call.do) {
    case "get": {
      const { key, ttl = 10_000, softTimeout } = call;
      const result = await cache.getOrSet({
        key,
        tags: [`all`, `of:${key}`],
        ttl,
        staleFor: "1m",
        load: () => load(key),
        ...(softTimeout !== undefined && { softTimeout }),
        ...(call.minRevision !== undefined && { minRevision: call.minRevision }),
      });
      const { status, reason, layer } = result;
      return { version: result.value(), status, reason, layer };
    }
    case "invalidate":
      return cache.invalidate({ tags: [`of:${call.key}`] });
    case "stats":
      return cache.stats();
  }
}

process.on("message", (message: ToChild) => {
  if (message.kind === "loaded") {
    loads.get(message.id)?.(message.value);
    loads.delete(message.id);
    return;
  }
  const { id } = message;
  run(message.call).then(
    (value) => send({ kind: "answer", id, value }),
    (error: unknown) => send({ kind: "answer", id, error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));

await cache.start();
send({ kind: "started" });
