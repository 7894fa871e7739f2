/** Version 00 of W3C Trace Context: trace and parent must not be all zeros. */
const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Takes the trace that a request belongs to, when it is usable, else begins one. */
export function traceparentFrom(header: string | null): string {
  return header !== null && VALID.test(header) ? header : newTrace();
}

/** A UUID costs a tenth of random bytes: its entropy is fetched for many at once. */
function newTrace(): string {
  const uuid = crypto.randomUUID();
  const parent = uuid.slice(19, 23) + uuid.slice(24);
  return `00-${uuid.slice(0, 8)}${uuid.slice(9, 13)}${uuid.slice(14, 18)}${parent}-${parent}-00`;
}
