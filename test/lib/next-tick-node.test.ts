import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("keeps one object of nextTick, and with it their shape, beyond a full collection", async () => {
  const script = join(import.meta.dirname, "lasting-ticks.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script]);
  expect(JSON.parse(stdout)).toEqual([false, true, false]);
});
