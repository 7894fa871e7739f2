import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEntry, type Entry, encodeEntry } from "../../cache/entry.ts";
import { toJsonText } from "../../cache/json-text.ts";

function withoutNegativeZero(value: unknown): unknown {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutNegativeZero(member)]),
  );
}

test("what JSON can carry comes back unchanged", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // JSON has no negative zero: it is the one number that reads back as another.
      expect(JSON.parse(toJsonText(value))).toEqual(withoutNegativeZero(value));
    }),
  );
});

test("dates become ISO text, undefined members are left out", () => {
  const value = { at: new Date(0), gone: undefined, rows: [{ n: 1 }] };
  expect(toJsonText(value)).toBe('{"at":"1970-01-01T00:00:00.000Z","rows":[{"n":1}]}');
});

const circular: Record<string, unknown> = {};
circular.self = circular;

test.each([
  [{ a: [{ b: 1n }] }, "$.a[0].b"],
  [{ a: Number.NaN }, "$.a"],
  [[1, Number.POSITIVE_INFINITY], "$[1]"],
  [[undefined], "$[0]"],
  [new Array(1), "$[0]"],
  [undefined, "$"],
  [{ "odd key": new Map() }, '$["odd key"]'],
  [{ s: new Set() }, "$.s"],
  [{ f: () => 1 }, "$.f"],
  [{ s: Symbol("x") }, "$.s"],
  [{ d: new Date(Number.NaN) }, "$.d"],
  [{ e: new Error("x") }, "$.e"],
  [{ p: Promise.resolve() }, "$.p"],
  [{ b: new Uint8Array(2) }, "$.b"],
])("what JSON cannot carry is refused with its path: %o", (value, path) => {
  expect(() => toJsonText(value)).toThrow(expect.objectContaining({ path }));
});

test("circular values are refused", () => {
  expect(() => toJsonText(circular)).toThrow("circular");
});

const entries: fc.Arbitrary<Entry> = fc.record({
  epoch: fc.stringMatching(/^[a-z0-9]{1,9}\|[0-9a-f]{4}$/),
  start: fc.nat(),
  asOf: fc.nat(),
  freshUntil: fc.double({ min: 0, max: 4e12, noNaN: true }),
  staleUntil: fc.double({ min: 0, max: 4e12, noNaN: true }),
  etag: fc.stringMatching(/^[\w-]{16}$/),
  members: fc.array(fc.string({ unit: "binary" })),
  validator: fc.option(fc.string({ unit: "binary" }), { nil: undefined }),
  text: fc.json(),
});

test("an entry survives Redis, whatever its tags and validator are", () => {
  fc.assert(
    fc.property(entries, (entry) => {
      expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
    }),
  );
});

test("what is no entry of this version is a miss", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      fc.pre(!text.startsWith("1\u001f"));
      expect(decodeEntry(text)).toBeUndefined();
    }),
  );
  expect(
    decodeEntry("1\u001fe\u001fx\u001f1\u001f1\u001f1\u001fetag\u001f\u001fk:k\n1"),
  ).toBeUndefined();
});
