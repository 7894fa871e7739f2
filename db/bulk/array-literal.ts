/** What a column of the rows may hold; bigint as a safe integer, timestamptz as ISO 8601 text. */
export interface ColumnValues {
  bigint: number;
  integer: number;
  boolean: boolean;
  text: string;
  timestamptz: string;
}

export type ColumnType = keyof ColumnValues;

/**
 * One element of a PostgreSQL array in text form. The driver's own arrays cost three times as much.
 * @param value must hold neither NUL nor a lone surrogate: the server refuses the first, and
 * UTF-8 has no form for the second
 */
export function arrayElement(type: ColumnType, value: ColumnValues[ColumnType] | null): string {
  if (value === null) return "NULL";
  if (type !== "text") return String(value);
  return `"${String(value).replaceAll(/["\\]/g, "\\$&")}"`;
}

/** An array literal of elements that `arrayElement` made. */
export function arrayLiteral(elements: readonly string[]): string {
  return `{${elements.join(",")}}`;
}

/** An array literal of texts. */
export function textArray(texts: readonly string[]): string {
  return arrayLiteral(texts.map((text) => arrayElement("text", text)));
}
