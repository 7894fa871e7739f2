export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction;
export type LuaFunction = (...args: LuaValue[]) => LuaValue | LuaValue[];

/** A Lua table: a list from 1 on, and everything else. */
export class LuaTable {
  readonly list: LuaValue[] = [];
  readonly #fields = new Map<LuaValue, LuaValue>();

  static of(items: Iterable<LuaValue>): LuaTable {
    const table = new LuaTable();
    for (const item of items) table.list.push(item);
    return table;
  }

  get(key: LuaValue): LuaValue {
    return typeof key === "number" ? this.list[key - 1] : this.#fields.get(key);
  }

  set(key: LuaValue, value: LuaValue): void {
    if (typeof key !== "number") this.#fields.set(key, value);
    else if (value === undefined && key === this.list.length) this.list.pop();
    else if (key >= 1 && key <= this.list.length + 1) this.list[key - 1] = value;
    else throw new RangeError(`Lua: sparse table (index ${key} of ${this.list.length})`);
  }

  entries(): Iterable<[LuaValue, LuaValue]> {
    const listed = this.list.map((value, i): [LuaValue, LuaValue] => [i + 1, value]);
    return [...listed, ...this.#fields];
  }
}

/** A table of functions under their Lua names. */
export function namespace(functions: Readonly<Record<string, LuaFunction>>): LuaTable {
  const table = new LuaTable();
  for (const [name, member] of Object.entries(functions)) table.set(name, member);
  return table;
}

/** @throws TypeError as Lua does for a value that is no table */
export function asTable(value: LuaValue): LuaTable {
  if (value instanceof LuaTable) return value;
  throw new TypeError(`Lua: attempt to index ${String(value)}`);
}
