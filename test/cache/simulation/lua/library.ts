import { strings } from "./strings.ts";
import { asTable, LuaTable, type LuaValue, namespace } from "./table.ts";

/** The standard functions that scripts use, under the names that transpiled code gives them. */
export const library = {
  _tonumber(value: LuaValue): LuaValue {
    const parsed = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    return typeof parsed === "number" && !Number.isNaN(parsed) ? parsed : undefined;
  },
  _tostring: (value: LuaValue) => (value === undefined ? "nil" : String(value)),
  _type(value: LuaValue): string {
    if (value === undefined) return "nil";
    return value instanceof LuaTable ? "table" : typeof value;
  },
  _ipairs: (value: LuaValue) => asTable(value).list.map((item, i) => [i + 1, item]),
  _pairs: (value: LuaValue) => asTable(value).entries(),
  _unpack: (value: LuaValue, from: LuaValue = 1) => asTable(value).list.slice(Number(from) - 1),
  _string: strings,
  _table: namespace({
    insert(table, value) {
      asTable(table).list.push(value);
      return undefined;
    },
    concat: (table, separator) => asTable(table).list.join(String(separator ?? "")),
  }),
  _math: namespace({
    floor: (value) => Math.floor(Number(value)),
    max: (...values) => Math.max(...values.map(Number)),
    min: (...values) => Math.min(...values.map(Number)),
  }),
  _cjson: namespace({ encode: (value) => JSON.stringify(plain(value)) }),
};

function plain(value: LuaValue): unknown {
  if (!(value instanceof LuaTable)) return value;
  const entries = [...value.entries()];
  const listed = entries.length > 0 && entries.every(([key]) => typeof key === "number");
  if (listed) return value.list.map(plain);
  return Object.fromEntries(entries.map(([key, field]) => [String(key), plain(field)]));
}
