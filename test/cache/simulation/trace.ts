/** What happened, for the replay of a failing seed; costs nothing unless it is asked for. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #on: boolean;
  readonly #time: () => number;

  constructor(on: boolean, time: () => number) {
    this.#on = on;
    this.#time = time;
  }

  /** @param line made only when the trace is on */
  add(line: () => string): void {
    if (this.#on) this.#lines.push(`${this.#time().toFixed(2).padStart(9)} ms  ${line()}`);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }
}
