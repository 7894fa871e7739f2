/** An object's members, some left out, some under another name. */
export type Shaped<T, Pick extends keyof T, Rename> = [keyof T] extends [Pick]
  ? keyof Rename extends never
    ? T
    : Renamed<T, Pick, Rename>
  : Renamed<T, Pick, Rename>;

type Renamed<T, Pick extends keyof T, Rename> = {
  [K in Pick as K extends keyof Rename ? Rename[K] & string : K]: T[K];
};

/**
 * Keeps some members of an object and renames some.
 * @param pick members to keep; all when absent
 * @param rename new names by old ones
 */
export function shape<T, Pick extends keyof T, Rename>(
  data: T,
  pick: readonly Pick[] | undefined,
  rename: Rename | undefined,
): Shaped<T, Pick, Rename> {
  const names = new Map(Object.entries(rename ?? {}));
  const isAsIs = pick === undefined && names.size === 0;
  const members = Object.entries(isAsIs ? {} : Object(data))
    .filter(([name]) => pick === undefined || pick.some((kept) => kept === name))
    .map(([name, value]) => [names.get(name) ?? name, value]);
  return (isAsIs ? data : Object.fromEntries(members)) as Shaped<T, Pick, Rename>;
}
