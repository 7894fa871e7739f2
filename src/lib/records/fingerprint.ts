import { createHash } from "node:crypto";

/** SHA-256 of a body that comes in chunks, also of its beginning up to a place just passed. */
export class Fingerprint {
  readonly #hash = createHash("sha256");
  #chunk: Uint8Array = new Uint8Array();
  /** Bytes of the body before what is left of the chunk. */
  #hashed = 0;

  /** Goes on to the next chunk, which must stay as it is until the one after it. */
  enter(chunk: Uint8Array): void {
    this.#hash.update(this.#chunk);
    this.#hashed += this.#chunk.length;
    this.#chunk = chunk;
  }

  /**
   * @param bytes the length of the beginning: it ends in the current chunk, and not before an
   * earlier one that was asked for
   * @returns base64url
   */
  upTo(bytes: number): string {
    const passed = bytes - this.#hashed;
    this.#hash.update(this.#chunk.subarray(0, passed));
    this.#chunk = this.#chunk.subarray(passed);
    this.#hashed = bytes;
    return this.#hash.copy().digest("base64url");
  }
}
