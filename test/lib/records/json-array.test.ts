import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonArrayCutter } from "../../../src/lib/records/json-array.ts";
import { blank, bytesOf, cut, everyDivision, jsonValue } from "./cutting.ts";

const MAX_BYTES = 1_000;
const cutElements = (...chunks: Uint8Array[]) => cut(jsonArrayCutter(MAX_BYTES), chunks);

describe("elements of a JSON array", () => {
  it("come out whole and in order, wherever the chunks end", () => {
    const elements = fc.array(fc.tuple(jsonValue, blank, blank, fc.boolean()), { maxLength: 5 });
    fc.assert(
      fc.property(elements, blank, blank, (rows, before, behind) => {
        const texts = rows.map(
          ([value, left, right, pretty]) =>
            left + JSON.stringify(value, null, pretty ? 2 : 0) + right,
        );
        const body = `${before}[${before}${texts.join(",")}${behind}]${behind}`;
        const bytes = bytesOf(body);
        for (const chunks of [[bytes], ...everyDivision(bytes)]) {
          const records = cutElements(...chunks);
          expect(records.map(({ line }) => line)).toEqual(rows.map((_, index) => index + 1));
          const values = records.map((record) => "text" in record && JSON.parse(record.text));
          expect(values).toEqual(JSON.parse(body));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("may be as long as the limit and no longer", () => {
    const texts = [1, "x".repeat(MAX_BYTES - 2), "y".repeat(MAX_BYTES - 1), 2];
    const body = bytesOf(JSON.stringify(texts));
    for (const chunks of everyDivision(body)) {
      expect(cutElements(...chunks)).toMatchObject([
        { line: 1, text: "1" },
        { line: 2 },
        { line: 3, fault: "too_long" },
        { line: 4, text: "2" },
      ]);
    }
  });

  it.each([
    ["nothing", "", [[1, "broken_array"]]],
    ["an object", '{"title":"x"}', [[1, "broken_array"]]],
    ["lines", '{"a":1}\n{"a":2}', [[1, "broken_array"]]],
    [
      "an array without end",
      "[1, 2",
      [
        [1, "1"],
        [2, "broken_array"],
      ],
    ],
    [
      "an array that ends behind a comma",
      "[1,",
      [
        [1, "1"],
        [2, "broken_array"],
      ],
    ],
    [
      "something behind the array",
      "[1] 2",
      [
        [1, "1"],
        [2, "broken_array"],
      ],
    ],
    [
      "a second array",
      "[1][2]",
      [
        [1, "1"],
        [2, "broken_array"],
      ],
    ],
    ["a string without end", '["a, 1]', [[1, "broken_array"]]],
  ])("end where the body is %s", (_name, body, expected) => {
    const records = cutElements(bytesOf(body));
    const read = records.map((r) => [r.line, "text" in r ? r.text : r.fault]);
    expect(read).toEqual(expected);
  });

  it.each([
    ["[1,,2]", ["1", "", "2"]],
    ["[,]", ["", ""]],
    ["[1,]", ["1", ""]],
    ["[}, 1]", ["}", " 1"]],
    ['[{"a":1], 2]', ['{"a":1]', " 2"]],
    ["[1 2, 3]", ["1 2", " 3"]],
  ])("that are no JSON stay apart from the others: %s", (body, texts) => {
    const records = cutElements(bytesOf(body));
    expect(records.map((r) => ("text" in r ? r.text : r.fault))).toEqual(texts);
  });
});
