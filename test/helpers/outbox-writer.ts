// A writer that commits and then waits to be killed: what a crash between the commit and the
// invalidation leaves behind.
import { sql } from "drizzle-orm";
import { POSTGRESQL } from "../../db/capabilities.ts";
import { openDatabase } from "../../db/client.ts";
import { noteTags } from "../../db/outbox.ts";

const [url = ""] = process.argv.slice(2);
const { db } = openDatabase({
  url,
  poolSize: 1,
  capabilities: POSTGRESQL,
  applicationName: "sluice-test-writer",
});
await db.transaction(async (transaction) => {
  await transaction.execute(sql`update categories set name = 'new' where slug = 'news'`);
  await noteTags(transaction, ["categories"]);
});
console.log("committed");
setInterval(() => {}, 1_000);
