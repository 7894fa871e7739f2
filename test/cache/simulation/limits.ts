/** By when every process knows of an acknowledged invalidation, ms. */
export const maxLagMs = 2_000;
