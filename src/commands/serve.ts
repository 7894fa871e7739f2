import type { Command } from "commander";
import type { EmbeddedDatabase } from "../embedded/pglite.ts";
import type { Env } from "../env.ts";
import type { CommandContext } from "./context.ts";

/** `sluice serve` */
export function registerServe(program: Command, context: CommandContext): void {
  program
    .command("serve")
    .description("run the gateway until SIGINT or SIGTERM")
    .action(async () => {
      const env = context.env();
      const embedded = await startEmbedded(env);
      const { serve } = await import("../node.ts");
      await serve(env, context.signal, embedded);
    });
}

/**
 * Begins to start the embedded database, where it is wanted: it takes longest, in a thread of its
 * own, while this one loads the rest of the program.
 */
async function startEmbedded(
  env: Env,
): Promise<{ database: Promise<EmbeddedDatabase> } | undefined> {
  if (env.DATABASE_URL !== undefined) return undefined;
  const { startPglite } = await import("../embedded/pglite.ts");
  const database = startPglite(env.DATA_DIR);
  // Whoever awaits it hears of a failure.
  database.catch(() => {});
  return { database };
}
