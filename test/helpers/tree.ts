import { copyFile, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporary-folder.ts";

/** The folder of package.json. */
export const root = fileURLToPath(new URL("../..", import.meta.url));
/** Where the project's code is. */
export const folders = ["src", "routes", "db", "cache", "test", "bench"];

const settings = [
  "package.json",
  "tsconfig.json",
  ".dependency-cruiser.mjs",
  "biome.json",
  ".gitignore",
];

/**
 * Makes a tree with the project's settings, its packages and the given files alone.
 * @param files path and text of each
 */
export async function plantTree(
  files: [string, string][],
): Promise<{ path: string } & AsyncDisposable> {
  const tree = await temporaryFolder();
  const plant = async (path: string, text: string) => {
    await mkdir(dirname(join(tree.path, path)), { recursive: true });
    await writeFile(join(tree.path, path), `${text}\n`);
  };
  await Promise.all(folders.map((folder) => mkdir(join(tree.path, folder))));
  await Promise.all(files.map(([path, text]) => plant(path, text)));
  await Promise.all(settings.map((name) => copyFile(join(root, name), join(tree.path, name))));
  await symlink(join(root, "node_modules"), join(tree.path, "node_modules"));
  return tree;
}
