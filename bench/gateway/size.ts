/** How much a comparison of servers measures. */
export interface Size {
  /**
   * How often the servers are started anew: how V8 compiles Node's own code is chance in part, and holds
   * for the life of a process. One in four was seen to spend 5 us more a request in `nextTick`.
   */
  starts: number;
  /** Of each start, after those that warm it up. */
  rounds: number;
  /** Of each round. */
  requests: number;
}
