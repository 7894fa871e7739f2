import type { DatabaseClient } from "../client.ts";
import { viewAges } from "../queries/view-ages.ts";
import { refreshViews } from "./refresh.ts";

export interface ViewSchedule {
  /** Ends the schedule, and the refresh that runs; resolves when it is over. */
  stop(): Promise<void>;
}

export interface ViewScheduleOptions {
  /** How old a view may become before it is refreshed, in ms. */
  intervalMs: number;
  /** Told when a refresh fails; the next try follows. */
  onError(error: unknown): void;
}

/** While another instance refreshes a view that is due, and after a failure. Milliseconds. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Refreshes the materialized views whenever one has reached the age. Instances that share the
 * database share the work: who finds a view refreshed meanwhile waits until it is due again.
 */
export function startViewSchedule(
  client: DatabaseClient,
  { intervalMs, onError }: ViewScheduleOptions,
): ViewSchedule {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;
  let running = run();

  async function run(): Promise<void> {
    const wait = await refreshDueViews(client, intervalMs, signal).catch((error: unknown) => {
      if (!signal.aborted) onError(error);
      return LOOK_AGAIN_MS;
    });
    if (signal.aborted) return;
    timer = setTimeout(() => {
      running = run();
    }, wait).unref();
  }

  return {
    stop() {
      clearTimeout(timer);
      stopping.abort();
      return running;
    },
  };
}

/**
 * Refreshes the views that have reached the age and that nobody else is refreshing.
 * @returns milliseconds until the next one reaches it, 1,000 at least
 */
export async function refreshDueViews(
  client: DatabaseClient,
  intervalMs: number,
  signal: AbortSignal,
): Promise<number> {
  await refreshViews(client, { unlessYoungerThanMs: intervalMs, signal });
  const ages = await viewAges(client.db, signal);
  const oldestMs = Math.max(0, ...ages.map(({ age_seconds }) => age_seconds * 1_000));
  return Math.max(LOOK_AGAIN_MS, Math.ceil(intervalMs - oldestMs));
}
