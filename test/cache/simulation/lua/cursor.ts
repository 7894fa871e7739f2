import type { Token } from "./tokens.ts";

/** A place in a list of tokens, and the ways a parser moves on from it. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  protected get token(): Token {
    const token = this.#tokens[this.#at];
    if (!token) throw new SyntaxError("Lua: unexpected end");
    return token;
  }

  protected get following(): Token | undefined {
    return this.#tokens[this.#at + 1];
  }

  protected advance(): void {
    this.#at += 1;
  }

  protected fail(): never {
    throw new SyntaxError(`Lua line ${this.token.line}: unexpected "${this.token.text}"`);
  }

  /** Whether the keyword or symbol stands here. */
  protected is(text: string): boolean {
    return this.token.text === text && /keyword|symbol/.test(this.token.kind);
  }

  /** Steps over the keyword or symbol if it stands here. */
  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.advance();
    return true;
  }

  protected expect(text: string): void {
    if (!this.take(text)) this.fail();
  }

  /** Steps over a name; returns it as transpiled code spells it. */
  protected name(): string {
    const { kind, text } = this.token;
    if (kind !== "name") this.fail();
    this.advance();
    return `_${text}`;
  }
}
