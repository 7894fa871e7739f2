// A writer that commits and then waits to be killed: what a crash between the commit and the
// invalidation leaves behind.
import { POSTGRESQL } from "../../db/capabilities.ts";
import { openDatabase } from "../../db/client.ts";
import { noteTags } from "../../db/outbox.ts";
import { inTransaction } from "../../db/transaction.ts";

const [url = ""] = process.argv.slice(2);
const { sql } = openDatabase({
  url,
  poolSize: 1,
  capabilities: POSTGRESQL,
  applicationName: "sluice-test-writer",
});
await inTransaction(sql, async (transaction) => {
  await transaction`update categories set name = 'new' where slug = 'news'`;
  await noteTags(transaction, ["categories"]);
});
console.log("committed");
setInterval(() => {}, 1_000);
