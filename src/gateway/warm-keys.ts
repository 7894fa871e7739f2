import { toJsonText } from "../../cache/json-text.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Query } from "./params.ts";
import type { Viewer } from "./section.ts";

/** Who asks for what. */
export interface WarmRequest {
  dashboard: Dashboard;
  query: Query;
  viewer: Viewer | undefined;
}

/** The keys under which whole answers are remembered. */
export interface WarmKeys {
  /**
   * @returns undefined where the parameters are nothing that JSON carries: then no section is cached by
   *   them
   */
  of(request: WarmRequest): string | undefined;
}

interface LastAsked {
  dashboard: Dashboard;
  viewerId: Viewer["id"] | undefined;
  params: Query["params"];
  key: string;
}

/** Longer keys are not worth their memory. Characters. */
const MAX_REMEMBERED_KEY = 1_024;

/** Most viewers ask for the same again: to see that it is the same costs less than to write its key. */
export function createWarmKeys(): WarmKeys {
  const last = new WeakMap<object, LastAsked>();
  return {
    of(request) {
      const { dashboard, query, viewer } = request;
      if (query.asked !== dashboard.names) return keyOf(request);
      const known = last.get(viewer ?? dashboard);
      if (
        known?.dashboard === dashboard &&
        known.viewerId === viewer?.id &&
        isSame(known.params, query.params)
      ) {
        return known.key;
      }
      const key = keyOf(request);
      if (key !== undefined && key.length <= MAX_REMEMBERED_KEY) {
        last.set(viewer ?? dashboard, {
          dashboard,
          viewerId: viewer?.id,
          // A copy: the application gets the original, and may change it.
          params: { ...query.params },
          key,
        });
      }
      return key;
    },
  };
}

/** May be false for equal parameters: objects are not compared. */
function isSame(one: Query["params"], other: Query["params"]): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => one[name] === other[name] && isPrimitive(one[name]))
  );
}

/** Not `undefined`: a parameter that has this value is the same as one that is not there. */
function isPrimitive(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function keyOf({ dashboard, query, viewer }: WarmRequest): string | undefined {
  // A number and a text may be two viewers.
  const who = typeof viewer?.id === "string" ? JSON.stringify(viewer.id) : viewer?.id;
  const asked = query.asked === dashboard.names ? "*" : query.asked.join();
  try {
    return `${dashboard.name} ${who} ${asked} ${toJsonText(query.params)}`;
  } catch {
    return undefined;
  }
}
