import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DatabaseClient } from "../../../db/client.ts";
import { seedDemo } from "../../../db/seed.ts";
import { importStackExchange } from "../../../src/import/import-site.ts";
import { openAnyDatabase } from "../../helpers/any-database.ts";
import { createCachedReaders } from "../../helpers/cached-answers.ts";
import { type DumpRows, smallSite, writeDump } from "../../import/small-dump.ts";

let database: DatabaseClient;
let folder: string;
beforeAll(async () => {
  database = await openAnyDatabase();
  folder = await mkdtemp(join(tmpdir(), "sluice-invalidation-"));
});
afterAll(() => Promise.all([database.close(), rm(folder, { recursive: true })]));

it("after a seed and an import, cached answers are those of an empty cache", async () => {
  // The ids of those who are made later on; some answers are kept before there is such a user.
  const ids = Array.from({ length: 9 }, (_, n) => n + 1);
  const reads = ["/api/search?q=t&category=small", "/api/search?q=t&category=engineering"];
  const readers = await createCachedReaders(database, ids, reads);
  const importSite = async (name: string, rows: DumpRows) => {
    const dump = await writeDump(join(folder, name), rows, ".xml");
    const { signal } = new AbortController();
    await importStackExchange(database, { folder: dump, site: "small", signal });
  };
  const steps = [
    () => seedDemo(database, { posts: 30, users: 2 }),
    () => importSite("users", { ...smallSite, Posts: [], Comments: [], Votes: [] }),
    () => importSite("whole", smallSite),
  ];
  let before = await readers.answers();
  for (const step of steps) {
    await step();
    await readers.services.announceWrites([]);
    await readers.expectAnswersOfAnEmptyCache("counters too");
    const after = await readers.answers();
    expect(after).not.toEqual(before);
    before = after;
  }
});
