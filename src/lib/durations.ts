const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds as a number, or text such as "250ms", "10s", "5m", "1h", "1d". */
export type Duration = number | `${number}${keyof typeof unitMs}`;

/**
 * Reads a duration.
 * @param value milliseconds, or a number with one of the units ms, s, m, h, d
 * @returns milliseconds, finite and not negative
 * @throws RangeError when the text has no known unit, or the value is negative or not finite
 */
export function durationMs(value: Duration): number {
  const ms = tryDurationMs(value);
  if (Number.isNaN(ms)) {
    throw new RangeError(`"${value}" is not a duration: use milliseconds or text such as "5m"`);
  }
  return ms;
}

/** As `durationMs`, but NaN instead of an error, for those who can say where it was written. */
export function tryDurationMs(value: Duration): number {
  const ms = typeof value === "number" ? value : parse(value);
  return Number.isFinite(ms) && ms >= 0 ? ms : Number.NaN;
}

function parse(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * unitMs[match[2] as keyof typeof unitMs] : Number.NaN;
}
