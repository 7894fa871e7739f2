// The skew of demo data: few posts get most of the comments and likes, as on real sites.

const DAY_MS = 86_400_000;
const SPAN_MS = 365 * DAY_MS;
/** Above 1: the newer, the denser. With 1.5 a fifth of the posts is younger than 30 days. */
const AGEING = 1.5;
/** Larger than most numbers of rows, so that neighbours land far apart. */
const STEPS = [7_919, 7_907, 7_901];

/** When the n-th of `count` posts was written; later ones are newer, all within a year. */
export function postMoment(n: number, count: number, untilMs: number): number {
  const age = SPAN_MS * ((count - n + 0.5) / count) ** AGEING;
  return Math.floor(untilMs - age);
}

/** A number below `count`, small ones far likelier. @param chance in [0, 1) */
export function skewed(chance: number, count: number): number {
  return Math.floor(count * chance ** 3);
}

/** A step that visits all of `count` numbers before it comes back to one. */
export function coprimeStep(count: number): number {
  return STEPS.find((step) => count % step !== 0) ?? 1;
}

/**
 * Shares a total among posts, the hottest first: the first r posts get `total * sqrt(r / posts)`.
 * @param mostPerPost what exceeds it goes to the next posts
 * @returns number of the post (from 1) and its share, posts without a share left out
 */
export function* shares(
  total: number,
  posts: number,
  mostPerPost: number,
): Generator<{ post: number; share: number }> {
  const step = coprimeStep(posts);
  let given = 0;
  for (let rank = 1; rank <= posts && given < total; rank += 1) {
    const due = Math.round(total * Math.sqrt(rank / posts)) - given;
    const share = Math.min(due, mostPerPost);
    given += share;
    if (share > 0) yield { post: ((rank * step) % posts) + 1, share };
  }
}
