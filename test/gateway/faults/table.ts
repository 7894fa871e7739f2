import type { SourceErrorCode } from "../../../src/lib/source-error.ts";
import { hangs, hangsInBody, json } from "../../helpers/upstream.ts";
import * as upstream from "./behaviours.ts";
import type { World } from "./world.ts";

/** How a load ends while the fault lasts; a number is what it brings. */
export type LoadEnds = { brings: number } | { fails: SourceErrorCode };

/** What goes wrong with a source, and how a load of it then ends. */
export interface Fault {
  name: string;
  source: "http" | "redis" | "sql";
  load: LoadEnds;
  /** Where it matters whether the source knows an earlier value. */
  firstLoad?: LoadEnds;
  /** Breaks the source. */
  begin(world: World): unknown;
  /** Where the section's address is not that of the upstream. */
  url?(world: World): string;
  /** Other hosts that the section lets redirects lead to. */
  redirectHosts?(world: World): string[];
  retry?: number;
  /** Requests that a load causes at the upstream; not counted where none can arrive. */
  requests?: number;
  /** The load ends only when the test lets it, after the soft deadline. */
  late?: true;
  /** Redis as the cache's shared layer, too. */
  sharedLayer?: true;
}

const ok: LoadEnds = { brings: 2 };
const kept: LoadEnds = { brings: 1 };
const timeout: LoadEnds = { fails: "timeout" };
const unavailable: LoadEnds = { fails: "unavailable" };
const upstreamError: LoadEnds = { fails: "upstream_error" };
const badResponse: LoadEnds = { fails: "bad_response" };

const http = (name: string, load: LoadEnds, behaviour: upstream.Behaviour, more = {}): Fault => ({
  name,
  source: "http",
  load,
  requests: 1,
  begin: (world) => world.upstream.behave(behaviour),
  ...more,
});

const elsewhere = (name: string, url: (world: World) => string): Fault => ({
  name,
  source: "http",
  load: unavailable,
  begin: () => {},
  url,
});

/** Every fault; those that end a server for good come last. */
export const faults: Fault[] = [
  http("ok", ok, json({ n: 2 })),
  http("slow", ok, upstream.waits, { late: true }),
  http("hangs before headers", timeout, hangs),
  http("hangs in mid-body", timeout, hangsInBody),
  http("500", upstreamError, json({ n: 2 }, 500)),
  http("503, tried again", upstreamError, json({ n: 2 }, 503), { retry: 1, requests: 2 }),
  http("404", upstreamError, json({ n: 2 }, 404), { retry: 1 }),
  http("429 with Retry-After beyond the time limit", upstreamError, upstream.tooMany, { retry: 1 }),
  http("304", kept, upstream.notModified, { firstLoad: badResponse }),
  http("broken JSON", badResponse, upstream.brokenJson, { retry: 1 }),
  http("wrong schema", badResponse, json({ n: "two" }), { retry: 1 }),
  http("wrong content type", badResponse, upstream.html),
  http("5 MiB body", badResponse, upstream.fiveMebibytes),
  http("redirect loop", badResponse, upstream.redirectsToItself, { requests: 4 }),
  http("redirect to a host that is not allowed", badResponse, upstream.redirectsToPrivate),
  http(
    "redirect to an allowed host with a private address",
    badResponse,
    upstream.redirectsToPrivate,
    {
      redirectHosts: ({ upstream: { url } }: World) => [`localhost:${new URL(url).port}`],
    },
  ),
  http("connection reset", unavailable, upstream.resets),
  elsewhere("connection refused", ({ closedPort }) => `http://127.0.0.1:${closedPort}/`),
  elsewhere("DNS failure", () => "http://nowhere.invalid/"),
  elsewhere("TLS failure", ({ tls }) => tls.url),
  { name: "SQL that hangs", source: "sql", load: timeout, begin: (world) => world.hangQueries() },
  { name: "Redis hangs", source: "redis", load: timeout, begin: (world) => world.pauseRedis() },
  {
    name: "Redis down, as the cache's shared layer",
    source: "sql",
    load: kept,
    sharedLayer: true,
    begin: (world) => world.stopSharedRedis(),
  },
  { name: "Redis down", source: "redis", load: unavailable, begin: (world) => world.stopRedis() },
  {
    name: "PostgreSQL down",
    source: "sql",
    load: unavailable,
    begin: (world) => world.stopPostgres(),
  },
];

/** Age of the section's cached value when it is asked for. */
export const ages = ["cold", "fresh", "stale", "invalidated", "beyond staleFor"] as const;
export type Age = (typeof ages)[number];

/** What the declaration says of a section that has no data. */
export const kinds = ["optional", "required", "with fallback"] as const;
export type Kind = (typeof kinds)[number];

/** Every fault at every age; with the kinds in turn, so that all pairs of two occur. */
export const cells = faults.map((fault, row) => ({
  fault,
  cells: ages.map((age, column) => ({
    age,
    kind: kinds[(row + column) % kinds.length] ?? "optional",
  })),
}));
