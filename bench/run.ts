/** `npm run bench -- NAME [arguments]`: one file per benchmark beside this one, exporting `run`. */
import { readdirSync } from "node:fs";

interface Benchmark {
  /** Prints its figures; sets the exit code to 1 when a target is missed. */
  run(args: string[]): Promise<void>;
}

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts")
  .map((file) => file.replace(/\.ts$/, ""));
const [name = "", ...args] = process.argv.slice(2);

if (names.includes(name)) {
  const benchmark: Benchmark = await import(`./${name}.ts`);
  await benchmark.run(args);
} else {
  console.error(`usage: npm run bench -- ${names.join("|")}`);
  process.exitCode = 2;
}
