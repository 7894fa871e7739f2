import { createVisitors } from "../../test/helpers/visitor.ts";
import { type Child, startProgram } from "../lib/child.ts";
import type { Program, Programs } from "../lib/program.ts";
import { openForBench, POOL_SIZE } from "./set-up.ts";
import { straightforward } from "./straightforward.ts";

/** The whole application on the database, nothing of it cached. */
async function sluice({ url }: { url: string }): Promise<Program> {
  const { app, services } = createVisitors(openForBench(url));
  const account = { id: 1, username: "bench", displayName: "Bench", passwordHash: null };
  const scopes = ["posts:read", "posts:admin"];
  const { token } = await services.auth.openSession({ ...account, scopes });
  return { fetch: app.fetch, headers: { Authorization: `Bearer ${token}` } };
}

/** What `npm run bench -- data` measures. */
export const programs = { sluice, straightforward } satisfies Programs;

/** Serves one of them in a process of its own. */
export function startChild(program: keyof typeof programs, url: string): Promise<Child> {
  return startProgram(new URL(import.meta.url), program, { url, poolSize: POOL_SIZE });
}
