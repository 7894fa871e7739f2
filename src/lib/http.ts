export interface HttpRequest {
  url: string;
  headers?: Record<string, string>;
  /** Aborts connecting, waiting and reading. */
  signal: AbortSignal;
  /** A longer body is refused and its connection closed. Bytes. */
  maxBytes: number;
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
   * too long, the signal's reason when it aborts
   */
  get(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}
