import { once } from "node:events";
import { createServer } from "node:http";

/** An HTTP API that answers only when it is told to. */
export interface SlowUpstream extends AsyncDisposable {
  url: string;
  /** Requests that wait for their answer. */
  waiting(): number;
  /** Answers those that wait. */
  release(): void;
}

/** Starts one on a free port of 127.0.0.1; `await using` ends it. */
export async function startSlowUpstream(): Promise<SlowUpstream> {
  const held = new Set<() => void>();
  const server = createServer((_request, response) => {
    const answer = () => {
      response.writeHead(200, { "Content-Type": "application/json" }).end('{"slow":true}');
    };
    held.add(answer);
    response.once("close", () => held.delete(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the upstream has no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    waiting: () => held.size,
    release: () => {
      for (const answer of held) answer();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
