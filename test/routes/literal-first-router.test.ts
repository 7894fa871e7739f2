import { TrieRouter } from "hono/router/trie-router";
import { expect, it } from "vitest";
import { LiteralFirstRouter } from "../../routes/literal-first-router.ts";

const routes = [
  ["GET", "/api/posts"],
  ["GET", "/api/posts/:id"],
  ["GET", "/api/posts/popular"],
  ["POST", "*"],
  ["POST", "/api/posts"],
] as const;

const asked = [
  ["GET", "/api/posts"],
  ["POST", "/api/posts"],
  ["GET", "/api/posts/popular"],
  ["GET", "/api/posts/7"],
  ["GET", "/api/posts/8"],
  ["DELETE", "/api/posts"],
  ["GET", "/nothing"],
] as const;

function routerOf(router: LiteralFirstRouter<string> | TrieRouter<string>) {
  for (const [method, path] of routes) router.add(method, path, `${method} ${path}`);
  return router;
}

it("finds what the trie finds, the first time and from then on", () => {
  const trie = routerOf(new TrieRouter());
  const router = routerOf(new LiteralFirstRouter());
  for (const [method, path] of [...asked, ...asked]) {
    expect(router.match(method, path), `${method} ${path}`).toEqual(trie.match(method, path));
  }
});

it("walks the trie once for an address that a route spells out, and for any other each time", () => {
  const router = routerOf(new LiteralFirstRouter());
  expect(router.match("GET", "/api/posts")).toBe(router.match("GET", "/api/posts"));
  expect(router.match("GET", "/api/posts/7")).not.toBe(router.match("GET", "/api/posts/7"));
});

it("knows of a route that is added after it was asked", () => {
  const router = routerOf(new LiteralFirstRouter());
  router.match("GET", "/api/posts");
  router.add("GET", "/api/posts", "later");
  expect(router.match("GET", "/api/posts")[0].map(([handler]) => handler)).toEqual([
    "GET /api/posts",
    "later",
  ]);
});
