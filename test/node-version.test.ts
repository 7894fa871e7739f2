import { expect, it } from "vitest";

it("runs on the pinned Node, not on an older one found on the PATH", () => {
  expect(Number(process.versions.node.split(".")[0])).toBeGreaterThanOrEqual(24);
});
