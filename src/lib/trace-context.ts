/** Version 00 of W3C Trace Context: trace and parent must not be all zeros. */
const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Takes the trace that a request belongs to, when it is usable.
 * @param otherwise the trace else
 */
export function traceparentFrom(header: string | null, otherwise: string): string {
  return header !== null && VALID.test(header) ? header : otherwise;
}

/** A trace that begins here, not sampled. */
export interface Trace {
  /** 32 hexadecimal digits. */
  id: string;
  /** The id, a parent of half its digits, and the flags. */
  traceparent: string;
}

const ID_BYTES = 16;
const TRACEPARENT_LENGTH = 55;
/** Traces made at once: one at a time, in the middle of other work, each costs several times more. */
const BATCH = 128;

let ready: Trace[] = [];

/** Begins a trace with random digits. */
export function newTrace(): Trace {
  if (ready.length === 0) ready = makeTraces();
  return ready.pop() as Trace;
}

function makeTraces(): Trace[] {
  const digits = Buffer.from(crypto.getRandomValues(new Uint8Array(BATCH * ID_BYTES)));
  const ids = Array.from({ length: BATCH }, (_, i) =>
    digits.toString("hex", i * ID_BYTES, (i + 1) * ID_BYTES),
  );
  const traceparents = Buffer.from(ids.map((id) => `00-${id}-${id.slice(ID_BYTES)}-00`).join(""));
  return ids.map((id, i) => {
    const start = i * TRACEPARENT_LENGTH;
    // Not the text that was put together: that would be copied into one piece for each request.
    return { id, traceparent: traceparents.toString("latin1", start, start + TRACEPARENT_LENGTH) };
  });
}
