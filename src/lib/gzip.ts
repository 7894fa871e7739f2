/** Smaller answers grow, or gain next to nothing. Bytes. */
export const GZIP_THRESHOLD = 1_024;

/**
 * Tells whether a client takes gzip (RFC 9110, 12.5.3): named, or by `*`, and not with `q=0`.
 * @param acceptEncoding the header of the request
 */
export function acceptsGzip(acceptEncoding: string | null): boolean {
  if (acceptEncoding === null) return false;
  const codings = acceptEncoding
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim());
  const coding = ["gzip", "x-gzip", "*"]
    .map((name) => codings.find((candidate) => candidate.split(";")[0]?.trim() === name))
    .find((candidate) => candidate !== undefined);
  return coding !== undefined && !/;\s*q=0(\.0{0,3})?$/.test(coding);
}

/** @returns the text as UTF-8 in a gzip file (RFC 1952) */
export async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
