import { Cursor } from "./cursor.ts";
import { type Token, tokens } from "./tokens.ts";

const precedence: Record<string, number> = {
  or: 1,
  and: 2,
  "<": 3,
  ">": 3,
  "<=": 3,
  ">=": 3,
  "~=": 3,
  "==": 3,
  "..": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "%": 6,
};
const unaryPrecedence = 7;

/**
 * Turns the Lua that Redis scripts are written in (no metatables, coroutines, goto or multiple
 * results) into the body of a JavaScript function over `$`, the runtime library.
 * @throws SyntaxError for anything else
 */
export function transpile(source: string): string {
  return new Parser(tokens(source)).chunk();
}

class Parser extends Cursor {
  chunk(): string {
    const body = this.#block();
    if (this.token.kind !== "end") this.fail();
    return body;
  }

  #block(): string {
    let body = "";
    const ends = ["end", "else", "elseif", "until"];
    while (this.token.kind !== "end" && !ends.some((end) => this.is(end))) {
      body += `${this.#statement()};\n`;
      this.take(";");
    }
    return body;
  }

  #blockUntil(end: string): string {
    const body = this.#block();
    this.expect(end);
    return body;
  }

  #statement(): string {
    if (this.take("local")) return this.#local();
    if (this.take("if")) return this.#if();
    if (this.take("while")) {
      const condition = this.#expression();
      this.expect("do");
      return `while ($.truthy(${condition})) {${this.#blockUntil("end")}}`;
    }
    if (this.take("for")) return this.#for();
    if (this.take("function")) return `var ${this.name()} = ${this.#function()}`;
    if (this.take("do")) return `{${this.#blockUntil("end")}}`;
    if (this.take("break")) return "break";
    if (this.take("return"))
      return `return ${this.#endsBlock() ? "undefined" : this.#expression()}`;
    return this.#assignmentOrCall();
  }

  #endsBlock(): boolean {
    return this.token.kind === "end" || this.is("end") || this.is("else") || this.is("elseif");
  }

  #local(): string {
    if (this.take("function")) {
      const name = this.name();
      return `let ${name} = ${this.#function()}`;
    }
    const names = [this.name()];
    while (this.take(",")) names.push(this.name());
    const values = this.take("=") ? this.#list() : [];
    // Several names from one call: the runtime hands multiple results over as a JavaScript array.
    if (values.length === 1 && names.length > 1) return `let [${names.join(", ")}] = ${values[0]}`;
    return `let ${names.map((name, i) => `${name} = ${values[i] ?? "undefined"}`).join(", ")}`;
  }

  #if(): string {
    const condition = this.#expression();
    this.expect("then");
    let code = `if ($.truthy(${condition})) {${this.#block()}}`;
    if (this.take("elseif")) code += ` else {${this.#if()}}`;
    else if (this.take("else")) code += ` else {${this.#blockUntil("end")}}`;
    else this.expect("end");
    return code;
  }

  #for(): string {
    const first = this.name();
    if (this.take("=")) {
      const [from, to, by = "1"] = this.#list();
      this.expect("do");
      const test = `$.within(${first}, ${to}, ${by})`;
      return `for (let ${first} = ${from}; ${test}; ${first} += ${by}) {${this.#blockUntil("end")}}`;
    }
    const second = this.take(",") ? `, ${this.name()}` : "";
    this.expect("in");
    const iterated = this.#expression();
    this.expect("do");
    return `for (let [${first}${second}] of ${iterated}) {${this.#blockUntil("end")}}`;
  }

  #function(): string {
    this.expect("(");
    const parameters: string[] = [];
    while (!this.is(")")) {
      parameters.push(this.name());
      this.take(",");
    }
    this.expect(")");
    return `(function (${parameters.join(", ")}) {${this.#blockUntil("end")}})`;
  }

  #assignmentOrCall(): string {
    const target = this.#suffixed();
    if (!this.take("=")) return target;
    const value = this.#expression();
    const indexed = /^\$\.get\((.*)\)$/s.exec(target);
    return indexed ? `$.set(${indexed[1]}, ${value})` : `${target} = ${value}`;
  }

  #list(): string[] {
    const items = [this.#expression()];
    while (this.take(",")) items.push(this.#expression());
    return items;
  }

  #expression(least = 0): string {
    let left = this.#unary();
    for (;;) {
      const operator = this.token.text;
      const rank = /keyword|symbol/.test(this.token.kind) ? precedence[operator] : undefined;
      if (rank === undefined || rank <= least) return left;
      this.advance();
      // Concatenation binds to the right, the others to the left.
      const right = this.#expression(operator === ".." ? rank - 1 : rank);
      left = binary(operator, left, right);
    }
  }

  #unary(): string {
    if (this.take("not")) return `!$.truthy(${this.#expression(unaryPrecedence)})`;
    if (this.take("#")) return `$.length(${this.#expression(unaryPrecedence)})`;
    if (this.take("-")) return `(-${this.#expression(unaryPrecedence)})`;
    return this.#suffixed();
  }

  #suffixed(): string {
    let code = this.#primary();
    for (;;) {
      if (this.take(".")) code = `$.get(${code}, ${JSON.stringify(this.name().slice(1))})`;
      else if (this.take("[")) {
        const key = this.#expression();
        this.expect("]");
        code = `$.get(${code}, ${key})`;
      } else if (this.take(":")) {
        const method = JSON.stringify(this.name().slice(1));
        code = `$.method(${code}, ${method})(${[code, ...this.#arguments()].join(", ")})`;
      } else if (this.is("(")) code = `${code}(${this.#arguments().join(", ")})`;
      else return code;
    }
  }

  #arguments(): string[] {
    this.expect("(");
    const args = this.is(")") ? [] : this.#list();
    this.expect(")");
    // `f(unpack(t))`, as calls with a computed number of arguments are written.
    return args.map((arg) => (arg.startsWith("_unpack(") ? `...${arg}` : arg));
  }

  #primary(): string {
    const token = this.token;
    if (token.kind === "name") return this.name();
    if (this.take("(")) {
      const inner = this.#expression();
      this.expect(")");
      return `(${inner})`;
    }
    if (this.take("{")) return this.#table();
    if (this.take("function")) return this.#function();
    const literal = literalOf(token);
    if (literal === undefined) this.fail();
    this.advance();
    return literal;
  }

  #table(): string {
    const items: string[] = [];
    const fields: string[] = [];
    while (!this.take("}")) {
      const next = this.following;
      if (this.take("[")) {
        const key = this.#expression();
        this.expect("]");
        this.expect("=");
        fields.push(`[${key}, ${this.#expression()}]`);
      } else if (this.token.kind === "name" && next?.kind === "symbol" && next.text === "=") {
        const key = JSON.stringify(this.name().slice(1));
        this.expect("=");
        fields.push(`[${key}, ${this.#expression()}]`);
      } else {
        const item = this.#expression();
        items.push(item.startsWith("_unpack(") ? `...${item}` : item);
      }
      if (!this.take(",")) this.take(";");
    }
    return `$.table([${items.join(", ")}], [${fields.join(", ")}])`;
  }
}

function literalOf({ kind, text }: Token): string | undefined {
  if (kind === "number") return text;
  if (kind === "string") return JSON.stringify(text);
  if (kind !== "keyword") return undefined;
  if (text === "nil") return "undefined";
  return text === "true" || text === "false" ? text : undefined;
}

function binary(operator: string, left: string, right: string): string {
  switch (operator) {
    case "and":
      return `$.and(${left}, () => ${right})`;
    case "or":
      return `$.or(${left}, () => ${right})`;
    case "..":
      return `$.concat(${left}, ${right})`;
    case "==":
      return `(${left} === ${right})`;
    case "~=":
      return `(${left} !== ${right})`;
    default:
      return `($.number(${left}) ${operator} $.number(${right}))`;
  }
}
