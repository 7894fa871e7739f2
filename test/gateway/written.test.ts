import { describe, expect, it, vi } from "vitest";
import type { SectionResult, SettledSection } from "../../src/gateway/result.ts";
import { createWrittenAnswers, type Written } from "../../src/gateway/written.ts";
import { sluice } from "./helpers.ts";

const dashboard = sluice.dashboard({
  name: "overview",
  deadline: "1s",
  sections: ({ section }) => ({ only: section({ scope: "shared", timeout: 100, load: () => 1 }) }),
});

const warm: SectionResult = { status: "ok", text: "1", asOf: 5, etag: "e", layer: "memory" };

const settled = (result: SectionResult, durationMs = 0): SettledSection[] => [
  { name: "only", required: false, result, durationMs },
];

/** Counts how often documents are put together. */
function counted() {
  const answers = createWrittenAnswers();
  const write = vi.fn((): Written => ({ body: "{}", etag: 'W/"x"', headers: {} }));
  return { write, of: (sections: SettledSection[]) => answers.of(dashboard, sections, write) };
}

describe("written answers", () => {
  it("are put together once while their sections stay the same", () => {
    const { write, of } = counted();
    expect(of(settled(warm))).toBe(of(settled({ ...warm })));
    expect(write).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["other data", { ...warm, etag: "f" }],
    ["the same data, loaded again", { ...warm, asOf: 6 }],
    ["another status", { status: "skipped" }],
  ] satisfies [string, SectionResult][])("are put together anew for %s", (_what, result) => {
    const { write, of } = counted();
    of(settled(warm));
    of(settled(result));
    expect(write).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["was loaded", settled({ ...warm, layer: "source" })],
    ["was waited for", settled(warm, 3)],
    ["is stale", settled({ ...warm, status: "stale", reason: "error" })],
    ["failed", settled({ status: "error", error: { code: "failed", message: "" } })],
  ])("are not remembered when a section %s", (_what, sections) => {
    const { write, of } = counted();
    of(sections);
    of(sections);
    expect(write).toHaveBeenCalledTimes(2);
  });
});
