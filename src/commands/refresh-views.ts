import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

const help = `
The views hold the popular posts and the statistics of authors. \`serve\` refreshes them from time
to time (VIEWS_REFRESH_INTERVAL); this does it now, once a refresh of another instance is over.`;

/** `sluice refresh-views` */
export function registerRefreshViews(program: Command, context: CommandContext): void {
  program
    .command("refresh-views")
    .description("bring the materialized views up to date")
    .option("--json", "print the report as JSON, and nothing else on standard output")
    .addHelpText("after", help)
    .action(async ({ json }: { json?: true }) => {
      // Loaded here, so that --help need not wait for the database libraries.
      const { refreshViews } = await import("../../db/views/refresh.ts");
      await context.withDatabase(async (client) => {
        const views = await refreshViews(client, { signal: context.signal });
        const lines = views.map(
          ({ view, duration_ms }) => `${view}: refreshed in ${duration_ms} ms`,
        );
        console.log(json ? JSON.stringify({ views }) : lines.join("\n"));
      });
    });
}
