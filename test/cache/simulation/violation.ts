/** A guarantee of docs/cache.md was broken: what the simulation looks for. */
export class Violation extends Error {
  override readonly name = "Violation";
}
