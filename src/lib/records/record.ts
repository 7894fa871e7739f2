/** Why a record cannot be read. */
export type RecordFault = "too_long" | "not_utf8" | "too_complex" | "broken_array";

/** One record of a body: its text, or why it has none. */
export type BodyRecord = {
  /** Its line, or its place in the array; the first is 1. */
  line: number;
  /** Bytes of the body up to its end. */
  end: number;
} & ({ text: string } | { fault: RecordFault });

/** Cuts a body, which comes in chunks, into records. */
export interface RecordCutter {
  /** @returns the records that end in the chunk; read them all before the next chunk */
  push(chunk: Uint8Array): Iterable<BodyRecord>;
  /** @returns the record that ends with the body */
  end(): Iterable<BodyRecord>;
}
