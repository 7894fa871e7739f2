import type { DatabaseClient } from "../../db/client.ts";
import { type Env, parseEnv } from "../env.ts";

/** What the commands share. */
export interface CommandContext {
  /** @throws SettingsError that names the faulty settings */
  env(): Env;
  /**
   * Opens the database of the settings, migrated, and closes it afterwards.
   * @throws OperatorError when it cannot be reached, or a running server has it
   */
  withDatabase<T>(run: (client: DatabaseClient, env: Env) => Promise<T>): Promise<T>;
  /** Aborts at SIGINT and SIGTERM. */
  signal: AbortSignal;
}

/**
 * Makes the context of the commands.
 * @param variables the environment of the process
 * @param signal aborts when the process is told to stop
 */
export function createCommandContext(
  variables: Record<string, string | undefined>,
  signal: AbortSignal,
): CommandContext {
  const env = () => parseEnv(variables);
  return {
    env,
    signal,
    async withDatabase(run) {
      const settings = env();
      // Loaded here, so that --help need not wait for the database libraries.
      const { connectDatabase } = await import("../database.ts");
      const client = await connectDatabase(settings, {
        applicationName: "sluice-command",
        signal,
        onRetry: (reason, secondsLeft) =>
          console.error(`PostgreSQL: ${reason}; trying for ${secondsLeft} s more`),
      });
      try {
        return await run(client, settings);
      } finally {
        await client.close();
      }
    },
  };
}
