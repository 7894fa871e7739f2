import type { Cache } from "../../cache/types.ts";
import { withTimeLimit } from "../lib/time-limit.ts";
import type { Dashboard } from "./dashboard.ts";
import { keyPart, sectionKey } from "./input.ts";
import { refusalOf } from "./refusal.ts";
import type { AppContext } from "./section.ts";

export interface RefreshRequest {
  dashboard: Dashboard;
  asked: readonly string[];
  params: Record<string, unknown>;
  context: AppContext;
  cache: Cache;
  /** Aborts when the client goes away. */
  signal(): AbortSignal;
}

/** Of the deadline; the rest is for the sections. */
const SHARE = 0.25;

/**
 * Invalidates what the asked sections, and those that these need, have cached for this viewer, so
 * that they load anew. Where the shared log does not answer in a quarter of the deadline, they are
 * served as they are.
 */
export async function refresh(request: RefreshRequest): Promise<void> {
  const { asked, cache, dashboard, signal } = request;
  const keys = [...new Set(asked.flatMap((name) => keysOf(name, request)))];
  if (keys.length === 0) return;
  const limit = dashboard.deadlineMs * SHARE;
  await withTimeLimit(limit, signal(), () => cache.invalidate({ keys })).catch(() => undefined);
}

/** Those of what would be loaded. What throws here throws in the pipeline again, for its section. */
function keysOf(name: string, request: RefreshRequest): string[] {
  const { dashboard, context, params } = request;
  const section = dashboard.sections[name];
  try {
    if (!section || refusalOf(section, context, params) !== undefined) return [];
    const needed = section.needs.flatMap((need) => keysOf(need, request));
    if (!section.cache) return needed;
    return [
      sectionKey(dashboard.name, name, section, keyPart(section, context, params)),
      ...needed,
    ];
  } catch {
    return [];
  }
}
