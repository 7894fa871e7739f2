import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { ndjsonCutter } from "../../../src/lib/records/ndjson.ts";
import { RecordBody } from "../../../src/lib/records/record-body.ts";
import { bytesOf, everyDivision } from "./cutting.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("base64url");
const bodyOf = (chunks: Iterable<Uint8Array>, maxBytes = 1_000) =>
  new RecordBody(
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    }),
    ndjsonCutter(100),
    maxBytes,
  );

describe("a body of records", () => {
  it("has a fingerprint of its beginning up to any record, and of the whole", async () => {
    const bytes = bytesOf('"ä"\r\n\n2\n3\n\n');
    for (const chunks of everyDivision(bytes)) {
      const body = bodyOf(chunks);
      for await (const { line, end } of body.records()) {
        if (line === 3) continue;
        expect(body.fingerprint(end)).toBe(sha256(bytes.subarray(0, end)));
      }
      expect(body.bytes).toBe(bytes.length);
      expect(body.fingerprint(body.bytes)).toBe(sha256(bytes));
    }
  });

  it("is read no further than its records are taken", async () => {
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1;
          controller.enqueue(bytesOf("1\n2\n"));
        },
      },
      { highWaterMark: 0 },
    );
    const records = new RecordBody(endless, ndjsonCutter(100), 1_000).records();
    for (let taken = 1; taken <= 6; taken += 1) {
      await records.next();
      await nextTurn();
      expect(pulled).toBe(Math.ceil(taken / 2));
    }
    await records.return(undefined);
  });

  it("is refused over its limit, after the records within it", async () => {
    const seen: number[] = [];
    const reading = async () => {
      const body = bodyOf([bytesOf("1\n2\n"), bytesOf("3\n"), bytesOf("4\n")], 6);
      for await (const { line } of body.records()) seen.push(line);
    };
    await expect(reading()).rejects.toMatchObject({ code: "body_too_large" });
    expect(seen).toEqual([1, 2, 3]);
  });

  it("that breaks off fails, and what was begun is no record", async () => {
    const chunks = [bytesOf("1\n2")];
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.pop();
        if (chunk === undefined) controller.error(new Error("aborted"));
        else controller.enqueue(chunk);
      },
    });
    const records = new RecordBody(broken, ndjsonCutter(100), 1_000).records();
    expect(await records.next()).toMatchObject({ value: { line: 1 } });
    await expect(records.next()).rejects.toMatchObject({ code: "malformed_json" });
  });

  it("lets others have the event loop when its turn is over", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const body = bodyOf([bytesOf("1\n".repeat(100))]);
    let others = 0;
    const count = () => {
      others += 1;
      if (others < 100) setImmediate(count);
    };
    setImmediate(count);
    for await (const _ of body.records()) vi.advanceTimersByTime(1);
    expect(others).toBeGreaterThanOrEqual(10);
    vi.useRealTimers();
  });

  it("that is refused is taken and dropped up to 16 MiB, so that its client hears of it", async () => {
    const mebibyte = new Uint8Array(1_048_576);
    const short = bodyOf(Array.from({ length: 5 }, () => mebibyte));
    await short.discard();
    expect(short.bytes).toBe(5 * mebibyte.length);

    const endless = new ReadableStream<Uint8Array>({ pull: (to) => to.enqueue(mebibyte) });
    const long = new RecordBody(endless, ndjsonCutter(100), 1_000);
    await long.discard();
    expect(long.bytes).toBe(16 * mebibyte.length);
  });

  it("that is refused is waited for a second at most, and may break off", async () => {
    vi.useFakeTimers();
    const silent = new RecordBody(new ReadableStream(), ndjsonCutter(100), 1_000);
    const discarded = silent.discard();
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(discarded).resolves.toBeUndefined();
    vi.useRealTimers();
    const broken = new ReadableStream({ pull: (to) => to.error(new Error("gone")) });
    await expect(
      new RecordBody(broken, ndjsonCutter(100), 1_000).discard(),
    ).resolves.toBeUndefined();
  });
});
