const FIRST_CAPACITY = 4_096;

/**
 * The bytes of one record, which may come in any number of chunks. What is over the limit is
 * dropped, so that a record without end takes no memory.
 */
export class RecordBytes {
  readonly #maxBytes: number;
  #kept = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  /** @param maxBytes more make the record too long */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Adds a part of the record; its bytes are copied. */
  add(part: Uint8Array): void {
    const start = this.#length;
    this.#length += part.length;
    if (this.#length > this.#maxBytes) return;
    if (this.#length > this.#kept.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#kept.length * 2));
      grown.set(this.#kept.subarray(0, start));
      this.#kept = grown;
    }
    this.#kept.set(part, start);
  }

  /**
   * Ends the record.
   * @param part its last part
   * @returns all of it, valid until the next `add`; undefined when it is too long
   */
  take(part: Uint8Array): Uint8Array | undefined {
    if (this.#length > 0) this.add(part);
    const bytes = this.#length > 0 ? this.#kept.subarray(0, this.#length) : part;
    const isTooLong = Math.max(this.#length, part.length) > this.#maxBytes;
    this.#length = 0;
    return isTooLong ? undefined : bytes;
  }
}
