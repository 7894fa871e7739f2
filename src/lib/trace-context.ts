/** Version 00 of W3C Trace Context: trace and parent must not be all zeros. */
const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Takes the trace that a request belongs to, when it is usable, else begins one. */
export function traceparentFrom(header: string | null): string {
  return header !== null && VALID.test(header) ? header : `00-${hex(16)}-${hex(8)}-00`;
}

function hex(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");
}
