import type { Failures } from "./failures.ts";
import type { Flights } from "./flight.ts";
import type { Lease } from "./lease.ts";
import type { Ledger } from "./ledger.ts";
import type { Memory } from "./memory.ts";
import type { Clock } from "./ports.ts";
import type { SharedLayer } from "./shared-layer.ts";
import type { Counters } from "./stats.ts";
import type { Trust } from "./trust.ts";

/** What a cache is made of. `lease` and `shared` are there exactly when it has a remote. */
export interface Parts {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly trust: Trust;
  readonly memory: Memory;
  readonly failures: Failures;
  readonly flights: Flights;
  readonly lease: Lease | undefined;
  readonly shared: SharedLayer | undefined;
  readonly counters: Counters;
}
