/**
 * Reads a header of a request.
 * @param name in lower case
 * @returns null when it is not there
 */
export type HeaderReader = (name: string) => string | null;

/** What @hono/node-server hands over beside a request: the one of `node:http`. */
export interface NodeBindings {
  readonly incoming?: {
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  };
}

/**
 * Reads from Node's own request where there is one: each look-up in a Headers object checks and
 * converts its name, which adds up on a request that needs nothing else.
 */
export function headerReader(request: Request, bindings: NodeBindings | undefined): HeaderReader {
  const headers = bindings?.incoming?.headers;
  if (headers === undefined) return (name) => request.headers.get(name);
  return (name) => {
    const value = headers[name];
    return typeof value === "string" ? value : null;
  };
}
