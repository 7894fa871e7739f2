/** How much a comparison of servers measures. */
export interface Size {
  /**
   * How often the servers are started anew: how V8 compiles the code is chance in part, and holds for the
   * life of a process.
   */
  starts: number;
  /**
   * Rounds of each start before those that count: code that is used often enough is compiled anew, which
   * takes its time, and caches fill.
   */
  warmUp: number;
  /** Of each start, those that count. */
  rounds: number;
  /**
   * Of each round. Few, so that contestants take turns quickly: a shared machine can be 1.6 times slower
   * for seconds, and then all of a round should be measured in it. A multiple of the log lines that
   * are written at once, so that each round pays for its own.
   */
  requests: number;
}
