import type { DumpFile } from "./dump.ts";

/** One row of a dump: its values by the names of the dump; "" says as little as absence. */
export type SourceRow = Readonly<Record<string, string | undefined>>;

/** Turns a file's bytes into rows, a chunk of them at a time. */
export type RowSource = (
  file: DumpFile,
  chunks: AsyncIterable<Buffer>,
) => AsyncGenerator<SourceRow[]>;
