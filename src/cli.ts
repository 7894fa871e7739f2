import { Command, CommanderError } from "commander";
import { createCommandContext } from "./commands/context.ts";
import { CommandError } from "./commands/error.ts";
import { registerImport } from "./commands/import.ts";
import { registerMigrate } from "./commands/migrate.ts";
import { registerRefreshViews } from "./commands/refresh-views.ts";
import { registerSeed } from "./commands/seed.ts";
import { registerServe } from "./commands/serve.ts";
import { registerUser } from "./commands/user.ts";
import { OperatorError } from "./lib/operator-error.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => stop.abort(new CommandError(`stopped by ${signal}`)));
}

const program = new Command("sluice")
  .description("Data-aggregation gateway for dashboards")
  .showHelpAfterError("(add --help for what is possible)")
  .exitOverride();

const context = createCommandContext(process.env, stop.signal);
registerServe(program, context);
registerMigrate(program, context);
registerUser(program, context);
registerSeed(program, context);
registerImport(program, context);
registerRefreshViews(program, context);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}

/** Says in one line what went wrong, and gives the exit code: 2 for wrong usage, else 1. */
function reportFailure(error: unknown): number {
  // Commander has printed its own message; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof OperatorError) {
    console.error(`sluice: ${error.message}`);
    return error.exitCode;
  }
  console.error("sluice:", error);
  return 1;
}
