import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** `sluice serve` */
export function registerServe(program: Command, context: CommandContext): void {
  program
    .command("serve")
    .description("run the gateway until SIGINT or SIGTERM")
    .action(async () => {
      const { serve } = await import("../node.ts");
      await serve(context.env(), context.signal);
    });
}
