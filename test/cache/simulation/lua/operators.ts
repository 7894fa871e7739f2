import { strings } from "./strings.ts";
import { asTable, LuaTable, type LuaValue } from "./table.ts";

/** The operators of transpiled code, with Lua's idea of truth and its refusals. */
export const operators = {
  truthy,
  and: (left: LuaValue, right: () => LuaValue) => (truthy(left) ? right() : left),
  or: (left: LuaValue, right: () => LuaValue) => (truthy(left) ? left : right()),
  concat(left: LuaValue, right: LuaValue): string {
    if (!isText(left) || !isText(right)) throw new TypeError("Lua: attempt to concatenate");
    return `${left}${right}`;
  },
  /** An operand of arithmetic or comparison: texts compare as texts, as in Lua. */
  number(value: LuaValue): number | string {
    if (!isText(value)) throw new TypeError(`Lua: attempt to compute with ${String(value)}`);
    return value;
  },
  length(value: LuaValue): number {
    return typeof value === "string" ? value.length : asTable(value).list.length;
  },
  get: (table: LuaValue, key: LuaValue) => asTable(table).get(key),
  set: (table: LuaValue, key: LuaValue, value: LuaValue) => asTable(table).set(key, value),
  method: (value: LuaValue, name: string) =>
    (typeof value === "string" ? strings : asTable(value)).get(name),
  within: (value: number, to: number, by: number) => (by > 0 ? value <= to : value >= to),
  table(items: LuaValue[], fields: [LuaValue, LuaValue][]): LuaTable {
    const table = LuaTable.of(items);
    for (const [key, value] of fields) table.set(key, value);
    return table;
  },
};

function truthy(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

function isText(value: LuaValue): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
