import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** What the upstream does with a request. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface Upstream {
  url: string;
  /** Decides what the next requests meet. */
  behave(behaviour: Behaviour): void;
  /** Requests so far. */
  requests: IncomingMessage[];
  /** Connections that are open now. */
  openSockets(): number;
  /** Requests whose answer has neither ended nor been given up. */
  inProgress(): number;
  close(): Promise<void>;
}

/** Answers with JSON. */
export function json(body: unknown, status = 200): Behaviour {
  return (_request, response) => {
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  };
}

/** Answers with JSON after a while. */
export function slow(body: unknown, ms: number): Behaviour {
  return (request, response) => {
    setTimeout(() => json(body)(request, response), ms);
  };
}

/** Takes the request and never answers. */
export const hangs: Behaviour = () => {};

/** Begins to answer and never ends. */
export const hangsInBody: Behaviour = (_request, response) => {
  response.writeHead(200, { "Content-Type": "application/json" }).write('{"half":');
};

/** Starts a real HTTP server that misbehaves on command. */
export async function startUpstream(first: Behaviour = json({})): Promise<Upstream> {
  let behaviour = first;
  const requests: IncomingMessage[] = [];
  const sockets = new Set<Socket>();
  let inProgress = 0;
  const server = createServer((request, response) => {
    requests.push(request);
    inProgress += 1;
    response.once("close", () => {
      inProgress -= 1;
    });
    behaviour(request, response);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/stats`,
    requests,
    behave(next) {
      behaviour = next;
    },
    openSockets: () => sockets.size,
    inProgress: () => inProgress,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
