import type { Result, Router } from "hono/router";
import { TrieRouter } from "hono/router/trie-router";

/**
 * Remembers what the trie finds for addresses that a route spells out, where the same address
 * always means the same: it is walked once for each. There are no more of them than routes.
 */
export class LiteralFirstRouter<T> implements Router<T> {
  readonly name = "LiteralFirstRouter";
  readonly #trie = new TrieRouter<T>();
  readonly #literals = new Set<string>();
  readonly #found = new Map<string, Map<string, Result<T>>>();

  add(method: string, path: string, handler: T): void {
    if (!/[:*]/.test(path)) this.#literals.add(path);
    this.#found.clear();
    this.#trie.add(method, path, handler);
  }

  match(method: string, path: string): Result<T> {
    const known = this.#found.get(method)?.get(path);
    if (known !== undefined) return known;
    const result = this.#trie.match(method, path);
    if (this.#literals.has(path)) this.#remember(method, path, result);
    return result;
  }

  #remember(method: string, path: string, result: Result<T>): void {
    const ofMethod = this.#found.get(method) ?? new Map<string, Result<T>>();
    this.#found.set(method, ofMethod.set(path, result));
  }
}
