import type { Cache } from "../../cache/types.ts";
import type { Dashboard } from "./dashboard.ts";
import { keyPart, sectionKey } from "./input.ts";
import type { AppContext } from "./section.ts";

export interface RefreshRequest {
  dashboard: Dashboard;
  asked: readonly string[];
  params: Record<string, unknown>;
  context: AppContext;
  cache: Cache;
}

/**
 * Invalidates what the asked sections, and those that these need, have cached for this viewer, so
 * that they load anew. Where the shared log does not answer, they are served as they are.
 */
export async function refresh({ dashboard, asked, params, context, cache }: RefreshRequest) {
  const needed = asked.flatMap((name) => dashboard.sections[name]?.needs ?? []);
  const keys = [...new Set([...asked, ...needed])].flatMap((name) => {
    const section = dashboard.sections[name];
    if (!section?.cache) return [];
    return sectionKey(dashboard.name, name, section, keyPart(section, context, params));
  });
  if (keys.length > 0) await cache.invalidate({ keys }).catch(() => undefined);
}
