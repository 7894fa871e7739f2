import { connect, createServer, type Socket } from "node:net";

export interface SlowProxy {
  readonly port: number;
  /** How long each chunk is held back, each way, in ms. */
  delayMs: number;
  /** Lets nobody else in; who is connected stays. */
  refuse(): void;
  close(): void;
}

/** A TCP proxy to a port of this machine that can be made slow. */
export async function startSlowProxy(target: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const pipe = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on("data", (chunk) => setTimeout(() => to.writable && to.write(chunk), proxy.delayMs));
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
    from.on("error", () => from.destroy());
  };
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    pipe(client, upstream);
    pipe(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const proxy: SlowProxy = {
    port: typeof address === "object" && address !== null ? address.port : 0,
    delayMs: 0,
    refuse: () => void server.close(),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return proxy;
}
