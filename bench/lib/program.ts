import type { Blocked } from "./blocked.ts";

/** What a server tells its parent once it listens. */
export interface Started {
  port: number;
  /** What a request must carry. */
  headers: Record<string, string>;
}

export interface Figures {
  /** CPU time so far, of all threads. Microseconds. */
  cpu: number;
  heapBytes: number;
  residentBytes: number;
  /** Since the figures were asked for last. */
  blocked: Blocked;
  /** Such as those of leaking listeners. */
  warnings: number;
}

/** What a parent may ask for; each is answered with the figures. */
export type Command = "figures" | "collect garbage" | "invalidate";

export interface Program {
  fetch(request: Request): Response | Promise<Response>;
  headers?: Record<string, string>;
  invalidate?(): Promise<unknown>;
}

/** Programs by name; each gets the settings that its parent hands over, as it needs them. */
export type Programs = Record<string, (settings: never) => Program | Promise<Program>>;
