import { connect, type Socket } from "node:net";
import postgres, { type Sql } from "postgres";
import { sleep } from "../src/lib/sleep.ts";
import { type DriverQuery, isDriverQuery } from "./driver-query.ts";

/** How long a server may take to close a cancel request when the connection ends. */
const CANCEL_REQUEST_MS = 1_000;

/** Where the driver's settings lead to. */
interface Target {
  host: readonly string[];
  port: readonly number[];
  path?: string | false;
}

/**
 * One connection of a pool: a client of the driver's with that connection alone, whose sockets are
 * its own. The driver itself does not tell on which socket a statement runs, and waits for the
 * server before it gives one up.
 */
export class Connection {
  readonly #driver: Sql;
  #sql: Sql;
  #sockets: Socket[] = [];
  #isEnding = false;
  /** Of several hosts each is tried in turn. */
  #turn = -1;

  /** @param driver a client whose settings this one shares, parsers too */
  constructor(driver: Sql) {
    this.#driver = driver;
    this.#sql = this.#client();
  }

  /** Opens the connection at its first statement, and again when it was lost. */
  get sql(): Sql {
    return this.#sql;
  }

  /** Whether the server has answered on it; it may be gone since. */
  get hasAnswered(): boolean {
    return this.#sockets.some(({ bytesRead }) => bytesRead > 0);
  }

  /** Sends a statement that another client of the driver's has made. */
  send(query: DriverQuery): void {
    const own = this.#sql.unsafe("");
    if (!isDriverQuery(own)) throw new TypeError("the driver makes statements of another kind");
    query.canceller = own.canceller;
    query.handler = own.handler;
    query.handler(query);
  }

  /**
   * Closes the connection without waiting for the server: what runs on it fails as on a lost one.
   * @returns whether there was one
   */
  cut(): boolean {
    const open = this.#open();
    for (const socket of open) socket.destroy();
    return open.length > 0;
  }

  /**
   * Closes it once nothing runs on it any more, and after `timeoutMs` whatever runs. What is open
   * then are cancel requests. The server closes those: PgBouncer 1.18 ends itself ("bad client
   * state") when a client leaves while it passes one on.
   */
  async end(timeoutMs: number): Promise<void> {
    this.#isEnding = true;
    await this.#sql.end({ timeout: timeoutMs / 1_000 });
    const closed = this.#open().map(
      (socket) =>
        new Promise((resolve) => {
          socket.once("close", resolve);
        }),
    );
    const limit = new AbortController();
    const late = sleep(CANCEL_REQUEST_MS, limit.signal).catch(() => {});
    await Promise.race([Promise.all(closed), late]);
    limit.abort();
    this.cut();
  }

  #client(): Sql {
    const socket = (target: Target) => this.#connect(target);
    const onclose = () => {
      // The driver keeps a dead server's last words, and would fail the next statement with them.
      if (!this.hasAnswered || this.#isEnding) return;
      this.#sql = this.#client();
      this.#sockets = this.#open();
    };
    return postgres({ ...this.#driver.options, max: 1, socket, onclose } as object);
  }

  /** Opens a socket for the connection or, while it is open, for a cancel request to its server. */
  #connect({ host, port, path }: Target): Socket {
    const open = this.#open();
    if (open.length === 0) this.#turn += 1;
    const turn = this.#turn % host.length;
    const address = { host: host[turn] ?? "localhost", port: port[turn] ?? 5432 };
    const socket = path ? connect(path) : connect(address);
    this.#sockets = [...open, socket];
    // The driver looks for the address there.
    return Object.assign(socket, address);
  }

  #open(): Socket[] {
    return this.#sockets.filter((socket) => !socket.destroyed);
  }
}
