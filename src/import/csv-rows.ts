import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { DumpError, ROW_MAX_BYTES } from "./dump-error.ts";
import type { RowSource, SourceRow } from "./row-source.ts";

const ROWS_PER_ARRAY = 1_000;
const NEWLINE = 0x0a;

/**
 * Reads the rows of a dump's CSV with a header line.
 * @returns the fields by column name, in arrays of up to 1,000 rows
 * @throws DumpError with the line when the CSV is damaged or ends in the middle of a line
 */
export const csvRows: RowSource = async function* (file, chunks) {
  let lastByte: number | undefined;
  const watched = async function* () {
    for await (const chunk of chunks) {
      lastByte = chunk.at(-1) ?? lastByte;
      yield chunk;
    }
  };
  const parser = parse({ bom: true, max_record_size: ROW_MAX_BYTES });
  pipeline(Readable.from(watched()), parser, () => {});

  let header: string[] | undefined;
  let rows: SourceRow[] = [];
  try {
    for await (const fields of parser) {
      if (header === undefined) {
        header = checkedHeader(file.name, fields);
        continue;
      }
      rows.push(named(header, fields));
      if (rows.length === ROWS_PER_ARRAY) {
        yield rows;
        rows = [];
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new DumpError(`${file.name}: damaged or cut short: ${error.message}`);
  }
  if (lastByte === undefined) throw new DumpError(`${file.name}: is empty`);
  if (lastByte !== NEWLINE) {
    throw new DumpError(
      `${file.name}: cut short: it ends in the middle of line ${parser.info.lines} (if it is whole, end it with a newline)`,
    );
  }
  if (rows.length > 0) yield rows;
};

function checkedHeader(name: string, header: string[]): string[] {
  if (!header.includes("Id")) {
    throw new DumpError(`${name}: line 1 names no column Id; is it a Stack Exchange file?`);
  }
  return header;
}

/** Does what the parser's option `columns` does, in half the time. */
function named(header: string[], fields: string[]): SourceRow {
  const row: Record<string, string | undefined> = {};
  for (let column = 0; column < header.length; column += 1) {
    const name = header[column];
    if (name !== undefined) row[name] = fields[column];
  }
  return row;
}
