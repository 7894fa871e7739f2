import { type LuaValue, namespace } from "./table.ts";

/** The string library, as far as scripts use it. */
export const strings = namespace({
  match: (text, pattern) => found(new RegExp(asJs(String(pattern))).exec(String(text))),
  find: (text, pattern, start, plain) => {
    const from = Number(start ?? 1) - 1;
    const rest = String(text).slice(from);
    const at = plain ? rest.indexOf(String(pattern)) : rest.search(asJs(String(pattern)));
    return at < 0 ? undefined : at + from + 1;
  },
  sub: (text, from, to) => {
    const length = String(text).length;
    const start = Number(from) < 0 ? length + Number(from) : Number(from) - 1;
    const stop = Number(to ?? -1);
    return String(text).slice(Math.max(0, start), stop < 0 ? length + stop + 1 : stop);
  },
  len: (text) => String(text).length,
});

function found(match: RegExpExecArray | null): LuaValue | LuaValue[] {
  if (!match) return undefined;
  return match.length > 2 ? match.slice(1) : (match[1] ?? match[0]);
}

const classes: Readonly<Record<string, string>> = {
  a: "A-Za-z",
  d: "0-9",
  s: "\\s",
  w: "A-Za-z0-9",
  x: "0-9a-fA-F",
};

/** A Lua pattern as a regular expression (no %b, %f or back references). */
function asJs(pattern: string): string {
  let inSet = false;
  return pattern.replace(/%(.)|[[\]{}|\\-]/g, (text, escaped?: string) => {
    if (escaped !== undefined) {
      const set = classes[escaped];
      if (set === undefined) return `\\${escaped}`;
      return inSet ? set : `[${set}]`;
    }
    if (text === "[") inSet = true;
    else if (text === "]") inSet = false;
    else if (text === "-") return inSet ? "-" : "*?";
    else return inSet && text === "|" ? text : `\\${text}`;
    return text;
  });
}
