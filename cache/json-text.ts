/** Deeper values are refused; a circular value shows itself in the same way. */
const maxDepth = 500;

/** A value that JSON cannot carry. `path` is where, such as "$.rows[3].total". */
export class NotJsonError extends TypeError {
  override readonly name = "NotJsonError";
  readonly path: string;
  constructor(path: string, what: string) {
    super(`the value at ${path} is ${what}, which JSON cannot carry`);
    this.path = path;
  }
}

/**
 * Writes a value as JSON text and refuses whatever would come back as something else than
 * `Jsonify` of its type says.
 * @throws NotJsonError for BigInt, NaN, infinities, Map, Set, functions, undefined in arrays, …
 */
export function toJsonText(value: unknown): string {
  const found = findForeign(value, "", 0);
  if (found !== undefined) throw new NotJsonError(`$${found.path}`, found.what);
  return JSON.stringify(value);
}

interface Foreign {
  path: string;
  what: string;
}

/** The path is put together on the way back only, so that a good value costs no allocation. */
function findForeign(value: unknown, key: string, depth: number): Foreign | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { path: "", what: String(value) };
    case "object":
      if (value === null) return undefined;
      if (depth > maxDepth) return { path: "", what: `circular or deeper than ${maxDepth} levels` };
      return findInObject(value, key, depth);
    default:
      return { path: "", what: value === undefined ? "undefined" : `a ${typeof value}` };
  }
}

function findInObject(value: object, key: string, depth: number): Foreign | undefined {
  if (Array.isArray(value)) return findInArray(value, depth);
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    return { path: "", what: "an invalid Date" };
  }
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return findForeign(value.toJSON(key), key, depth + 1);
  }
  if (!isPlain(value)) return { path: "", what: `a ${value.constructor.name}` };
  for (const name of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const found = findForeign(member, name, depth + 1);
    if (found !== undefined) return { ...found, path: `${pathStep(name)}${found.path}` };
  }
  return undefined;
}

function findInArray(values: readonly unknown[], depth: number): Foreign | undefined {
  for (let i = 0; i < values.length; i++) {
    const found = findForeign(values[i], String(i), depth + 1);
    if (found !== undefined) return { ...found, path: `[${i}]${found.path}` };
  }
  return undefined;
}

/** Rows of a database driver may have a class, but nothing that JSON would empty out. */
function isPlain(value: object): boolean {
  if (Object.getPrototypeOf(value) === Object.prototype) return !(Symbol.iterator in value);
  return !(
    Symbol.iterator in value ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof Promise ||
    value instanceof RegExp ||
    value instanceof Error ||
    value instanceof ArrayBuffer ||
    value instanceof DataView ||
    value instanceof Number ||
    value instanceof Boolean
  );
}

function pathStep(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name)
    ? `.${name}`
    : `[${JSON.stringify(name)}]`;
}
