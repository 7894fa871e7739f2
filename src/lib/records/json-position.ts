const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * Where one is in JSON text that is read byte by byte: enough to find where values end, without
 * knowing whether they are valid. No byte of a longer UTF-8 character looks like one of these.
 */
export class JsonPosition {
  /** Brackets and braces that are open. */
  depth = 0;
  /** Passed outside strings. */
  commas = 0;
  inString = false;
  #escaped = false;

  /** Passes one byte. */
  pass(byte: number): void {
    if (this.inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.inString = false;
    } else if (byte === QUOTE) this.inString = true;
    else if (byte === COMMA) this.commas += 1;
    else if (isOpening(byte)) this.depth += 1;
    else if (isClosing(byte)) this.depth -= 1;
  }
}

function isOpening(byte: number): boolean {
  return byte === 0x5b || byte === 0x7b;
}

function isClosing(byte: number): boolean {
  return byte === 0x5d || byte === 0x7d;
}

/** Whether a byte is white space to JSON, line ends included (RFC 8259, 2). */
export function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
