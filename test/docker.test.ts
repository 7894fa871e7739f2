import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./helpers/tree.ts";

const read = (name: string) => readFile(join(root, name), "utf8");
const dockerfile = await read("Dockerfile");

/** What the Dockerfile copies out of the tree. */
const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources = ""]) =>
  sources.split(" "),
);

describe("the Dockerfile", () => {
  it("copies what exists and what .dockerignore lets through", async () => {
    const ignored = await read(".dockerignore");
    const letThrough = [...ignored.matchAll(/^!(.*)$/gm)].map(([, name]) => name);
    expect(copied.filter((name) => !existsSync(join(root, name)))).toEqual([]);
    expect(new Set(copied)).toEqual(new Set(letThrough));
  });

  it("copies every folder that the product is made of", async () => {
    const { scripts } = JSON.parse(await read("package.json"));
    const cruised: string[] = scripts.boundaries
      .match(/depcruise --config \S+ ([\w ]+?) \|/)[1]
      .split(" ");
    const folders = cruised.filter((name) => name !== "test" && name !== "bench");
    expect(copied).toEqual(expect.arrayContaining(folders));
  });

  it("ends with an unprivileged user and the command of npm start", async () => {
    const { scripts } = JSON.parse(await read("package.json"));
    expect(dockerfile.indexOf("USER node")).toBeGreaterThan(dockerfile.lastIndexOf("RUN "));
    const command = JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? "");
    expect(command.join(" ")).toBe(scripts.start);
  });
});
