import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../../..");
const longestRunMs = 300_000;

/** What the simulation said about a copy: null when it found nothing. */
export type Verdict = string | null;

/** A temporary copy of the engine and its simulation, with a patch applied to the engine. */
export class MutatedCopy implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * @param patch name of the patch in this folder, or null for an engine as it is
   * @throws what git says when the patch no longer applies
   */
  static async make(patch: string | null): Promise<MutatedCopy> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-mutant-"));
    const copy = new MutatedCopy(folder);
    try {
      await mkdir(join(folder, "test/cache"), { recursive: true });
      for (const part of ["cache", "src/lib", "test/cache/simulation", "package.json"]) {
        await cp(join(root, part), join(folder, part), { recursive: true });
      }
      await symlink(join(root, "node_modules"), join(folder, "node_modules"));
      // Without the ceiling a repository around the temporary folder would be taken for the target.
      const env = { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() };
      const file = join(import.meta.dirname, `${patch}.patch`);
      if (patch !== null) await run("git", ["apply", file], { cwd: folder, env });
      return copy;
    } catch (error) {
      await copy[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs one directed scenario. */
  scenario(name: string): Promise<Verdict> {
    return this.#simulate(["scenario", name]);
  }

  /** Runs seeds 1 to `count`, up to the first that fails. */
  seeds(count: number): Promise<Verdict> {
    return this.#simulate(["seeds", "1", String(count)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #simulate(args: string[]): Promise<Verdict> {
    const main = "test/cache/simulation/main.ts";
    const options = { cwd: this.#folder, timeout: longestRunMs };
    try {
      await run(process.execPath, [main, ...args], options);
      return null;
    } catch (error) {
      const said = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
      // A crash is no verdict: the mutant has to break a guarantee.
      if (!/: Violation: /.test(said)) throw error;
      return said.trim();
    }
  }
}
