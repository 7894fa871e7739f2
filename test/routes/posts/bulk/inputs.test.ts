import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type BulkBody, ndjson, openBulk, plainPosts } from "../../../helpers/bulk.ts";
import { createVisitors } from "../../../helpers/visitor.ts";

let bulk: Awaited<ReturnType<typeof openBulk>>;
let send: Awaited<ReturnType<typeof bulk.sender>>;
beforeAll(async () => {
  bulk = await openBulk();
  send = await bulk.sender();
});
beforeEach(() => bulk.reset());
afterAll(() => bulk.database.close());

const MIB = 1_048_576;
const json = { "Content-Type": "application/json" };
const good = ndjson([{ title: "good" }]);
const element = good.trim();
const invalidUtf8 = Buffer.concat([
  Buffer.from('{"title":"'),
  Buffer.from([0xff]),
  Buffer.from('"}'),
]);

describe("a line that is no post is named, and does not harm the next one", () => {
  it.each([
    ["broken JSON", '{"title":', "malformed_json"],
    ["an open end of depth 5,000", "[".repeat(5_000), "malformed_json"],
    ["JSON of depth 10,000", "[".repeat(10_000) + "]".repeat(10_000), "too_complex"],
    ["20,000 members", `[${"1,".repeat(20_000)}1]`, "too_complex"],
    ["a line over 1 MiB", ndjson([{ title: "x".repeat(MIB) }]).trim(), "too_long"],
    [
      "a title of nearly 1 MiB",
      ndjson([{ title: "x".repeat(MIB - 100) }]).trim(),
      "validation_failed",
    ],
    ["invalid UTF-8", invalidUtf8, "not_utf8"],
    ["null", "null", "validation_failed"],
    ["NUL", ndjson([{ title: "a\0b" }]).trim(), "validation_failed"],
    ["half a surrogate pair", '{"title":"\\ud800","category":"news"}', "validation_failed"],
    [
      "a member of 100,000 characters",
      ndjson([{ ["x".repeat(100_000)]: 1 }]).trim(),
      "validation_failed",
    ],
    ["an unknown category", ndjson([{ category: "none" }]).trim(), "unknown_category"],
  ])("%s", async (_what, line, code) => {
    const body = Buffer.concat([Buffer.from("\n"), Buffer.from(line), Buffer.from(`\n${good}`)]);
    const partial = await send("partial", body);
    expect(partial.body).toMatchObject({ received: 2, inserted: 1, failed: 1 });
    expect(partial.body.errors).toMatchObject([{ line: 2, code }]);
    expect(JSON.stringify(partial.body).length).toBeLessThan(1_000);
    expect(await bulk.titles()).toEqual(["good"]);
    const atomic = await send("atomic", body);
    expect([atomic.status, atomic.body.code]).toEqual([400, "validation_failed"]);
    expect(atomic.body.errors).toMatchObject([{ line: 2, code }]);
  });
});

describe("a body", () => {
  const none = { received: 0, inserted: 0, failed: 0, errors: [] };
  it.each([
    ["of nothing", "", {}, 200, none],
    ["of blank lines", "\n \r\n\n", {}, 200, none],
    ["without an end of its last line", element, {}, 200, { inserted: 1 }],
    ["that is an empty array", " [ ] ", json, 200, none],
    ["that is no array", element, json, 400, { code: "malformed_json" }],
    ["of nothing that should be an array", "", json, 400, { code: "malformed_json" }],
    ["of an array that is cut off at once", "[", json, 400, { code: "malformed_json" }],
    ["of another type", element, { "Content-Type": "text/csv" }, 415, {}],
    ["of no type", element, { "Content-Type": "" }, 415, {}],
    ["that is compressed", element, { "Content-Encoding": "gzip" }, 415, {}],
    ["that says it is over 1 GiB", element, { "Content-Length": "1073741825" }, 413, {}],
  ])("%s", async (_what, body: BulkBody, headers, status, answer) => {
    const sent = await send("partial", body, headers);
    expect(sent.status).toBe(status);
    expect(sent.body).toMatchObject(answer);
  });

  it.each([
    ["cut off", `[${element},${element},{"title":`],
    ["without an end", `[${element},${element},`],
    ["with more behind it", `[${element},${element}] x`],
  ])("that is an array %s is read up to there", async (_what, body) => {
    const partial = await send("partial", body, json);
    expect(partial.body).toMatchObject({ received: 3, inserted: 2, failed: 1 });
    expect(partial.body.errors).toMatchObject([{ line: 3, code: "broken_array" }]);
    const atomic = await send("atomic", body, json);
    expect([atomic.status, atomic.body.errors]).toMatchObject([400, [{ line: 3 }]]);
    expect(await bulk.titles()).toHaveLength(2);
  });

  it("may be longer than other bodies", async () => {
    const content = "x".repeat(100_000);
    const body = ndjson(Array.from({ length: 30 }, () => ({ content })));
    expect(body.length).toBeGreaterThan(2 * MIB);
    expect((await send("partial", body)).body).toMatchObject({ inserted: 30 });
  });
});

it("every line at fault is counted, also where there is no good one", async () => {
  const { body } = await send("partial", "{}\n".repeat(2_500));
  expect(body).toMatchObject({ received: 2_500, inserted: 0, failed: 2_500 });
  expect(body.errors).toHaveLength(100);
});

it("needs the scope, a known mode and a key of visible characters", async () => {
  const { as } = createVisitors(bulk.database);
  const ask = async (scope: "posts:write" | "posts:admin", query: string, headers = {}) => {
    const visitor = await as(2, scope);
    const init = { method: "POST", body: plainPosts(1) };
    const all = { "Content-Type": "application/x-ndjson", ...headers };
    return (await visitor.ask(`/api/posts/bulk${query}`, { ...init, headers: all })).status;
  };
  expect(await ask("posts:write", "")).toBe(403);
  expect(await ask("posts:admin", "?mode=none")).toBe(400);
  expect(await ask("posts:admin", "", { "Idempotency-Key": "a b" })).toBe(400);
  expect(await ask("posts:admin", "", { "Idempotency-Key": "x".repeat(256) })).toBe(400);
  expect(await ask("posts:admin", "")).toBe(200);
});
