import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "./context.ts";
import { CommandError } from "./error.ts";
import { createProgress, noProgress } from "./progress.ts";

interface SeedFlags {
  posts: number;
  users?: number;
  comments?: number;
  likes?: number;
  seed: number;
  until?: Date;
  username: string;
  json?: true;
}

const DEFAULT_POSTS = 2_000;

const help = `
The same options give the same rows, and a second run with them changes nothing.

Examples:
  $ sluice seed
  $ sluice seed --posts 100000 --comments 1000000 --likes 1000000 --until 2026-01-01`;

/** `sluice seed` */
export function registerSeed(program: Command, context: CommandContext): void {
  program
    .command("seed")
    .description("fill the database with demo data of any size")
    .option("--posts <n>", "posts", count, DEFAULT_POSTS)
    .option("--users <n>", "users (default: one for ten posts)", count)
    .option("--comments <n>", "comments (default: five for each post)", count)
    .option("--likes <n>", "likes (default: eight for each post)", count)
    .option("--seed <n>", "another number gives other rows", count, 1)
    .option("--until <date>", "no row is newer (default: today's midnight, UTC)", date)
    .option("--username <name>", "the user who owns a share of the recent posts", "admin")
    .option("--json", "print the counts as JSON, and nothing else on standard output")
    .addHelpText("after", help)
    .action(async ({ json, username, ...options }: SeedFlags) => {
      const { seedDemo } = await import("../../db/seed.ts");
      const { bulkFailure } = await import("../import/failure.ts");
      await context.withDatabase(async (client) => {
        const progress = json ? noProgress : createProgress("Writing demo data");
        try {
          const report = await seedDemo(
            client,
            { ...options, firstUsername: username, signal: context.signal },
            progress.update,
          );
          progress.stop();
          const { users, posts, comments, likes } = report;
          console.log(
            json
              ? JSON.stringify(report)
              : `Written: ${users} users, ${posts} posts, ${comments} comments, ${likes} likes`,
          );
        } catch (error) {
          if (error instanceof RangeError) throw new CommandError(error.message, 2);
          throw bulkFailure(error);
        } finally {
          progress.stop();
        }
      });
    });
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

function date(text: string): Date {
  const day = new Date(text);
  if (Number.isNaN(day.getTime())) throw new InvalidArgumentError("Use a date: 2026-01-31.");
  return day;
}
