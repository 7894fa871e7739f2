import type { SettledSection } from "./result.ts";
import type { Viewer } from "./section.ts";

/** One request, as the application around the gateway knows it and learns of it. */
export interface Exchange {
  /** Goes into problem documents and the log. */
  readonly requestId: string;
  /** Wanted on the answer; cleared by who has put them there, since to do so afterwards is dear. */
  headers: Readonly<Record<string, string>> | undefined;
  /** Written by the gateway: who asked. */
  viewer?: Viewer;
  /** Written by the gateway: how the sections went. */
  sections?: readonly SettledSection[];
}

/** Hono's environment of a gateway; without an exchange it does without what that would tell. */
export interface GatewayEnv {
  Bindings: { exchange?: Exchange };
}
