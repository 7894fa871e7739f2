/** Version 00 of W3C Trace Context: trace and parent must not be all zeros. */
const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Takes the trace that a request belongs to, when it is usable, else begins one, not sampled.
 * @param uuid a random one; the trace made of it has its digits, so that both are found together
 */
export function traceparentFrom(header: string | null, uuid: string): string {
  return header !== null && VALID.test(header) ? header : newTrace(uuid);
}

function newTrace(uuid: string): string {
  const parent = uuid.slice(19, 23) + uuid.slice(24);
  return `00-${uuid.slice(0, 8)}${uuid.slice(9, 13)}${uuid.slice(14, 18)}${parent}-${parent}-00`;
}
