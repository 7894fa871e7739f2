import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** `sluice migrate` */
export function registerMigrate(program: Command, context: CommandContext): void {
  program
    .command("migrate")
    .description("bring the database schema up to date; `serve` does it too")
    .action(() =>
      context.withDatabase(async () => {
        console.log("The schema is up to date.");
      }),
    );
}
