import type { Bulkhead } from "../../cache/types.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { createBulkhead } from "./bulkhead.ts";
import { createRetry, type Retry } from "./retry.ts";
import type { Section } from "./section.ts";

/** What stands between a section and its source; one for each section of a gateway. */
export interface Gate {
  bulkhead: Bulkhead;
  breaker: Breaker;
  retry: Retry;
}

/** The gates of all sections of one gateway. */
export interface Gates {
  of(section: Section): Gate;
}

/** @param bulkheadSize loads of one section that run at once */
export function createGates(bulkheadSize: number): Gates {
  const gates = new Map<Section, Gate>();
  return {
    of(section) {
      const known = gates.get(section);
      if (known) return known;
      const gate = {
        bulkhead: createBulkhead(bulkheadSize),
        breaker: createBreaker(),
        retry: createRetry(),
      };
      gates.set(section, gate);
      return gate;
    },
  };
}
