import { Pool } from "undici";
import type { Child } from "../lib/child.ts";
import { verdict } from "../lib/verdict.ts";
import { DASHBOARD, startChild } from "./programs.ts";

const AT_ONCE = 32;
const GROWTH_TARGET = 1.1;
/** Parts of the run; the first fills caches and pools. */
const PARTS = 5;
/** Of every tenth request the client does not wait for the answer. */
const ABORT_AFTER_MS = 5;

/** Measures the heap over requests that are aborted, time out and are tried again. */
export async function memory(requests: number): Promise<void> {
  await using server = await startChild("troubled");
  const heaps: number[] = [];
  for (let part = 0; part < PARTS; part += 1) {
    await ask(server, part * requests, requests / PARTS);
    heaps.push((await server.figuresWithoutGarbage()).heapBytes);
  }
  const { warnings } = await server.figures();
  const megabytes = heaps.map((bytes) => (bytes / 1e6).toFixed(1)).join(", ");
  console.log(`\n${requests} requests with aborts, time-outs and retries`);
  console.log(`heap after collections, MB: ${megabytes}`);
  verdict("last / first", (heaps.at(-1) ?? 0) / (heaps[0] ?? 0), "<=", GROWTH_TARGET);
  verdict("warnings of the process", warnings, "<=", 0);
}

async function ask(server: Child, from: number, requests: number): Promise<void> {
  const pool = new Pool(server.origin, { connections: AT_ONCE });
  let next = 0;
  const client = async () => {
    while (next < requests) {
      const n = next++;
      const signal = n % 10 === 0 ? AbortSignal.timeout(ABORT_AFTER_MS) : null;
      const path = `${DASHBOARD}?n=${from + n}`;
      const request = { method: "GET", path, headers: server.headers, signal } as const;
      const done = pool.request(request).then(({ body }) => body.dump());
      await done.catch((error: Error) => {
        if (error.name !== "TimeoutError") throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  await pool.close();
}
