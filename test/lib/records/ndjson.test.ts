import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ndjsonCutter } from "../../../src/lib/records/ndjson.ts";
import { bytesOf, cut, everyDivision, jsonValue } from "./cutting.ts";

const MAX_BYTES = 1_000;
const cutLines = (...chunks: Uint8Array[]) => cut(ndjsonCutter(MAX_BYTES), chunks);
const textsOf = (body: string) => cutLines(bytesOf(body)).map((record) => [record.line, record]);

describe("lines of NDJSON", () => {
  it("come out whole and in order, wherever the chunks end", () => {
    const ending = fc.constantFrom("\n", "\r\n");
    const lines = fc.array(fc.tuple(jsonValue, ending, fc.nat(2)), { maxLength: 6 });
    fc.assert(
      fc.property(lines, fc.boolean(), (rows, endsWithBody) => {
        const expected: { line: number; value: unknown }[] = [];
        let body = "";
        let line = 0;
        for (const [value, end, blanks] of rows) {
          body += end.repeat(blanks) + JSON.stringify(value) + end;
          line += blanks + 1;
          expected.push({ line, value: JSON.parse(JSON.stringify(value)) });
        }
        if (endsWithBody) body = body.trimEnd();
        const bytes = bytesOf(body);
        for (const chunks of [[bytes], ...everyDivision(bytes)]) {
          const records = cutLines(...chunks);
          const read = records.map((record) => ({
            line: record.line,
            value: "text" in record && JSON.parse(record.text),
          }));
          expect(read).toEqual(expected);
          for (const { end, line } of records) {
            expect(bytes.subarray(0, end).filter((byte) => byte === 0x0a).length).toBe(
              end === bytes.length && bytes.at(-1) !== 0x0a ? line - 1 : line,
            );
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("count where they are blank, and are no records then", () => {
    expect(textsOf("\n \t\r\n1\n\n2")).toMatchObject([
      [3, { text: "1" }],
      [5, { text: "2" }],
    ]);
    expect(textsOf("")).toEqual([]);
    expect(textsOf("\n\n")).toEqual([]);
  });

  it("may be as long as the limit and no longer, wherever the chunks end", () => {
    const body = bytesOf(`1\n${"x".repeat(MAX_BYTES)}\n${"y".repeat(MAX_BYTES + 1)}\n2\n`);
    for (const chunks of everyDivision(body)) {
      expect(cutLines(...chunks)).toMatchObject([
        { line: 1, text: "1" },
        { line: 2, text: "x".repeat(MAX_BYTES) },
        { line: 3, fault: "too_long" },
        { line: 4, text: "2" },
      ]);
    }
  });

  it("are too long also without an end", () => {
    const chunks = Array.from({ length: 50 }, () => bytesOf("z".repeat(100)));
    expect(cutLines(...chunks)).toMatchObject([{ line: 1, fault: "too_long" }]);
  });

  it.each([
    ["a stray continuation byte", [0x80]],
    ["a character cut off", [0xe2, 0x82]],
    ["an overlong form", [0xc0, 0xaf]],
    ["half a surrogate pair", [0xed, 0xa0, 0x80]],
  ])("with %s fail alone", (_name, bytes) => {
    const body = Uint8Array.of(0x31, 0x0a, 0x22, ...bytes, 0x22, 0x0a, 0x32);
    for (const chunks of everyDivision(body)) {
      expect(cutLines(...chunks)).toMatchObject([
        { line: 1, text: "1" },
        { line: 2, fault: "not_utf8" },
        { line: 3, text: "2" },
      ]);
    }
  });

  it.each([
    ["brackets", "[".repeat(10_000)],
    ["objects", '{"a":'.repeat(10_000)],
    ["members", "1,".repeat(50_000)],
  ])(
    "with thousands of %s are not parsed, and what is in strings does not count",
    (_name, text) => {
      const body = `${text}\n${JSON.stringify(`\\"${text}`)}\n`;
      expect(cut(ndjsonCutter(1_048_576), [bytesOf(body)])).toMatchObject([
        { line: 1, fault: "too_complex" },
        { line: 2, text: JSON.stringify(`\\"${text}`) },
      ]);
    },
  );
});
