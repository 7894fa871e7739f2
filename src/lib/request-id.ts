/** What other software sends: no spaces, nothing that could break a log line or a header. */
const VALID = /^[\w.:+/=-]{1,128}$/;

/**
 * Takes the id that a proxy gave to a request, when it is usable.
 * @param otherwise the id else
 */
export function requestIdFrom(header: string | null, otherwise: string): string {
  return header !== null && VALID.test(header) ? header : otherwise;
}
