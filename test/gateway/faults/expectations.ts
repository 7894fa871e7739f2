import { expect } from "vitest";
import type { SourceErrorCode } from "../../../src/lib/source-error.ts";
import { TIMEOUT_MS } from "./cell.ts";
import type { Age, Fault, Kind, LoadEnds } from "./table.ts";

/** How the section comes out: with data of its own, old data, or none. */
export type Expected =
  | { status: "ok"; n: number }
  | { status: "stale"; reason: "refreshing" | "soft_deadline" | "timeout" | "error" }
  | { status: "no data"; code: SourceErrorCode };

/**
 * The specification: what a section says by the age of its value and by how a load ends.
 * @returns the first answer, and the one after the work behind the first has ended
 */
export function expected(fault: Fault, age: Age): { first: Expected; second: Expected } {
  const ends = age === "cold" ? (fault.firstLoad ?? fault.load) : fault.load;
  const loaded = afterLoad(ends);
  // Without the shared log of invalidations no cached value is trusted: every answer is loaded.
  if (fault.sharedLayer) return twice(loaded);
  switch (age) {
    case "fresh":
      return twice({ status: "ok", n: 1 });
    case "cold":
    case "beyond staleFor":
      return twice(loaded);
    case "stale":
      return { first: { status: "stale", reason: "refreshing" }, second: orStale(loaded) };
    case "invalidated":
      return fault.late
        ? { first: { status: "stale", reason: "soft_deadline" }, second: loaded }
        : twice(orStale(loaded));
  }
}

const twice = (both: Expected) => ({ first: both, second: both });

function afterLoad(ends: LoadEnds): Expected {
  return "brings" in ends
    ? { status: "ok", n: ends.brings }
    : { status: "no data", code: ends.fails };
}

function orStale(loaded: Expected): Expected {
  if (loaded.status !== "no data") return loaded;
  return { status: "stale", reason: loaded.code === "timeout" ? "timeout" : "error" };
}

/** Checks status, headers, data and meta of one answer. */
export async function expectAnswer(response: Response, want: Expected, kind: Kind): Promise<void> {
  const complete = want.status !== "no data";
  const fails = !complete && kind === "required";
  expect({
    status: response.status,
    complete: response.headers.get("Sluice-Complete"),
    cacheControl: response.headers.get("Cache-Control"),
    type: response.headers.get("Content-Type"),
  }).toEqual({
    status: fails ? (want.code === "timeout" ? 504 : 502) : 200,
    complete: String(complete),
    cacheControl: complete ? "private, no-cache" : "no-store",
    type: fails ? "application/problem+json" : "application/json",
  });
  const body: unknown = await response.json();
  expect(body).toMatchObject({
    meta: {
      complete,
      sections: { subject: sectionMeta(want, kind), neighbour: { status: "ok" } },
    },
    ...(fails
      ? { code: want.code === "timeout" ? "section_timeout" : "section_failed" }
      : { subject: dataOf(want, kind), neighbour: "fine" }),
  });
}

function dataOf(want: Expected, kind: Kind): unknown {
  if (want.status === "ok") return { n: want.n };
  if (want.status === "stale") return { n: 1 };
  return kind === "with fallback" ? { n: 0 } : null;
}

function sectionMeta(want: Expected, kind: Kind): object {
  const as_of = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  if (want.status === "ok") return { status: "ok", as_of };
  if (want.status === "stale") return { status: "stale", reason: want.reason, as_of };
  const { code } = want;
  const message =
    code === "timeout" ? `no answer within ${TIMEOUT_MS} ms` : expect.not.stringMatching(/\d/);
  const status = code === "timeout" ? "timeout" : "error";
  return { status: kind === "with fallback" ? "fallback" : status, error: { code, message } };
}
