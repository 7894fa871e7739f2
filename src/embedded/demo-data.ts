import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseClient } from "../../db/client.ts";
import type { Log } from "../lib/log.ts";

/** Written once the demo data is whole: a first start that was interrupted fills it up again. */
const MARKER = "demo-data";

/**
 * Fills the embedded database with demo data on the first start, and never again.
 * @param options the folder of the database, and the user who shall own a share of the posts
 */
export async function fillDemoData(
  database: DatabaseClient,
  options: { DATA_DIR: string; ADMIN_USERNAME: string },
  log: Log,
): Promise<void> {
  const marker = join(options.DATA_DIR, MARKER);
  const done = await access(marker).then(
    () => true,
    () => false,
  );
  if (done) return;
  // Loaded here, so that later starts need not wait for the generator of demo data.
  const { FIRST_START_POSTS, seedDemo } = await import("../../db/seed.ts");
  log.info({ posts: FIRST_START_POSTS }, "first start: writing demo data");
  await seedDemo(database, { posts: FIRST_START_POSTS, firstUsername: options.ADMIN_USERNAME });
  await writeFile(marker, new Date().toISOString());
}
