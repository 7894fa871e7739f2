import { findAccount } from "../db/queries/accounts.ts";
import type { Env } from "./env.ts";
import { AppError } from "./lib/errors.ts";
import type { NodePlatform } from "./platform.ts";
import type { Services } from "./services.ts";

interface BannerOptions {
  env: Env;
  port: number;
  platform: NodePlatform;
  services: Services;
}

/** Makes what a person needs to see at the start: address, login, one call, what is embedded. */
export async function bannerText(options: BannerOptions): Promise<string> {
  const { env, port } = options;
  const host = env.HOST === "0.0.0.0" || env.HOST === "::" ? "localhost" : env.HOST;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const lines = [
    `Sluice listens on ${url}`,
    ...loginLines(options),
    ...(await callLines(options, url)),
    ...embeddedLines(options.platform),
  ];
  return `\n${lines.map((line) => `  ${line}`).join("\n")}\n\n`;
}

function loginLines({ env, platform: { admin } }: BannerOptions): string[] {
  switch (admin.state) {
    case "missing":
      return ["Nobody can log in yet: set ADMIN_PASSWORD, or run `npx sluice user add NAME`"];
    case "exists":
      return [];
    case "created":
      return admin.generatedPassword === undefined
        ? [`Login      ${admin.username}, with the password of ADMIN_PASSWORD`]
        : env.NODE_ENV === "production"
          ? []
          : [`Login      ${admin.username} / ${admin.generatedPassword}  (shown this once)`];
  }
}

/** A call that works as it is pasted; in production no token is made for it. */
async function callLines(options: BannerOptions, url: string): Promise<string[]> {
  const { env, platform, services } = options;
  if (env.NODE_ENV === "production") return [];
  const account = await findAccount(platform.database.db, env.ADMIN_USERNAME);
  if (!account?.passwordHash) return [];
  try {
    const { token } = await services.auth.openSession(account);
    return [`Try it     curl -H "Authorization: Bearer ${token}" ${url}/api/dashboard`];
  } catch (error) {
    // Redis may come later: that is no reason not to start.
    if (!(error instanceof AppError)) throw error;
    return ["Redis      does not answer: nobody can log in until it does"];
  }
}

function embeddedLines({ embedded }: NodePlatform): string[] {
  return [
    ...(embedded.database
      ? [
          "Database   embedded PGlite under DATA_DIR: one process, one statement at a time,",
          "           no cancelling of queries; set DATABASE_URL for PostgreSQL",
        ]
      : []),
    ...(embedded.redis
      ? [
          "Redis      embedded, in memory: sessions and counters end with this process",
          "           and no other instance shares them; set REDIS_URL for Redis",
        ]
      : []),
    ...(embedded.upstream
      ? [
          "External   external_data comes from a small built-in API;",
          "           set EXTERNAL_STATS_URL for a real one",
        ]
      : []),
  ];
}
