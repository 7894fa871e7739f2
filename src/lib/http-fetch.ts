import { type HttpClient, readBody } from "./http.ts";
import { SourceError } from "./source-error.ts";

export interface FetchOptions {
  /** Hosts that a parameter or a redirect may lead to: fetch cannot see addresses. */
  allowedHosts?: readonly string[];
}

/** Makes an HTTP client out of the platform's `fetch`, for where sockets are out of reach. */
export function createFetchClient(options: FetchOptions = {}): HttpClient {
  const allowed = new Set(options.allowedHosts);
  return {
    async get({ url, headers, signal, maxBytes, checkAddress }) {
      const { host } = new URL(url);
      if (checkAddress && !allowed.has(host)) {
        const cause = new Error(`${host} is not allowed`);
        throw new SourceError("bad_response", { health: "unknown", cause });
      }
      try {
        const response = await fetch(url, { headers, signal, redirect: "manual" });
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          body: response.body ? await readBody(response.body, maxBytes) : "",
        };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof SourceError) throw error;
        throw new SourceError("unavailable", { transient: true, cause: error });
      }
    },
    async close() {},
  };
}
