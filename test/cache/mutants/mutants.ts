/** One broken rule of docs/cache.md, as a patch of cache/, and what shows that it is broken. */
export interface Mutant {
  /** Name of the patch file. */
  readonly name: string;
  /** The rule, in the words of docs/cache.md. */
  readonly rule: string;
  /** The directed scenario that fails. */
  readonly scenario: string;
}

/** For each rule that docs/cache.md marks with ●, in its order; then some that it does not mark. */
export const mutants: readonly Mutant[] = [
  {
    name: "log-never-empty",
    rule: "the log always holds the member ns",
    scenario: "the log is never empty",
  },
  {
    name: "hard-member",
    rule: "a hard invalidation adds !member",
    scenario: "a hard invalidation ends the fallback",
  },
  {
    name: "epoch-names-the-replication",
    rule: "the epoch names the server's master_replid",
    scenario: "a failover that lost its tail begins an epoch",
  },
  {
    name: "run-id-is-not-enough",
    rule: "… and not its run_id",
    scenario: "a fail-back that lost its tail begins an epoch",
  },
  {
    name: "start-before-the-load",
    rule: "start = seen before the load began",
    scenario: "a load is stamped before it begins",
  },
  {
    name: "start-not-below-the-floor",
    rule: "VALID: start >= floor",
    scenario: "a pruned mark raises the floor",
  },
  {
    name: "scripts-check-both-keys",
    rule: "each script checks that both keys exist",
    scenario: "a lost log is noticed by its key",
  },
  {
    name: "applied-before-it-resolves",
    rule: "an invalidation is applied locally before its promise resolves",
    scenario: "an own invalidation holds here at once",
  },
  {
    name: "foreign-answer-waits-for-sync",
    rule: "one answered in a foreign epoch resolves only after a SYNC",
    scenario: "an answer in a foreign epoch waits for a SYNC",
  },
  {
    name: "that-sync-is-sent-after",
    rule: "… that was sent after the answer",
    scenario: "that SYNC is sent after the answer",
  },
  {
    name: "mark-at-once",
    rule: "RECEIVE marks members at once, gap or not",
    scenario: "marks do not wait for a gap to close",
  },
  {
    name: "marks-never-fall",
    rule: "… by the maximum",
    scenario: "marks never fall",
  },
  {
    name: "foreign-epoch-is-ignored",
    rule: "RECEIVE ignores a foreign epoch",
    scenario: "a message of another epoch is ignored",
  },
  {
    name: "sync-writes",
    rule: "SYNC writes, so that a demoted master fails it",
    scenario: "a demoted master renews no lease",
  },
  {
    name: "one-sync-in-flight",
    rule: "one SYNC in flight",
    scenario: "SYNC replies do not overtake each other",
  },
  {
    name: "sync-asked-for-meanwhile",
    rule: "one asked for meanwhile runs after it",
    scenario: "a read by revision waits for a SYNC of its own",
  },
  {
    name: "own-invalidations-sent-again",
    rule: "own invalidations are sent again in a new epoch",
    scenario: "own invalidations are sent again in a new epoch",
  },
  {
    name: "lease-from-the-sending",
    rule: "the lease runs from when SYNC was sent",
    scenario: "the lease runs from when SYNC was sent",
  },
  {
    name: "lease-on-the-monotonic-clock",
    rule: "the lease counts on the monotonic clock",
    scenario: "the monotonic clock counts when the wall clock is set back",
  },
  {
    name: "lease-on-the-wall-clock",
    rule: "… and on the wall clock",
    scenario: "the wall clock counts in a suspended process",
  },
  {
    name: "memory-needs-the-lease",
    rule: "over maxLag L1 is not trusted",
    scenario: "memory is not trusted without a lease",
  },
  {
    name: "redis-needs-the-lease",
    rule: "… nor is L2",
    scenario: "Redis' entries are not trusted without a lease",
  },
  {
    name: "begun-here-within-max-lag",
    rule: "without a lease only what was begun here less than maxLag ago is used",
    scenario: "a running load is joined for maxLag only without a lease",
  },
  {
    name: "joiner-starts-again",
    rule: "a joiner starts again when a tag that the load set was invalidated",
    scenario: "a joiner starts again when the load set tags of its own",
  },
  {
    name: "outdated-lock-is-taken-over",
    rule: "a lock is taken over when VALID fails for it",
    scenario: "nobody waits for an outdated lock",
  },
  {
    name: "only-an-outdated-lock",
    rule: "… and only then",
    scenario: "one load for all processes",
  },
  {
    name: "about-to-load-joins-a-newer",
    rule: "about to load: join a newer VALID flight",
    scenario: "a flight about to load joins a newer one",
  },
  {
    name: "fallback-of-the-same-epoch",
    rule: "the fallback is of the same epoch",
    scenario: "the fallback is of the same epoch",
  },
  {
    name: "revision-joins-nobody",
    rule: "minRevision that cannot catch up: own load, no joining",
    scenario: "a read by revision joins no load of before",
  },
  {
    name: "revision-has-no-fallback",
    rule: "… and no fallback",
    scenario: "a read by revision that cannot catch up loads alone",
  },
  {
    name: "lock-released-by-token",
    rule: "beside ●: a lock is released by its token",
    scenario: "a lock is released by its holder alone",
  },
  {
    name: "revision-needs-its-marks",
    rule: "beside ●: a revision is held with all marks up to it",
    scenario: "a revision is held with its marks",
  },
  {
    name: "sent-again-to-others",
    rule: "beside ●: own invalidations of the epoch before reach the others too",
    scenario: "own invalidations are sent again in a new epoch",
  },
  {
    name: "stale-has-an-end",
    rule: "beside ●: a fallback ends at staleUntil",
    scenario: "stale has an end",
  },
  {
    name: "ttl-by-the-time-of-redis",
    rule: "beside ●: ttl runs on the time of Redis",
    scenario: "skewed clocks stretch no ttl",
  },
];
