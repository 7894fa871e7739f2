import { SourceError } from "./source-error.ts";

export interface HttpRequest {
  url: string;
  headers: Record<string, string>;
  /** Aborts connecting, waiting and reading. */
  signal: AbortSignal;
  /** A longer body is refused and its connection closed. Bytes. */
  maxBytes: number;
  /**
   * True when the host was not written in code: the connection is then refused when it would lead to
   * a private, loopback or link-local address.
   */
  checkAddress: boolean;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  body: string;
}

/** Calls HTTP APIs; follows no redirect. */
export interface HttpClient {
  /**
   * @throws SourceError "unavailable" when no whole answer arrives, "bad_response" when its body is
   * too long or its address is refused; the signal's reason when it aborts
   */
  get(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}

/**
 * Reads a body as UTF-8 text. Leaving it unread destroys it, and with it the connection.
 * @throws SourceError "bad_response" over `maxBytes`
 */
export async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      // Which body is too long is the request's matter: others may well fit.
      const cause = new Error(`a body over ${maxBytes} bytes`);
      throw new SourceError("bad_response", { health: "well", cause });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
