export interface Event {
  /** True time in ms at which it is due. */
  at: number;
  /** Random order among events of the same time. */
  tie: number;
  run: () => void;
}

/** A binary heap of events, the earliest first. */
export class EventQueue {
  readonly #heap: Event[] = [];

  get size(): number {
    return this.#heap.length;
  }

  peek(): Event | undefined {
    return this.#heap[0];
  }

  push(event: Event): void {
    const heap = this.#heap;
    let hole = heap.push(event) - 1;
    while (hole > 0) {
      const up = (hole - 1) >> 1;
      const parent = heap[up];
      if (!parent || !before(event, parent)) break;
      heap[hole] = parent;
      hole = up;
    }
    heap[hole] = event;
  }

  pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      let least = heap[child];
      if (!least) break;
      const right = heap[child + 1];
      if (right && before(right, least)) {
        least = right;
        child += 1;
      }
      if (!before(least, last)) break;
      heap[hole] = least;
      hole = child;
    }
    heap[hole] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}
