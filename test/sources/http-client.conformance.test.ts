import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HttpClient } from "../../src/lib/http.ts";
import { createFetchClient } from "../../src/lib/http-fetch.ts";
import { createUndiciClient } from "../../src/lib/http-undici.ts";
import { freePort } from "../helpers/server-process.ts";
import {
  type Behaviour,
  hangs,
  hangsInBody,
  startUpstream,
  type Upstream,
} from "../helpers/upstream.ts";

const clients: [string, () => HttpClient][] = [
  ["undici", () => createUndiciClient()],
  ["fetch", () => createFetchClient()],
];

describe.each(clients)("the HTTP client of %s", (_name, create) => {
  let upstream: Upstream;
  let client: HttpClient;
  beforeAll(async () => {
    upstream = await startUpstream();
  });
  afterAll(() => upstream.close());
  beforeEach(() => {
    client = create();
    return () => client.close();
  });

  const get = (behaviour: Behaviour, more: Partial<Parameters<HttpClient["get"]>[0]> = {}) => {
    upstream.behave(behaviour);
    const { signal } = new AbortController();
    const request = {
      url: upstream.url,
      headers: {},
      signal,
      maxBytes: 1_000,
      checkAddress: false,
    };
    return client.get({ ...request, ...more });
  };

  it("gives status, headers in lower case, and the body as text", async () => {
    const response = await get((_request, answer) => {
      answer.writeHead(201, { "Content-Type": "text/plain", "X-Two": ["a", "b"] }).end("Grüße");
    });
    expect(response).toMatchObject({ status: 201, body: "Grüße" });
    expect(response.headers).toMatchObject({ "content-type": "text/plain", "x-two": "a, b" });
  });

  it("sends the headers, the path and the query as they are", async () => {
    const url = `${upstream.url}/a%2Fb?q=%20x`;
    await get((_request, answer) => answer.end(), { url, headers: { authorization: "Bearer x" } });
    expect(upstream.requests.at(-1)).toMatchObject({ method: "GET", url: "/stats/a%2Fb?q=%20x" });
    expect(upstream.requests.at(-1)?.headers).toMatchObject({ authorization: "Bearer x" });
  });

  it("puts letters together that arrive in pieces", async () => {
    const [first, second] = [Buffer.from("ü").subarray(0, 1), Buffer.from("ü").subarray(1)];
    const response = await get((_request, answer) => {
      answer.write(first);
      setImmediate(() => answer.end(second));
    });
    expect(response.body).toBe("ü");
  });

  it.each([204, 304, 404, 500, 503])("gives status %i as an answer like others", async (status) => {
    expect(await get((_request, answer) => answer.writeHead(status).end())).toMatchObject({
      status,
    });
  });

  it("follows no redirect", async () => {
    const before = upstream.requests.length;
    const response = await get((_request, answer) => {
      answer.writeHead(302, { Location: "/elsewhere" }).end();
    });
    expect(response).toMatchObject({ status: 302, headers: { location: "/elsewhere" } });
    expect(upstream.requests.length).toBe(before + 1);
  });

  it("takes a body of just the size allowed", async () => {
    const response = await get((_request, answer) => answer.end("x".repeat(1_000)));
    expect(response.body).toHaveLength(1_000);
  });

  it.each<[string, Behaviour]>([
    ["that says so", (_request, answer) => answer.end("x".repeat(1_001))],
    [
      "that never ends",
      (_request, answer) => {
        const more = () =>
          !answer.destroyed && answer.write("x".repeat(500), () => setImmediate(more));
        more();
      },
    ],
  ])("refuses a longer body %s, and closes its connection", async (_what, behaviour) => {
    await expect(get(behaviour)).rejects.toMatchObject({ code: "bad_response", transient: false });
    await expect.poll(() => upstream.inProgress()).toBe(0);
  });

  it.each<[string, Behaviour]>([
    ["before the headers", hangs],
    ["in mid-body", hangsInBody],
  ])(
    "gives up with the signal's reason, and closes the connection: %s",
    async (_when, behaviour) => {
      const controller = new AbortController();
      const before = upstream.requests.length;
      const answer = get(behaviour, { signal: controller.signal });
      await expect.poll(() => upstream.requests.length).toBe(before + 1);
      const reason = new Error("time is up");
      controller.abort(reason);
      await expect(answer).rejects.toBe(reason);
      await expect.poll(() => upstream.inProgress()).toBe(0);
    },
  );

  it("does not even begin when the signal has aborted", async () => {
    const before = upstream.requests.length;
    const reason = new Error("too late");
    await expect(get(hangs, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(upstream.requests.length).toBe(before);
  });

  it.each<[string, Behaviour]>([
    ["before the headers", (request) => request.socket.resetAndDestroy()],
    [
      "in mid-body",
      (request, answer) => {
        answer.writeHead(200, { "Content-Length": "10" }).write("half", () => {
          request.socket.resetAndDestroy();
        });
      },
    ],
    ["with what is no HTTP", (request) => request.socket.end("nonsense\r\n\r\n")],
  ])("is unavailable for now when the connection ends %s", async (_when, behaviour) => {
    await expect(get(behaviour)).rejects.toMatchObject({ code: "unavailable", transient: true });
  });

  it("is unavailable for now where nobody listens", async () => {
    const url = `http://127.0.0.1:${await freePort()}/`;
    await expect(get(hangs, { url })).rejects.toMatchObject({
      code: "unavailable",
      transient: true,
    });
  });

  it("refuses an address of this machine where addresses are to be checked", async () => {
    const before = upstream.requests.length;
    await expect(get(hangs, { checkAddress: true })).rejects.toMatchObject({
      code: "bad_response",
    });
    expect(upstream.requests.length).toBe(before);
  });
});

it("the client of fetch goes to hosts that are allowed by name", async () => {
  const upstream = await startUpstream((_request, answer) => answer.end("here"));
  const { host } = new URL(upstream.url);
  const client = createFetchClient({ allowedHosts: [host] });
  const { signal } = new AbortController();
  const request = { url: upstream.url, headers: {}, signal, maxBytes: 10, checkAddress: true };
  expect(await client.get(request)).toMatchObject({ body: "here" });
  await upstream.close();
});

it("the client of undici opens no more connections to one origin than it may", async () => {
  const answers: (() => void)[] = [];
  const upstream = await startUpstream((_request, answer) =>
    answers.push(() => answer.end("here")),
  );
  const client = createUndiciClient({ connectionsPerOrigin: 2 });
  const { signal } = new AbortController();
  const request = { url: upstream.url, headers: {}, signal, maxBytes: 10, checkAddress: false };
  const all = Array.from({ length: 6 }, () => client.get(request));
  for (let answered = 0; answered < 6; answered += 2) {
    await expect.poll(() => answers.length).toBe(2);
    expect(upstream.inProgress()).toBe(2);
    for (const answer of answers.splice(0)) answer();
  }
  await Promise.all(all);
  expect(new Set(upstream.requests.map(({ socket }) => socket)).size).toBe(2);
  await client.close();
  await upstream.close();
});
