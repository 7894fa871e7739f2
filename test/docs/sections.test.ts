import { readFile } from "node:fs/promises";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { StaleReason } from "../../cache/types.ts";
import type { SectionResult } from "../../src/gateway/result.ts";
import { type SourceErrorCode, sourceErrorMessages } from "../../src/lib/source-error.ts";

const text = await readFile(new URL("../../docs/sections.md", import.meta.url), "utf8");

/** The first cells of the table below a heading. */
function names(heading: string): string[] {
  const part = text.slice(text.indexOf(heading)).split("\n#", 1).join();
  return [...part.matchAll(/^\| `(\w+)` /gm)].map(([, name = ""]) => name);
}

describe("docs/sections.md", () => {
  it("lists every status", () => {
    const statuses = [
      ...(["ok", "stale", "fallback", "timeout", "error", "forbidden", "skipped"] as const),
    ];
    expectTypeOf<(typeof statuses)[number]>().toEqualTypeOf<SectionResult["status"]>();
    expect(names("# The status")).toEqual(statuses);
  });

  it("lists every reason for a stale value", () => {
    const reasons = [...(["refreshing", "soft_deadline", "timeout", "error"] as const)];
    expectTypeOf<(typeof reasons)[number]>().toEqualTypeOf<StaleReason>();
    expect(names("## Why a value")).toEqual(reasons);
  });

  it("lists every error code of a source, and no other", () => {
    expectTypeOf<keyof typeof sourceErrorMessages>().toEqualTypeOf<SourceErrorCode>();
    expect(names("## Error codes")).toEqual(Object.keys(sourceErrorMessages));
  });
});
