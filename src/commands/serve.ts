import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** `sluice serve` */
export function registerServe(program: Command, context: CommandContext): void {
  program
    .command("serve")
    .description("run the gateway until SIGINT or SIGTERM")
    .action(async () => {
      const env = context.env();
      const { serve } = await import("../node.ts");
      await serve(env, context.signal);
    });
}
