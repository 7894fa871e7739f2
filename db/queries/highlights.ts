import { type SQL, type SQLWrapper, sql } from "drizzle-orm";

/** A piece of a text, and whether it is a word that was looked for. Plain text: never markup. */
export interface HighlightPiece {
  text: string;
  match: boolean;
}

/** Marks that are taken out of a text first, so that it cannot set its own. */
const MATCH_START = "\u0001";
const MATCH_END = "\u0002";
const FRAGMENT_END = "\u0003";

/** Of a text, from its beginning: to mark a long one takes long. Characters. */
const MARKED_CHARACTERS = 20_000;

const marks = `StartSel=${MATCH_START}, StopSel=${MATCH_END}`;
const wholeText = `HighlightAll=true, ${marks}`;
const bestFragments = `MaxFragments=3, MaxWords=30, MinWords=10, FragmentDelimiter=${FRAGMENT_END}, ${marks}`;

/**
 * What is no part of the text: tags, white space and marks. A tag holds no `<`: the look for the end
 * of each would go on to the end of the text where there is none.
 */
const BETWEEN_WORDS = "(</?[[:alpha:]!][^<>]*>|[\\s\\x01-\\x03])+";

/** The text with one space in the place of each run of these. */
function plain(text: SQLWrapper): SQL {
  const beginning = sql`left(${text}, ${sql.raw(`${MARKED_CHARACTERS}`)})`;
  return sql`btrim(regexp_replace(${beginning}, ${BETWEEN_WORDS}, ' ', 'g'))`;
}

/** A text with its matches marked; `piecesOf` reads it. */
export function markedText(text: SQLWrapper, query: SQLWrapper): SQL<string> {
  return sql<string>`ts_headline('english', ${plain(text)}, ${query}, ${wholeText})`;
}

/** The fragments of a text that have most matches, marked; `fragmentsOf` reads them. */
export function markedFragments(text: SQLWrapper, query: SQLWrapper): SQL<string> {
  return sql<string>`ts_headline('english', ${plain(text)}, ${query}, ${bestFragments})`;
}

/** Cuts a marked text at its marks; empty pieces are left out. */
export function piecesOf(marked: string): HighlightPiece[] {
  const [before = "", ...rest] = marked.split(MATCH_START);
  const pieces = [{ text: before, match: false }];
  for (const part of rest) {
    const [word = "", after = ""] = part.split(MATCH_END);
    pieces.push({ text: word, match: true }, { text: after, match: false });
  }
  return pieces.filter(({ text }) => text !== "");
}

/** The same for each fragment; those without a match are left out. */
export function fragmentsOf(marked: string): HighlightPiece[][] {
  const fragments = marked.split(FRAGMENT_END).map(piecesOf);
  return fragments.filter((pieces) => pieces.some(({ match }) => match));
}
