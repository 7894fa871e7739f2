import type { Scope } from "./scopes.ts";
import type { TokenRecord } from "./tokens.ts";

/** Who asks, as the routes and the loads know it. */
export interface Viewer {
  readonly id: number;
  readonly username: string;
  readonly displayName: string;
  readonly scopes: readonly Scope[];
}

/** Makes the viewer of a token. All requests that bring the token share it: nothing may change it. */
export function viewerOf({ user, scopes }: TokenRecord): Viewer {
  return Object.freeze({ ...user, scopes: Object.freeze([...scopes]) });
}
