import { once } from "node:events";
import { createServer } from "node:http";

export interface DemoUpstream {
  url: string;
  close(): Promise<void>;
}

/** Starts a small HTTP API on the loopback interface, for the demo's section external_data. */
export async function startDemoUpstream(): Promise<DemoUpstream> {
  const server = createServer((_request, response) => {
    const body = { service: "demo upstream", status: "operational", subscribers: 1_204 };
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/stats`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
