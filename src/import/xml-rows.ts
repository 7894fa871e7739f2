import { SaxesParser } from "saxes";
import { DumpError, ROW_MAX_BYTES } from "./dump-error.ts";
import type { RowSource } from "./row-source.ts";

/** Characters that XML refuses but that do no harm: the parser hands them on as they are. */
const harmlessFaults = [/: disallowed character\.$/, /: malformed character entity\.$/];

/**
 * Reads the rows of a dump's XML: `<posts><row Id="1" … /> … </posts>`.
 * @returns the attributes of the rows, in arrays of a chunk each
 * @throws DumpError with the line when it is no such XML, is damaged, or ends too early
 */
export const xmlRows: RowSource = async function* (file, chunks) {
  const root = file.table.toLowerCase();
  const parser = new SaxesParser();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rows: Record<string, string>[] = [];
  let fault: string | undefined;
  let sinceLastRow = 0;

  parser.on("opentag", ({ name, attributes }) => {
    if (name === "row") {
      rows.push(attributes);
      sinceLastRow = 0;
    } else if (name !== root) {
      fault ??= `line ${parser.line}: <${name}> where <${root}> with <row … /> is expected`;
    }
  });
  parser.on("error", ({ message }) => {
    if (!harmlessFaults.some((harmless) => harmless.test(message))) {
      fault ??= `line ${message.replace(/^(\d+):\d+: /, "$1: ")}`;
    }
  });
  const check = () => {
    if (fault !== undefined) throw new DumpError(`${file.name}: damaged or cut short at ${fault}`);
  };

  for await (const chunk of chunks) {
    sinceLastRow += chunk.length;
    if (sinceLastRow > ROW_MAX_BYTES) fault ??= `line ${parser.line}: a row without an end`;
    try {
      parser.write(decoder.decode(chunk, { stream: true }));
    } catch (error) {
      if (!isEncodingError(error)) throw error;
      fault ??= `line ${parser.line}: not UTF-8`;
    }
    check();
    if (rows.length > 0) {
      yield rows;
      rows = [];
    }
  }
  parser.close();
  check();
};

function isEncodingError(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    "code" in error &&
    error.code === "ERR_ENCODING_INVALID_ENCODED_DATA"
  );
}
