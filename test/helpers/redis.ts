import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** Path of redis-server (or valkey-server), or undefined: then suites that need one are skipped. */
export const redisBinary: string | undefined = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((dir) => [join(dir, "redis-server"), join(dir, "valkey-server")])
  .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Finds neighbouring ports whose Cluster bus ports (10,000 above) are free too. */
async function freePorts(count: number): Promise<number[]> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 9_000);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(
      ports.flatMap((port) => [canBind(port), canBind(port + 10_000)]),
    );
    if (free.every(Boolean)) return ports;
  }
}

/** A redis-server of the test's own, without persistence, on a free port. */
export class TestRedis {
  readonly port: number;
  readonly #dir: string;
  readonly #args: string[];
  #process: ChildProcess | undefined;

  constructor(port: number, dir: string, args: string[]) {
    this.port = port;
    this.#dir = dir;
    this.#args = args;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, empty, and waits until it answers. */
  async start(): Promise<void> {
    if (redisBinary === undefined) throw new Error("redis-server is not on the PATH");
    const flags = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", ""];
    const args = [...flags, "--appendonly", "no", "--dir", this.#dir, ...this.#args];
    const child = spawn(redisBinary, args, { stdio: "ignore" });
    const endWithParent = () => child.kill("SIGKILL");
    process.once("exit", endWithParent);
    child.once("exit", () => process.removeListener("exit", endWithParent));
    this.#process = child;
    // One that asks for a password answers too.
    await this.command("PING").catch((error: Error) => {
      if (!error.message.startsWith("NOAUTH")) throw error;
    });
  }

  /** Runs one command on a connection of its own. */
  async command(...[name, ...args]: [string, ...string[]]): Promise<unknown> {
    const client = new Redis(this.port, "127.0.0.1", {
      retryStrategy: () => 30,
      maxRetriesPerRequest: 300,
    });
    client.on("error", () => undefined);
    try {
      return await client.call(name, args);
    } finally {
      client.disconnect();
    }
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Starts one where redis-server is on the PATH. */
export async function startRedisIfFound(...args: string[]): Promise<TestRedis | undefined> {
  return redisBinary === undefined ? undefined : startRedis(...args);
}

/** @param args further flags of redis-server */
export async function startRedis(...args: string[]): Promise<TestRedis> {
  const [port = 0] = await freePorts(1);
  const redis = new TestRedis(port, await mkdtemp(join(tmpdir(), "sluice-redis-")), args);
  await redis.start();
  return redis;
}

export interface TestCluster {
  readonly masters: TestRedis[];
  readonly replicas: TestRedis[];
  readonly url: string;
  stop(): Promise<void>;
}

/** A Redis Cluster of three masters with one replica each. */
export async function startCluster(): Promise<TestCluster> {
  const ports = await freePorts(6);
  const flags = ["--cluster-enabled", "yes", "--cluster-node-timeout", "15000"];
  const nodes: TestRedis[] = [];
  for (const port of ports) {
    const dir = await mkdtemp(join(tmpdir(), "sluice-cluster-"));
    nodes.push(new TestRedis(port, dir, [...flags, "--repl-diskless-sync-delay", "0"]));
  }
  const [masters, replicas] = [nodes.slice(0, 3), nodes.slice(3)];
  const stop = async () => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    await Promise.all(nodes.map((node) => node.start()));
    const edge = (i: number) => Math.floor((16_384 * i) / masters.length);
    for (const [i, node] of masters.entries()) {
      await node.command("CLUSTER", "ADDSLOTSRANGE", `${edge(i)}`, `${edge(i + 1) - 1}`);
    }
    for (const node of nodes.slice(1)) {
      await node.command("CLUSTER", "MEET", "127.0.0.1", `${ports[0]}`);
    }
    await until(nodes, "INFO", (text) => text.includes("known_nodes:6"));
    for (const [i, node] of replicas.entries()) {
      await node.command(
        "CLUSTER",
        "REPLICATE",
        String(await masters[i]?.command("CLUSTER", "MYID")),
      );
    }
    await until(nodes, "INFO", (text) => text.includes("cluster_state:ok"));
    await until(nodes, "NODES", (text) => text.match(/slave/g)?.length === 3);
    for (const node of replicas) {
      await eventually(async () =>
        String(await node.command("INFO", "replication")).includes("master_link_status:up"),
      );
    }
    return { masters, replicas, url: nodes.map((node) => node.url).join(","), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function until(nodes: TestRedis[], what: string, holds: (text: string) => boolean) {
  await eventually(async () => {
    const texts = await Promise.all(nodes.map((node) => node.command("CLUSTER", what)));
    return texts.every((text) => holds(String(text)));
  });
}

/** Asks again until it holds. @throws after a minute of waiting */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_200; tries++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error("it did not come to hold");
}
