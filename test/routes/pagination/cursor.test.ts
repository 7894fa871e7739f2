import { z } from "@hono/zod-openapi";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cursor, decodeCursor, encodeCursor } from "../../../routes/pagination/cursor.ts";

const keys = z.tuple([z.int(), z.int()]);
type Keys = z.output<typeof keys>;

const cursors: fc.Arbitrary<Cursor<Keys>> = fc.record({
  direction: fc.constantFrom("after" as const, "before" as const),
  keys: fc.tuple(fc.maxSafeInteger(), fc.maxSafeNat()),
});
const filters = fc.dictionary(
  fc.constantFrom("author", "category", "tag"),
  fc.oneof(fc.integer(), fc.string({ unit: "binary" }), fc.constant(undefined)),
);
const refusal = expect.objectContaining({
  code: "validation_failed",
  errors: [expect.objectContaining({ path: "cursor" })],
});

describe("a cursor", () => {
  it("is read as it was written, whatever the order of the filters", () => {
    fc.assert(
      fc.property(cursors, filters, (cursor, filters) => {
        const text = encodeCursor("/list", filters, cursor);
        expect(text).toMatch(/^[\w-]+$/);
        const reversed = Object.fromEntries(Object.entries(filters).reverse());
        expect(decodeCursor("/list", reversed, text, keys)).toEqual(cursor);
      }),
    );
  });

  it("of other filters or of another endpoint is refused", () => {
    fc.assert(
      fc.property(cursors, filters, filters, (cursor, own, other) => {
        const text = encodeCursor("/list", own, cursor);
        expect(() => decodeCursor("/other", own, text, keys)).toThrow(refusal);
        const defined = (of: object) =>
          Object.entries(of).filter(([, value]) => value !== undefined);
        fc.pre(JSON.stringify(defined(own).sort()) !== JSON.stringify(defined(other).sort()));
        expect(() => decodeCursor("/list", other, text, keys)).toThrow(refusal);
      }),
    );
  });

  it("that was changed anywhere is refused", () => {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= ";
    const letter = fc.constantFrom(...letters);
    const change = fc.oneof(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        put: letter,
        cut: fc.constant(1),
      }),
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        put: letter,
        cut: fc.constant(0),
      }),
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        put: fc.constant(""),
        cut: fc.nat(40),
      }),
    );
    fc.assert(
      fc.property(cursors, change, (cursor, { at, put, cut }) => {
        const text = encodeCursor("/list", {}, cursor);
        const start = Math.round(at * text.length);
        const changed = text.slice(0, start) + put + text.slice(start + cut);
        fc.pre(changed !== text);
        expect(() => decodeCursor("/list", {}, changed, keys)).toThrow(refusal);
      }),
      { numRuns: 1_000 },
    );
  });

  it("of letters that stand for the same bytes is refused", () => {
    const text = encodeCursor("/list", {}, { direction: "after", keys: [1, 234] });
    const twin = text.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1));
    expect(Buffer.from(twin, "base64url")).toEqual(Buffer.from(text, "base64url"));
    expect(() => decodeCursor("/list", {}, twin, keys)).toThrow(refusal);
  });

  it.each(["", "nonsense", "e30", "ä", "\u0000", "=", "AAAA".repeat(64)])(
    "that is none is refused: %j",
    (text) => {
      expect(() => decodeCursor("/list", {}, text, keys)).toThrow(refusal);
    },
  );

  it("with keys of another shape is refused, whatever its checksum says", () => {
    const text = encodeCursor("/list", {}, { direction: "after", keys: ["a", 1] });
    expect(() => decodeCursor("/list", {}, text, keys)).toThrow(refusal);
  });
});
