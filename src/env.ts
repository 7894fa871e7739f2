import { z } from "zod";
import { OperatorError } from "./lib/operator-error.ts";

interface Documentation {
  [key: string]: unknown;
  description: string;
  example: string;
  /** The value never appears in a message. */
  secret?: true;
}

/** Checked by scheme, so that a swapped pair of addresses is noticed. */
const address = (...schemes: string[]) =>
  z.string().refine((text) => schemes.includes(URL.parse(text)?.protocol.slice(0, -1) ?? ""), {
    error: `must be an address that starts with ${schemes.map((s) => `${s}://`).join(" or ")}`,
  });

const redisNodes = z
  .string()
  .refine(
    (text) => text.split(",").every((node) => /^rediss?:$/.test(URL.parse(node)?.protocol ?? "")),
    {
      error: "must be redis:// or rediss:// addresses, separated by commas for a Cluster",
    },
  );

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const flag = z.enum(["0", "1"], { error: "must be 0 or 1" }).transform((text) => text === "1");

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(", ")}` });

const text = (min: number, max: number) => {
  const error = `must have ${min} to ${max} characters`;
  return z.string().min(min, { error }).max(max, { error });
};

const documented = (documentation: Documentation) => documentation;

/** Every setting with its form, default and documentation; docs/settings.md is tested against it. */
export const settings = z.object({
  PORT: wholeNumber(0, 65_535)
    .default(3_000)
    .meta(
      documented({ example: "3000", description: "Port of the HTTP server; 0 takes a free one" }),
    ),
  HOST: text(1, 255)
    .default("127.0.0.1")
    .meta(
      documented({
        example: "0.0.0.0",
        description: "Address that the HTTP server listens on; 0.0.0.0 for every interface",
      }),
    ),
  DATABASE_URL: address("postgres", "postgresql")
    .optional()
    .meta(
      documented({
        example: "postgres://user:password@host:5432/sluice",
        description: "PostgreSQL 15 to 18; unset: embedded PGlite under DATA_DIR",
        secret: true,
      }),
    ),
  DATABASE_POOL_SIZE: wholeNumber(1, 1_000)
    .default(10)
    .meta(documented({ example: "10", description: "Connections to PostgreSQL at most" })),
  DATABASE_QUERY_TIMEOUT: wholeNumber(100, 3_600_000)
    .default(30_000)
    .meta(
      documented({
        example: "30000",
        description:
          "Milliseconds after which a statement is cancelled, and its connection closed if that does not help; transactions have limits of their own",
      }),
    ),
  DATABASE_SLOW_QUERY: wholeNumber(1, 3_600_000)
    .default(100)
    .meta(
      documented({
        example: "100",
        description: "Milliseconds from which on a statement is logged as slow",
      }),
    ),
  DATABASE_POOLED: flag.default(false).meta(
    documented({
      example: "1",
      description: "1 when DATABASE_URL leads to PgBouncer in transaction mode",
    }),
  ),
  DATABASE_DIRECT_URL: address("postgres", "postgresql")
    .optional()
    .meta(
      documented({
        example: "postgres://user:password@host:5432/sluice",
        description:
          "Address past the pooler, for migrations; has to be there when DATABASE_POOLED is 1; unset: DATABASE_URL",
        secret: true,
      }),
    ),
  VIEWS_REFRESH_INTERVAL: wholeNumber(0, 86_400)
    .default(300)
    .meta(
      documented({
        example: "300",
        description:
          "Seconds after which the materialized views are refreshed, by one instance; 0: never",
      }),
    ),
  EVENTS_FLUSH_INTERVAL: wholeNumber(1, 3_600)
    .default(10)
    .meta(
      documented({
        example: "10",
        description: "Seconds after which page views that were counted are added to the posts",
      }),
    ),
  REDIS_URL: redisNodes.optional().meta(
    documented({
      example: "redis://127.0.0.1:6379",
      description: "Redis 7 or newer; nodes of a Cluster separated by commas; unset: in memory",
      secret: true,
    }),
  ),
  EXTERNAL_STATS_URL: address("http", "https")
    .optional()
    .meta(
      documented({
        example: "https://stats.example.com/v1/summary",
        description: "The API behind the section external_data; unset: a small built-in upstream",
        secret: true,
      }),
    ),
  DATA_DIR: text(1, 4_096)
    .default(".data")
    .meta(
      documented({ example: "/var/lib/sluice", description: "Folder of the embedded database" }),
    ),
  ADMIN_USERNAME: text(1, 100)
    .default("admin")
    .meta(documented({ example: "admin", description: "Name of the first user" })),
  ADMIN_PASSWORD: text(8, 1_024)
    .optional()
    .meta(
      documented({
        example: "a-long-phrase",
        description: "Password of the first user; unset: a random one, shown once",
        secret: true,
      }),
    ),
  LOG_LEVEL: oneOf(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .meta(documented({ example: "info", description: "Least severe log line that is written" })),
  NODE_ENV: oneOf(["development", "test", "production"])
    .default("development")
    .meta(
      documented({
        example: "production",
        description: "In production neither a login nor a token is printed at the start",
      }),
    ),
  SHUTDOWN_TIMEOUT: wholeNumber(0, 600_000)
    .default(10_000)
    .meta(
      documented({
        example: "10000",
        description: "Milliseconds that requests in flight get to finish after SIGTERM",
      }),
    ),
});

export type Env = z.output<typeof settings>;

/** Settings that cannot be used; the message has one line a fault and no value of a secret. */
export class SettingsError extends OperatorError {
  override name = "SettingsError";

  /** @param faults one line each */
  constructor(faults: readonly string[]) {
    super(`these settings cannot be used:\n${faults.join("\n")}`, 2);
  }
}

/**
 * Reads the settings. An empty variable counts as unset.
 * @param variables the environment of the process, or the bindings of a Worker
 * @returns the settings with their defaults
 * @throws SettingsError naming each faulty variable, what is wrong with it, and an example
 */
export function parseEnv(variables: Record<string, string | undefined>): Env {
  const names = Object.keys(settings.shape) as (keyof Env)[];
  const present = Object.fromEntries(
    names.flatMap((name) => (variables[name] ? [[name, variables[name]]] : [])),
  );
  const result = settings.safeParse(present);
  const faulty = new Map(result.error?.issues.map((issue) => [issue.path[0], issue.message]));
  if (isPoolerAlone(present)) {
    faulty.set("DATABASE_DIRECT_URL", "must lead past the pooler when DATABASE_POOLED is 1");
  }
  if (result.success && faulty.size === 0) return result.data;
  const lines = names.flatMap((name) => {
    const problem = faulty.get(name);
    if (problem === undefined) return [];
    const { example, secret } = settings.shape[name].meta() as Documentation;
    const found = secret ? "" : `, not ${JSON.stringify(present[name])}`;
    return [`  ${name} ${problem}${found}; for example ${name}=${example}`];
  });
  throw new SettingsError(lines);
}

/** Migrating takes locks and settings of a session, which would stay with a connection of the pooler's. */
function isPoolerAlone(present: Partial<Record<string, string>>): boolean {
  const { DATABASE_URL, DATABASE_POOLED, DATABASE_DIRECT_URL } = present;
  return DATABASE_POOLED === "1" && DATABASE_URL !== undefined && DATABASE_DIRECT_URL === undefined;
}
