import { AppError } from "../errors.ts";
import { TimeLimitError, withTimeLimit } from "../time-limit.ts";
import { takeTurns } from "../turns.ts";
import { Fingerprint } from "./fingerprint.ts";
import type { BodyRecord, RecordCutter } from "./record.ts";

/** Who sends nothing for longer has gone. Milliseconds. */
const STALL_MS = 30_000;
/** What is still taken of a body that is refused. */
const DISCARDED = { ms: 1_000, bytes: 16_777_216 };

/** A request body, read once, record by record. */
export class RecordBody {
  readonly #body: ReadableStream<Uint8Array>;
  readonly #cutter: RecordCutter;
  readonly #maxBytes: number;
  readonly #fingerprint = new Fingerprint();
  #bytes = 0;

  constructor(body: ReadableStream<Uint8Array>, cutter: RecordCutter, maxBytes: number) {
    this.#body = body;
    this.#cutter = cutter;
    this.#maxBytes = maxBytes;
  }

  /** Read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Reads no further than whoever takes the records, and lets others use the event loop.
   * @throws AppError "body_too_large" over the limit, "malformed_json" when the body breaks off, or
   * nothing of it comes for 30 s
   */
  async *records(): AsyncGenerator<BodyRecord> {
    const turn = takeTurns();
    for await (const chunk of this.#chunks()) {
      for (const record of this.#cutter.push(chunk)) {
        yield record;
        const others = turn();
        if (others !== undefined) await others;
      }
      // A chunk may hold no record at all.
      await turn();
    }
    yield* this.#cutter.end();
  }

  /**
   * SHA-256 of the body's beginning.
   * @param bytes the end of the record taken last, or all that was read
   */
  fingerprint(bytes: number): string {
    return this.#fingerprint.upTo(bytes);
  }

  /**
   * Takes what still comes and drops it, 16 MiB and one second at most: a client hears of a refusal
   * once it has sent its body, and not when the connection is closed before (RFC 9112, 9.6).
   */
  async discard(): Promise<void> {
    const end = this.#bytes + DISCARDED.bytes;
    const reader = this.#body.getReader();
    try {
      await withTimeLimit(DISCARDED.ms, undefined, async (signal) => {
        while (this.#bytes < end && !signal.aborted) {
          const { done, value } = await reader.read();
          if (done) return;
          this.#bytes += value.length;
        }
      });
    } catch {
      // It broke off, or is too slow: then nobody waits for the answer, or in vain.
    } finally {
      reader.releaseLock();
    }
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const reader = this.#body.getReader();
    try {
      for (;;) {
        const reading = withTimeLimit(STALL_MS, undefined, () => reader.read());
        const { done, value } = await reading.catch((cause: unknown) => {
          throw brokeOff(cause);
        });
        if (done) return;
        this.#bytes += value.length;
        if (this.#bytes > this.#maxBytes) throw tooLarge(this.#maxBytes);
        this.#fingerprint.enter(value);
        yield value;
      }
    } finally {
      reader.releaseLock();
    }
  }
}

function brokeOff(cause: unknown): AppError {
  const why = cause instanceof TimeLimitError ? `: nothing came for ${STALL_MS / 1_000} s` : "";
  return new AppError("malformed_json", `The body broke off${why}.`, { cause });
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("body_too_large", `A body may have ${maxBytes} bytes at most.`);
}
