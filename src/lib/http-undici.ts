import { Agent } from "undici";
import type { HttpClient, HttpRequest, HttpResponse } from "./http.ts";
import { SourceError, sourceError } from "./source-error.ts";

/** Enough for the bulkheads of the sections; more would only queue up in the upstream. */
const CONNECTIONS_PER_ORIGIN = 64;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;

/** Makes the HTTP client of the Node process: bounded keep-alive connections for each origin. */
export function createUndiciClient(): HttpClient {
  // Times are the caller's matter: its signal ends every phase.
  const agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    get: (request) => get(agent, request),
    close: () => agent.destroy(),
  };
}

async function get(agent: Agent, request: HttpRequest): Promise<HttpResponse> {
  const { url, signal, maxBytes } = request;
  const { origin, pathname, search } = new URL(url);
  try {
    const response = await agent.request({
      origin,
      path: pathname + search,
      method: "GET",
      headers: { accept: "application/json", ...request.headers },
      signal,
    });
    const body = await readBody(response.body, maxBytes);
    return { status: response.statusCode, headers: flatten(response.headers), body };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof SourceError ? error : sourceError("unavailable", error);
  }
}

async function readBody(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (size > maxBytes) throw sourceError("bad_response", new Error(`over ${maxBytes} bytes`));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function flatten(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : value,
    ]),
  );
}
