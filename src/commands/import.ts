import { basename, resolve } from "node:path";
import type { Command } from "commander";
import type { CommandContext } from "./context.ts";
import { CommandError } from "./error.ts";
import { createProgress, noProgress } from "./progress.ts";

interface ImportFlags {
  site?: string;
  json?: true;
}

const help = `
DIR holds one site: Users and Posts, and perhaps Tags, Comments and Votes, each as
.xml, .xml.zst, .xml.gz, .csv or .csv.gz. Rows that are there already stay as they are:
a second import changes nothing, and completes one that was interrupted.

Examples:
  $ sluice import stackexchange ./beer.stackexchange.com
  $ sluice import stackexchange ./dump --site beer.stackexchange.com --json`;

/** `sluice import stackexchange` */
export function registerImport(program: Command, context: CommandContext): void {
  program
    .command("import")
    .description("bring real data into the database")
    .command("stackexchange <dir>")
    .description("import the dump of one Stack Exchange site: posts, comments, up-votes, tags")
    .option("--site <name>", "source and category of the rows (default: the folder's name)")
    .option("--json", "print the report as JSON, and nothing else on standard output")
    .addHelpText("after", help)
    .action(async (folder: string, flags: ImportFlags) => {
      const { importStackExchange } = await import("../import/import-site.ts");
      const { reportLines, tableLine } = await import("../import/report.ts");
      const site = await siteName(flags.site ?? basename(resolve(folder)));
      await context.withDatabase(async (client) => {
        const progress = flags.json ? noProgress : createProgress(`Importing ${site}`);
        try {
          const report = await importStackExchange(client, {
            folder,
            site,
            signal: context.signal,
            onProgress: ({ bytesRead, bytesTotal }) => progress.update(bytesRead, bytesTotal),
            onTable: (table, counts) => progress.line(tableLine(table, counts)),
          });
          progress.stop();
          console.log(flags.json ? JSON.stringify(report) : reportLines(report).join("\n"));
        } finally {
          progress.stop();
        }
      });
    });
}

async function siteName(name: string): Promise<string> {
  const { SLUG_MAX_LENGTH } = await import("../../db/limits.ts");
  const { DEMO_SOURCE } = await import("../../db/seed.ts");
  const site = name.trim();
  if (site === "" || site.length > SLUG_MAX_LENGTH) {
    throw new CommandError(`--site must have 1 to ${SLUG_MAX_LENGTH} characters`, 2);
  }
  if (site === DEMO_SOURCE) throw new CommandError(`--site "${site}" is kept for demo data`, 2);
  return site;
}
