import { compileFunction } from "node:vm";
import type { Reply } from "../redis-store.ts";
import { library } from "./library.ts";
import { operators } from "./operators.ts";
import { LuaTable, type LuaValue, namespace } from "./table.ts";
import { transpile } from "./transpile.ts";

/** A Lua script made ready: runs on any server that has `call`. */
export type Script = (
  call: (command: string, args: string[]) => Reply,
  keys: string[],
  args: string[],
) => Reply;

/**
 * Makes the very Lua source that the engine sends to Redis run inside the simulation.
 * @throws SyntaxError when it uses Lua that Redis scripts of ours do not use
 */
export function script(source: string): Script {
  const names = [...Object.keys(library), "_redis", "_KEYS", "_ARGV"];
  const run = compileFunction(transpile(source), ["$", ...names]);
  return (call, keys, args) => {
    const redis = namespace({
      call: (command, ...rest) => fromReply(call(String(command).toUpperCase(), rest.map(text))),
      error_reply: (message) => operators.table([], [["err", message]]),
      replicate_commands: () => true,
    });
    const values = [...Object.values(library), redis, LuaTable.of(keys), LuaTable.of(args)];
    return toReply(run(operators, ...values));
  };
}

function text(value: LuaValue): string {
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new TypeError("Lua redis() command arguments must be strings or integers");
}

function fromReply(reply: Reply): LuaValue {
  if (reply === null) return false;
  if (Array.isArray(reply)) return LuaTable.of(reply.map(fromReply));
  return reply;
}

function toReply(value: LuaValue): Reply {
  if (value === undefined || value === false) return null;
  if (value === true) return 1;
  if (typeof value === "number") return Math.trunc(value);
  if (value instanceof LuaTable) {
    const error = value.get("err");
    if (error !== undefined) throw new Error(String(error));
    // Redis cuts a reply at its first nil.
    const end = value.list.indexOf(undefined);
    return (end < 0 ? value.list : value.list.slice(0, end)).map(toReply);
  }
  return typeof value === "string" ? value : null;
}
