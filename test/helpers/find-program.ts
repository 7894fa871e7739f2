import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The first folder of the PATH that holds every one of the programs, or undefined. */
export function folderOnPath(...programs: string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.find((folder) => programs.every((program) => existsSync(join(folder, program))));
}
