import { acceptsGzip, GZIP_THRESHOLD, gzip } from "../lib/gzip.ts";
import type { HeaderReader } from "../lib/header-reader.ts";
import { matchesEntityTag } from "./headers.ts";

/** A JSON document, ready to be sent. */
export interface Written {
  readonly body: string;
  /** Absent where there is nothing to compare. */
  readonly etag?: string | undefined;
  /** Those of the unpacked body, its length too. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body in gzip, once somebody took it so. */
  gzipped?: Uint8Array<ArrayBuffer>;
}

/** Makes a document out of its text, its headers and, where it can be compared, its entity tag. */
export function document(body: string, headers: Record<string, string>, etag?: string): Written {
  const length = String(Buffer.byteLength(body));
  return { body, etag, headers: { ...headers, "Content-Length": length } };
}

/**
 * Sends a document: as 304 to a client that has it, in gzip to one that takes it.
 * @param header reads a header of the request
 * @param more headers that the application around wants on the answer
 * @returns no promise unless the body has to be packed first
 */
export function send(
  written: Written,
  header: HeaderReader,
  more: Readonly<Record<string, string>> | undefined,
): Response | Promise<Response> {
  const { body, etag } = written;
  if (etag !== undefined && isKnown(header("if-none-match"), etag)) {
    const { "Content-Length": _, ...unchanged } = written.headers;
    return new Response(null, { status: 304, headers: { ...unchanged, ...more } });
  }
  if (body.length < GZIP_THRESHOLD || !acceptsGzip(header("accept-encoding"))) {
    return new Response(body, { headers: { ...written.headers, ...more } });
  }
  const headers = { ...written.headers, ...more, ...(etag && { ETag: packedTag(etag) }) };
  if (written.gzipped) return sendGzip(written.gzipped, headers);
  return gzip(body).then((gzipped) => {
    written.gzipped = gzipped;
    return sendGzip(gzipped, headers);
  });
}

function isKnown(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return matchesEntityTag(ifNoneMatch, etag) || matchesEntityTag(ifNoneMatch, packedTag(etag));
}

/** A strong entity tag is that of one representation, a weak one of all (RFC 9110, 8.8.1). */
function packedTag(etag: string): string {
  return etag.startsWith("W/") ? etag : `${etag.slice(0, -1)}-gzip"`;
}

// Headers stay a plain object: a Headers object would cost Node more than the rest of this path.
function sendGzip(body: Uint8Array<ArrayBuffer>, headers: Record<string, string>): Response {
  const encoded = { "Content-Encoding": "gzip", "Content-Length": String(body.length) };
  return new Response(body, { headers: { ...headers, ...encoded } });
}
