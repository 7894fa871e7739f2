import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDump } from "../../src/import/dump.ts";
import type { SourceRow } from "../../src/import/row-source.ts";
import { readRows } from "../../src/import/rows.ts";
import { encodeRows } from "./small-dump.ts";

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-damage-"));
});
afterAll(() => rm(root, { recursive: true }));

/** Of a size that no chunk holds whole. */
const rows = Array.from({ length: 5_000 }, (_, n) => ({
  Id: String(n),
  DisplayName: `user ${(n * 7_919) % 100_003}`,
}));
const users = (format: Parameters<typeof encodeRows>[2]) => encodeRows("Users", rows, format);

async function read(name: string, bytes: Buffer): Promise<SourceRow[]> {
  const folder = await mkdtemp(join(root, "dump-"));
  await writeFile(join(folder, name), bytes);
  await writeFile(join(folder, "Posts.csv"), "Id\n");
  const { Users } = await openDump(folder);
  if (Users === undefined) throw new Error("openDump let a required file be missing");
  const read: SourceRow[] = [];
  for await (const some of readRows(Users, () => {}, new AbortController().signal)) {
    read.push(...some);
  }
  return read;
}

describe("whole files of several parts", () => {
  const half = (from: number, to?: number) => users(".xml").subarray(from, to);
  const middle = Math.floor(users(".xml").length / 2);

  it("reads zstd of several frames, also of frames that end with a chunk", async () => {
    const frames = [zstdCompressSync(half(0, middle)), zstdCompressSync(half(middle))];
    expect(await read("Users.xml.zst", Buffer.concat(frames))).toHaveLength(rows.length);
    // 64 KiB is what a file is read by: an empty frame of exactly that size, skipped by its header.
    const skippable = Buffer.alloc(65_536);
    skippable.writeUInt32LE(0x184d2a50, 0);
    skippable.writeUInt32LE(skippable.length - 8, 4);
    const aligned = Buffer.concat([skippable, ...frames]);
    expect(await read("Users.xml.zst", aligned)).toHaveLength(rows.length);
  });

  it("reads gzip of several members", async () => {
    const members = [gzipSync(half(0, middle)), gzipSync(half(middle))];
    expect(await read("Users.xml.gz", Buffer.concat(members))).toHaveLength(rows.length);
  });
});

const cut = (bytes: Buffer, from = 0.6) => bytes.subarray(0, Math.floor(bytes.length * from));
const flipped = (bytes: Buffer) => {
  const damaged = Buffer.from(bytes);
  damaged.fill(0xff, bytes.length / 2, bytes.length / 2 + 64);
  return damaged;
};

describe.each([
  ["xml cut short", "Users.xml", cut(users(".xml")), /at line 30\d\d: /],
  [
    "xml cut between rows",
    "Users.xml",
    users(".xml").subarray(0, -10),
    /at line 500\d: unclosed tag/,
  ],
  [
    "xml with a stray <",
    "Users.xml",
    Buffer.from('<users>\n<row Id="1" A="<"/></users>'),
    /line 2/,
  ],
  ["xml of another table", "Users.xml", encodeRows("Posts", rows, ".xml"), /<posts> where <users>/],
  ["xml that is none", "Users.xml", Buffer.from("hello"), /at line 1: /],
  ["xml that is empty", "Users.xml", Buffer.alloc(0), /must contain a root element/],
  [
    "xml in another encoding",
    "Users.xml",
    Buffer.from("<users>\xe9 </users>", "latin1"),
    /not UTF-8/,
  ],
  ["zstd cut short", "Users.xml.zst", cut(users(".xml.zst")), /after row \d+: /],
  ["zstd with garbage in it", "Users.xml.zst", flipped(users(".xml.zst")), /damaged or cut short/],
  [
    "zstd with garbage behind",
    "Users.xml.zst",
    Buffer.concat([users(".xml.zst"), cut(rows0())]),
    /row/,
  ],
  ["zstd that is none", "Users.xml.zst", users(".xml"), /after row 0: /],
  ["zstd that is empty", "Users.xml.zst", Buffer.alloc(0), /damaged or cut short/],
  [
    "gzip cut short",
    "Users.csv.gz",
    cut(users(".csv.gz")),
    /after row \d+: unexpected end of file/,
  ],
  ["gzip that is none", "Users.csv.gz", users(".csv"), /after row 0: /],
  ["csv cut short in a line", "Users.csv", users(".csv").subarray(0, -3), /middle of line 5001/],
  ["csv cut short in a quoted field", "Users.csv", Buffer.from('Id,A\n1,"a\n'), /line 2/],
  ["csv with a field too few", "Users.csv", Buffer.from("Id,A\n1,2\n3\n"), /line 3/],
  ["csv of something else", "Users.csv", Buffer.from("a,b\n1,2\n"), /names no column Id/],
  ["csv that is empty", "Users.csv", Buffer.alloc(0), /is empty/],
])("%s", (_, name, bytes, message) => {
  it("ends with one line that names the file and the place", async () => {
    const failure = read(name, bytes);
    await expect(failure).rejects.toMatchObject({
      name: "DumpError",
      message: expect.stringMatching(message),
    });
    await expect(failure).rejects.toThrow(name);
    await expect(failure).rejects.not.toThrow("\n");
  });
});

function rows0(): Buffer {
  return Buffer.from("garbage behind the last frame");
}

describe("references to characters that XML forbids", () => {
  it("are handed on, so that the rest of the row is kept", async () => {
    const text = '<users>\n<row Id="1" DisplayName="a&#x0;b&#xD800;" />\n</users>';
    const [row] = await read("Users.xml", Buffer.from(text));
    expect(row).toEqual({ Id: "1", DisplayName: "a&#x0;b&#xD800;" });
  });
});

describe("a folder", () => {
  it.each([
    ["that is not there", "nothing", /there is no such folder/],
    ["that is a file", "file", /is a file/],
    ["without the required files", "empty", /no Users and no Posts file/],
    ["that holds a table twice", "twice", /holds Users.csv and Users.xml; keep one/],
  ])("%s is refused in one line", async (_, name, message) => {
    await writeFile(join(root, "file"), "");
    await mkdir(join(root, "empty"), { recursive: true });
    await mkdir(join(root, "twice"), { recursive: true });
    await writeFile(join(root, "twice", "Users.csv"), "");
    await writeFile(join(root, "twice", "Users.xml"), "");
    await expect(openDump(join(root, name))).rejects.toThrow(message);
  });
});
