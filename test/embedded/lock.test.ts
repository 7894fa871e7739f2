import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FolderInUseError, lockFolder } from "../../src/embedded/lock.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

it("claims a folder under this process' number and gives it free", async () => {
  const unlock = await lockFolder(folder.path);
  expect(await readdir(folder.path)).toEqual(["lock"]);
  expect(await readFile(join(folder.path, "lock"), "utf8")).toBe(String(process.pid));
  await unlock();
  expect(await readdir(folder.path)).toEqual([]);
});

it("refuses a folder of a process that lives, with the remedy", async () => {
  await writeFile(join(folder.path, "lock"), String(process.ppid));
  const locking = lockFolder(folder.path);
  await expect(locking).rejects.toThrow(FolderInUseError);
  await expect(locking).rejects.toThrow(`process ${process.ppid}`);
  expect(await readFile(join(folder.path, "lock"), "utf8")).toBe(String(process.ppid));
});

it.each([
  ["a process that is gone", String(2 ** 30)],
  ["this very process, before a restart of its container", String(process.pid)],
  ["nobody", "not a number"],
])("takes over the lock of %s", async (_owner, text) => {
  await writeFile(join(folder.path, "lock"), text);
  await lockFolder(folder.path);
  expect(await readFile(join(folder.path, "lock"), "utf8")).toBe(String(process.pid));
});
