// npm leaves foreign-platform optional packages that a registry lacks out of package-lock.json and
// then refuses that lock in `npm ci` (npm/cli#9846). Entries with version, os and cpu satisfy it.
// Run after every `npm install`: node .ci/complete-lock.ts
import { readFileSync, writeFileSync } from "node:fs";

type Entry = {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};

const file = "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8")) as { packages: Record<string, Entry> };
const osNames: Record<string, string> = { win: "win32" };
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  if (path === "") continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const top = `node_modules/${name}`;
    if (lock.packages[`${path}/${top}`] || lock.packages[top]) continue;
    const os = /android|darwin|linux|win|freebsd|openharmony|wasm32/.exec(name)?.[0];
    const cpu = /arm64|arm|ia32|ppc64|riscv64|s390x|x64|64$/.exec(name)?.[0];
    if (!os) throw new Error(`cannot tell the platform of ${name}`);
    lock.packages[top] = {
      version,
      optional: true,
      ...(entry.dev === true && { dev: true }),
      ...(os !== "wasm32" && { os: [osNames[os] ?? os] }),
      cpu: [os === "wasm32" ? "wasm32" : cpu === "64" || !cpu ? "x64" : cpu],
      ...(name.includes("musl") && { libc: ["musl"] }),
    };
    added += 1;
  }
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} entries completed`);
