import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Prints what the parts of a warm request cost by themselves; the rest is Hono and Node. */
export async function parts(): Promise<void> {
  const child = fork(join(import.meta.dirname, "parts-child.ts"), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [microseconds] = await once(child, "message");
  child.kill();
  console.log("\nParts of a warm request in a loop, where caches stay full, CPU us each");
  for (const [name, figure] of Object.entries(microseconds as Record<string, number>)) {
    console.log(`  ${name.padEnd(22)} ${figure.toFixed(2).padStart(6)}`);
  }
}
