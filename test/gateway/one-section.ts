import { vi } from "vitest";
import { createCache } from "../../cache/cache.ts";
import type { LoadControl } from "../../src/gateway/section.ts";
import { SourceError } from "../../src/lib/source-error.ts";
import { ask, fakedClock, gatewayWith, metaOf, sluice } from "./helpers.ts";

export type Load = (control: LoadControl) => unknown;

/** A gateway with one section, "only", whose load the test decides. */
export function gatewayFor(
  load: Load,
  more: { retry?: number; bulkhead?: number; timeout?: number } = {},
) {
  const { bulkhead = 10, timeout = 1_000, retry = 0 } = more;
  const dashboard = sluice.dashboard({
    name: "resilient",
    deadline: "10s",
    sections: ({ section }) => ({
      only: section({ scope: "shared", timeout, retry, load: async (input) => load(input) }),
    }),
  });
  return gatewayWith({ bulkhead, cache: createCache({ clock: fakedClock }) }, dashboard);
}

/** The status of the section, or the code of its failure. */
export async function outcomeOf(answer: Promise<Response>) {
  const { sections } = await metaOf(await answer);
  const { status, error } = sections.only ?? { status: "absent" };
  return error?.code ?? status;
}

/** Asks and lets all the time pass that the section may take. */
export async function outcome(gateway: ReturnType<typeof gatewayFor>, ms = 1_000) {
  const answer = outcomeOf(ask(gateway, "/dashboard"));
  await vi.advanceTimersByTimeAsync(ms);
  return answer;
}

/** A failure of the source that may pass. */
export const transient = (retryAfterMs?: number) =>
  new SourceError("unavailable", { transient: true, retryAfterMs });
