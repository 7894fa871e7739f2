/** How much a comparison of servers measures. */
export interface Size {
  /**
   * How often the servers are started anew: how V8 compiles the code is chance in part, and holds for the
   * life of a process.
   */
  starts: number;
  /** Of each start, after those that warm it up. */
  rounds: number;
  /**
   * Of each round. Few, so that contestants take turns quickly: a shared machine was seen to be 1.6 times
   * slower for seconds at a time, and a ratio of two servers must not have one of them in such a time.
   */
  requests: number;
}
