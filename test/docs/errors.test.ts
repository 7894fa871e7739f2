import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { errorStatus } from "../../src/lib/errors.ts";

it("docs/errors.md lists every code with its status, and no other", async () => {
  const text = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (\d+) +\| \S.* \|$/gm)];
  const documented = rows.map(([, code = "", status]) => [code, Number(status)]);
  expect(documented).toEqual(Object.entries(errorStatus));
});
