import type { Command } from "commander";
import { knownScopes, scopes } from "../auth/scopes.ts";
import type { CommandContext } from "./context.ts";
import { CommandError } from "./error.ts";

/** `sluice user add` */
export function registerUser(program: Command, context: CommandContext): void {
  const user = program.command("user").description("manage the users who can log in");
  user
    .command("add <username>")
    .description("make a user; the password is read from standard input")
    .option("--scope <scope...>", `what the user may do: ${scopes.join(", ")}`, ["dashboards:read"])
    .action(async (username: string, options: { scope: string[] }) => {
      const unknown = options.scope.find((name) => knownScopes([name]).length === 0);
      if (unknown !== undefined) {
        throw new CommandError(`unknown scope "${unknown}": use ${scopes.join(", ")}`, 2);
      }
      const password = await readPassword();
      // Loaded here, so that --help need not wait for the database libraries.
      const [{ createAccount }, { hashPassword }] = await Promise.all([
        import("../../db/queries/accounts.ts"),
        import("../auth/passwords.ts"),
      ]);
      const passwordHash = await hashPassword(password);
      await context.withDatabase(async ({ db }) => {
        const account = { username, passwordHash, scopes: knownScopes(options.scope) };
        if (!(await createAccount(db, account))) {
          throw new CommandError(`the user "${username}" exists already`);
        }
        console.log(`User "${username}" can log in.`);
      });
    });
}

const MAX_PASSWORD_BYTES = 4_096;

/** From standard input, so that it is in no shell history and no process list. */
async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("Password: ");
  let text = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    text += chunk;
    if (text.includes("\n") || text.length > MAX_PASSWORD_BYTES) break;
  }
  const password = text.split("\n")[0]?.replace(/\r$/, "") ?? "";
  if (password.length < 8 || password.length > 1_024) {
    throw new CommandError("the password must have 8 to 1024 characters", 2);
  }
  return password;
}
