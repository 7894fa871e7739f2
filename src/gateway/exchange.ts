import type { HeaderReader, NodeBindings } from "../lib/header-reader.ts";
import { requestIdFrom } from "../lib/request-id.ts";
import { newTrace, traceparentFrom } from "../lib/trace-context.ts";
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
  /** Written by the gateway where the answer is sent in parts: resolves after the last one. */
  ended?: Promise<void>;
}

/** Hono's environment of a gateway; without an exchange the gateway opens one by itself. */
export interface GatewayEnv {
  Bindings: NodeBindings & { exchange?: Exchange };
}

/**
 * Gives a request its id and its trace: those that it brings, when they are usable. What is made here
 * has the same digits, so that both are found together.
 */
export function openExchange(header: HeaderReader): Exchange {
  const trace = newTrace();
  const requestId = requestIdFrom(header("x-request-id"), trace.id);
  const traceparent = traceparentFrom(header("traceparent"), trace.traceparent);
  return { requestId, headers: { "X-Request-Id": requestId, traceparent } };
}
