/** One range of an `Accept` header. */
export interface MediaRange {
  type: string;
  /** 0 to 1; 0 refuses. */
  q: number;
}

/**
 * Chooses what to answer with (RFC 9110, 12.5.1): of each type the most specific range decides how
 * welcome it is. Among equals what was named beats what a wildcard let in, then the first.
 * @returns one of `types`, or undefined when all are refused
 */
export function preferredType<T extends string>(
  ranges: readonly MediaRange[],
  types: readonly T[],
): T | undefined {
  const [best] = types
    .map((type) => ({ type, ...welcome(type, ranges) }))
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q || b.specificity - a.specificity);
  return best?.type;
}

function welcome(type: string, ranges: readonly MediaRange[]) {
  const matching = ["*/*", type.replace(/\/.*/, "/*"), type]
    .map((range) => ranges.find((candidate) => candidate.type.toLowerCase() === range))
    .map((range, specificity) => ({ q: range?.q, specificity }));
  const decides = matching.findLast(({ q }) => q !== undefined);
  return { q: decides?.q ?? 0, specificity: decides?.specificity ?? 0 };
}
