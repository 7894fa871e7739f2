import { afterAll, describe, expect, it, vi } from "vitest";
import { type SluiceProcess, startSluice } from "../helpers/process.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** Processes start slowly where others take the cores. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const folder = await temporaryFolder();
const settings = { DATA_DIR: folder.path, ADMIN_PASSWORD: "correct horse battery staple" };
afterAll(() => folder[Symbol.asyncDispose]());

/** Asks with the token of the first user, past what is cached. */
async function ask<T>({ url, token }: SluiceProcess, path: string, body?: object): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method: body ? "POST" : "GET",
    headers: {
      Authorization: `Bearer ${token}`,
      "Cache-Control": "no-cache",
      "Content-Type": "application/json",
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as T;
}

interface Overview {
  analytics: { page_views: number; unique_visitors: number };
}

const totals = async (server: SluiceProcess) =>
  (await ask<Overview>(server, "/api/dashboard?sections=analytics")).analytics;
const viewsOf = async (server: SluiceProcess, id: number) =>
  (await ask<{ view_count: number }>(server, `/api/posts/${id}`)).view_count;
const see = (server: SluiceProcess, ...seen: (number | undefined)[]) =>
  ask(server, "/api/events", { events: seen.map((post_id) => ({ post_id, visitor: "ada" })) });

describe("page views of the embedded default", () => {
  let id = 0;
  let before = 0;

  it("show in the dashboard at once, and in the post after a flush", async () => {
    await using server = await startSluice({ ...settings, EVENTS_FLUSH_INTERVAL: "1" });
    const { items } = await ask<{ items: { id: number; view_count: number }[] }>(
      server,
      "/api/posts?limit=1",
    );
    [{ id, view_count: before } = { id: 0, view_count: 0 }] = items;
    const { page_views, unique_visitors } = await totals(server);
    expect(await see(server, id, id, undefined, 1_000_000)).toEqual({ accepted: 4 });
    expect(await totals(server)).toEqual({
      page_views: page_views + 4,
      unique_visitors: unique_visitors + 1,
    });
    await expect.poll(server.stdout).toMatch(/"posts":1,"unknown_posts":1,.*"page views flushed"/);
    expect(await viewsOf(server, id)).toBe(before + 2);
  });

  it("reach the post before the process ends", async () => {
    await using server = await startSluice({ ...settings, EVENTS_FLUSH_INTERVAL: "3600" });
    await see(server, id);
    server.kill("SIGTERM");
    expect((await server.finished).code).toBe(0);
    await using later = await startSluice(settings);
    expect(await viewsOf(later, id)).toBe(before + 3);
  });
});
