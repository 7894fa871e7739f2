import fc from "fast-check";
import { expect, it } from "vitest";
import { fragmentsOf, type HighlightPiece, piecesOf } from "../../../db/queries/highlights.ts";

const [START, END, NEXT] = ["\u0001", "\u0002", "\u0003"];

const word = fc.string({ minLength: 1, unit: "grapheme" }).map((text) => ({ text, match: true }));
const gap = fc.string({ minLength: 1, unit: "grapheme" }).map((text) => ({ text, match: false }));
/** Words, and gaps that are never side by side. */
const pieces = fc
  .array(
    fc.oneof(
      word.map((piece) => [piece]),
      fc.tuple(gap, word),
    ),
  )
  .map((parts) => parts.flat());
const mark = (list: HighlightPiece[]) =>
  list.map(({ text, match }) => (match ? `${START}${text}${END}` : text)).join("");

it("a marked text is cut into its pieces", () => {
  fc.assert(
    fc.property(pieces, (list) => {
      expect(piecesOf(mark(list))).toEqual(list);
    }),
  );
});

it("fragments are those with a match", () => {
  fc.assert(
    fc.property(fc.array(pieces), gap, (lists, lone) => {
      const marked = [...lists, [lone]].map(mark).join(NEXT);
      expect(fragmentsOf(marked)).toEqual(lists.filter((list) => list.length > 0));
    }),
  );
});
