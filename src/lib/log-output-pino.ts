import { writeSync } from "node:fs";
import process from "node:process";
import { pino } from "pino";

/** Lines written at once, about 24 KiB: to wake the thread that writes costs as much as many lines. */
const CHUNK = 128;
/** Milliseconds that a line waits for others, at most. */
const LATEST = 100;
/** Far above what waits here at once: sonic-boom writes only when it is told to. Bytes. */
const MIN_LENGTH = 65_535;
/** What a reader that does not keep up may leave waiting; lines beyond that are lost. 16 Mi characters. */
const MAX_WAITING = 16_777_216;
/** Milliseconds before the next try to write at once to a reader that is busy. */
const PAUSE = 10;
const idle = new Int32Array(new SharedArrayBuffer(4));

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
 * written. An output that fails (a full disk) stops nobody: standard error gets a line, and what
 * could not be written is tried again.
 * @param textOf makes the line of an item, with its end
 */
export function createLogOutput<Item extends object>(
  textOf: (item: Item) => string,
): LogOutput<Item> {
  const output = pino.destination({
    sync: false,
    minLength: MIN_LENGTH,
    maxWrite: MIN_LENGTH + 1,
  });
  let isClosed = false;
  output.once("close", () => {
    isClosed = true;
  });
  /** Not put together yet. */
  let lines: (string | Item)[] = [];
  /** For the next write: sonic-boom gets nothing while it writes, nor what it would have to keep. */
  let text = "";
  let isWriting = false;
  let isFailing = false;
  function takeText(): string {
    const more = lines.map((line) => (typeof line === "string" ? line : textOf(line))).join("");
    lines = [];
    return isClosed || text.length + more.length > MAX_WAITING ? text : text + more;
  }
  function writeOn(): void {
    if (isClosed || isWriting || (text === "" && !isFailing)) return;
    isWriting = true;
    if (!isFailing) {
      output.write(text);
      text = "";
    }
    output.flush();
  }
  output.on("drain", () => {
    isWriting = false;
    isFailing = false;
    writeOn();
  });
  output.on("error", (error: NodeJS.ErrnoException) => {
    isWriting = false;
    if (error.code === "EPIPE") {
      // Nobody will read this again.
      isClosed = true;
      text = "";
    } else if (!isFailing) {
      writeNow(process.stderr.fd, `the log cannot be written (${error.code})\n`);
    }
    isFailing = true;
  });
  function flush(): void {
    text = takeText();
    writeOn();
  }
  function add(line: string | Item): void {
    if (lines.push(line) >= CHUNK) flush();
  }
  setInterval(flush, LATEST).unref();
  // Both before pino's own listeners, which would try for ever what fails: the process would not end.
  process.prependListener("beforeExit", () => {
    if (isFailing) output.flush = () => {};
    else flush();
  });
  process.prependListener("exit", () => {
    output.flushSync = () => {};
    // Nothing tells here that a write has ended, and its lines come first.
    if (isWriting) Atomics.wait(idle, 0, 0, LATEST);
    if (!isClosed && !isFailing) writeNow(process.stdout.fd, takeText());
  });
  return { write: add, add, flush };
}

/** Writes a text at once, however long its reader takes; gives up where there is none. */
function writeNow(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      Atomics.wait(idle, 0, 0, PAUSE);
    }
  }
}
