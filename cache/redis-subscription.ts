import type { Redis } from "ioredis";
import type { Clock, InvalidationMessage } from "./ports.ts";

const firstRetryMs = 50;
const longestRetryMs = 500;

interface SubscriptionOptions {
  readonly clock: Clock;
  readonly channel: string;
  /** A connection that was not used yet and does not reconnect by itself. */
  readonly connect: () => Redis;
  readonly onMessage: (message: InvalidationMessage) => void;
  /** Runs after each acknowledged subscription: what was published before it is lost. */
  readonly onSubscribed: () => void;
}

/** Keeps one subscription alive, on a new connection whenever the old one ends. */
export class RedisSubscription {
  readonly #options: SubscriptionOptions;
  #connection: Redis | undefined;
  #timer: unknown;
  #failures = 0;
  #closed = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Subscribes, and goes on trying after a failure. @throws when the first attempt failed */
  async open(): Promise<void> {
    const { channel, connect, onMessage, onSubscribed } = this.#options;
    try {
      const connection = connect();
      this.#connection = connection;
      connection.on("error", () => undefined);
      connection.on("message", (_channel, text: string) => onMessage(JSON.parse(text)));
      await connection.connect();
      await connection.subscribe(channel);
      if (this.#closed) return connection.disconnect();
      this.#failures = 0;
      connection.once("end", () => this.#retry());
      onSubscribed();
    } catch (error) {
      this.#connection?.disconnect();
      this.#retry();
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    this.#options.clock.clearTimeout(this.#timer);
    this.#connection?.disconnect();
  }

  #retry(): void {
    if (this.#closed) return;
    const wait = Math.min(firstRetryMs * 2 ** this.#failures++, longestRetryMs);
    const again = () => void this.open().catch(() => undefined);
    this.#timer = this.#options.clock.setTimeout(again, wait);
  }
}
