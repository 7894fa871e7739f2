import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { Child } from "../lib/child.ts";
import { askEach } from "../lib/load.ts";
import { quantile } from "../lib/median.ts";
import { verdict } from "../lib/verdict.ts";
import { DASHBOARD, startChild } from "./programs.ts";

const PER_SECOND = 200;
/** What the sick source may take, and what the gateway may add. Milliseconds. */
const LIMIT_MS = 500;
const ANSWER_BY_MS = 300;
const MARGIN_MS = 20;
const HEALTHY_SECTIONS = ["user_stats", "recent_posts", "analytics"];

interface Outcome {
  /** From when the request was due, not from when it was sent. */
  ms: number;
  complete: boolean;
  othersComplete: boolean;
}

/** Measures answers while one source of four hangs in every tenth call: cold, and with stale data. */
export async function sick(seconds: number): Promise<void> {
  const requests = seconds * PER_SECOND;
  console.log(`\nOne source hangs in 10 % of calls, ${PER_SECOND} requests/s for ${seconds} s`);
  {
    await using server = await startChild("sick", { healthyCalls: 0 });
    const outcomes = await openLoop(server, requests);
    report("cold", outcomes, LIMIT_MS + MARGIN_MS);
  }
  await using server = await startChild("sick", {
    healthyCalls: requests,
    answerBy: ANSWER_BY_MS,
  });
  await askEach(server, requests, (n) => `${DASHBOARD}?n=${n}`);
  await server.invalidate();
  const outcomes = await openLoop(server, requests);
  report("stale data, answerBy 300", outcomes, ANSWER_BY_MS + MARGIN_MS);
}

/** Sends at fixed times, whether earlier requests are answered or not. */
async function openLoop(server: Child, requests: number): Promise<Outcome[]> {
  const pool = new Pool(server.origin, { connections: PER_SECOND });
  const started = performance.now();
  const outcomes = Array.from({ length: requests }, async (_, n): Promise<Outcome> => {
    const due = started + (n * 1_000) / PER_SECOND;
    await sleep(Math.max(0, due - performance.now()));
    const path = `${DASHBOARD}?n=${n}`;
    const { body } = await pool.request({ method: "GET", path, headers: server.headers });
    const answer = (await body.json()) as Answer;
    const { complete, sections } = answer.meta;
    return {
      ms: performance.now() - due,
      complete,
      othersComplete: HEALTHY_SECTIONS.every((name) => sections[name]?.status === "ok"),
    };
  });
  const all = await Promise.all(outcomes);
  await pool.close();
  return all;
}

interface Answer {
  meta: { complete: boolean; sections: Record<string, { status: string } | undefined> };
}

function report(what: string, outcomes: readonly Outcome[], target: number): void {
  const times = outcomes.map(({ ms }) => ms);
  const share = (of: (outcome: Outcome) => boolean) =>
    (100 * outcomes.filter(of).length) / outcomes.length;
  console.log(
    `${what}: median ${quantile(times, 0.5).toFixed(1)} ms, whole answers complete`,
    `${share(({ complete }) => complete).toFixed(1)} %`,
  );
  verdict("p99, ms", quantile(times, 0.99), "<=", target);
  verdict(
    "others complete, %",
    share(({ othersComplete }) => othersComplete),
    ">=",
    100,
  );
}
