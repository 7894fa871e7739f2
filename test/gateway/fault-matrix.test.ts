import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { release } from "./faults/behaviours.ts";
import { type Cell, prepareCell } from "./faults/cell.ts";
import { expectAnswer, expected } from "./faults/expectations.ts";
import { cells } from "./faults/table.ts";
import { startWorld } from "./faults/world.ts";

const world = await startWorld();
afterAll(() => world?.close());

describe.skipIf(!world).each(cells)("$fault.name", ({ fault, cells: ofFault }) => {
  if (!world) return;
  const prepared = new Map<string, Cell>();

  // All cells are prepared first: some faults end a server for good.
  beforeAll(async () => {
    for (const { age, kind } of ofFault) {
      prepared.set(age, await prepareCell(world, fault, age, kind));
    }
    await fault.begin(world);
  });
  afterAll(() => world.recover());

  it.each(ofFault)("$age, $kind", async ({ age, kind }) => {
    const cell = prepared.get(age);
    if (!cell) throw new TypeError("no cell");
    const { first, second } = expected(fault, age);
    const before = world.upstream.requests.length;
    cell.grow();

    const answering = cell.ask();
    const waitsForLoad = first.status !== "stale" && age !== "fresh";
    if (fault.late && waitsForLoad) await expect.poll(release).toBe(1);
    await expectAnswer(await answering, first, kind);

    if (fault.late && !waitsForLoad && age !== "fresh") await expect.poll(release).toBe(1);
    await expectNothingLeft(cell);
    if (fault.requests !== undefined) {
      const loads = age === "fresh" ? 0 : 1;
      const requests = () => world.upstream.requests.length - before;
      await expect.poll(requests, { message: "requests" }).toBe(loads * fault.requests);
    }
    await expectAnswer(await cell.ask(), second, kind);
    await expectNothingLeft(cell);
  });

  it("no connection is left when it is over", async () => {
    for (const cell of prepared.values()) await cell.close();
    await expect.poll(() => world.upstream.openSockets()).toBe(0);
  });

  async function expectNothingLeft({ cache }: Cell): Promise<void> {
    await expect.poll(() => cache.stats().flights, { message: "loads" }).toBe(0);
    await expect.poll(() => world?.upstream.inProgress(), { message: "calls" }).toBe(0);
    await expect.poll(() => world?.runningQueries(), { message: "queries" }).toBe(0);
  }
});

it.skipIf(!world)("is left with no request that got past a certificate nobody trusts", () => {
  expect(world?.tls.requests()).toBe(0);
});
