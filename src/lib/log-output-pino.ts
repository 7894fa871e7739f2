import process from "node:process";
import { pino } from "pino";

/** Lines written at once, about 24 KiB: to wake the thread that writes costs as much as many lines. */
const CHUNK = 128;
/** Milliseconds that a line waits for others, at most. */
const LATEST = 100;
/** Far above what waits here at once: sonic-boom writes only when it is told to. Bytes. */
const MIN_LENGTH = 65_535;
/** What a reader that does not keep up may leave waiting; lines beyond that are lost. 16 MiB. */
const MAX_WAITING_BYTES = 16_777_216;

export interface LogOutput<Item> {
  write(line: string): void;
  /** Writes an item as a line, in its turn. */
  add(item: Item): void;
  /** Writes what still waits for other lines. */
  flush(): void;
}

/**
 * Standard output, many lines at a time: a write for each would cost more than the line, and so
 * would its text in the middle of other work. The lines are put together here, since sonic-boom counts
 * all bytes that it holds whenever it gets one more. What waits when the process exits is still
 * written.
 * @param textOf makes the line of an item, with its end
 */
export function createLogOutput<Item extends object>(
  textOf: (item: Item) => string,
): LogOutput<Item> {
  const output = pino.destination({
    sync: false,
    minLength: MIN_LENGTH,
    maxWrite: MIN_LENGTH + 1,
    maxLength: MAX_WAITING_BYTES,
  });
  let isClosed = false;
  output.once("close", () => {
    isClosed = true;
  });
  let waiting: (string | Item)[] = [];
  function take(): string[] {
    const lines = waiting.map((line) => (typeof line === "string" ? line : textOf(line)));
    waiting = [];
    return lines;
  }
  // It takes no flush while it writes: what comes meanwhile follows when it has written.
  let isWriting = false;
  let isMore = false;
  output.on("drain", () => {
    isWriting = false;
    if (isMore) writeOut();
  });
  function writeOut(): void {
    isMore = isWriting;
    if (isWriting) return;
    isWriting = true;
    output.flush();
  }
  function flush(): void {
    if (isClosed || waiting.length === 0) return;
    output.write(take().join(""));
    writeOut();
  }
  function add(line: string | Item): void {
    if (waiting.push(line) >= CHUNK) flush();
  }
  setInterval(flush, LATEST).unref();
  // Both before pino's own listeners, of which one ends the output.
  process.prependListener("beforeExit", flush);
  process.prependListener("exit", () => {
    for (const line of isClosed ? [] : take()) {
      output.write(line);
      output.flushSync();
    }
  });
  return { write: add, add, flush };
}
