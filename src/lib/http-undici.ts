import { Agent } from "undici";
import { type HttpClient, type HttpRequest, type HttpResponse, readBody } from "./http.ts";
import { isPublicAddress, publicLookup, type Resolve } from "./public-address-node.ts";
import { SourceError } from "./source-error.ts";

export interface UndiciOptions {
  /** Connections to one origin at most; more requests wait. Default 64. */
  connectionsPerOrigin?: number;
  /** Finds the addresses of names that were not written in code. Default: as the system does. */
  resolve?: Resolve;
}

const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;

/** Makes the HTTP client of the Node process: bounded keep-alive connections for each origin. */
export function createUndiciClient(options: UndiciOptions = {}): HttpClient {
  const makeAgent = (connect: Agent.Options["connect"]) =>
    new Agent({
      connections: options.connectionsPerOrigin ?? 64,
      connect: { timeout: CONNECT_TIMEOUT_MS, ...connect },
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Times are the caller's matter: its signal ends every phase.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  const trusted = makeAgent({});
  const checked = makeAgent({ lookup: publicLookup(options.resolve) });
  return {
    get: (request) => get(request.checkAddress ? checked : trusted, request),
    async close() {
      await Promise.all([trusted.destroy(), checked.destroy()]);
    },
  };
}

async function get(agent: Agent, request: HttpRequest): Promise<HttpResponse> {
  const { signal, maxBytes, headers, checkAddress } = request;
  const { origin, hostname, pathname, search } = new URL(request.url);
  // A literal address is never looked up.
  if (checkAddress && !isPublicAddress(hostname)) throw refused(hostname);
  try {
    const path = pathname + search;
    const response = await agent.request({ origin, path, method: "GET", headers, signal });
    return {
      status: response.statusCode,
      headers: flatten(response.headers),
      body: await readBody(response.body, maxBytes),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SourceError) throw error;
    throw new SourceError("unavailable", { transient: true, cause: error });
  }
}

function refused(hostname: string): SourceError {
  const cause = new Error(`${hostname} is not public`);
  return new SourceError("bad_response", { health: "unknown", cause });
}

function flatten(
  headers: Record<string, string | string[] | undefined>,
): Record<string, string | undefined> {
  const entries = Object.entries(headers);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}
