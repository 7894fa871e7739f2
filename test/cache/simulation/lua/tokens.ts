export interface Token {
  kind: "name" | "keyword" | "number" | "string" | "symbol" | "end";
  text: string;
  line: number;
}

const keywords = new Set(
  "and break do else elseif end false for function if in local nil not or repeat return then true until while".split(
    " ",
  ),
);
const pattern =
  /(\s+|--[^\n]*)|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(\.\.\.?|==|~=|<=|>=|[-+*/%^#<>=(){}[\];:,.])/y;

/**
 * Cuts Lua source into tokens.
 * @throws SyntaxError at a character that no token begins with
 */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  pattern.lastIndex = 0;
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(source);
    if (!match) throw new SyntaxError(`Lua line ${line}: "${source.slice(at, at + 20)}"`);
    const [text, blank, name, number, quoted] = match;
    if (name !== undefined) {
      found.push({ kind: keywords.has(name) ? "keyword" : "name", text, line });
    } else if (number !== undefined) found.push({ kind: "number", text, line });
    else if (quoted !== undefined) found.push({ kind: "string", text: unquoted(quoted), line });
    else if (blank === undefined) found.push({ kind: "symbol", text, line });
    line += text.split("\n").length - 1;
  }
  found.push({ kind: "end", text: "", line });
  return found;
}

function unquoted(literal: string): string {
  const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r" };
  return literal.slice(1, -1).replace(/\\(.)/g, (_, c: string) => escapes[c] ?? c);
}
