import { createHash } from "node:crypto";
import type { RedisClient } from "./redis-connection.ts";

/** One Lua script, run by its hash; a server that does not know it yet is sent the text. */
export class RedisScript {
  readonly #text: string;
  readonly #sha: string;

  constructor(text: string) {
    this.#text = text;
    this.#sha = createHash("sha1").update(text).digest("hex");
  }

  /** @throws what Redis or the connection says, other than NOSCRIPT */
  async run(client: RedisClient, keys: string[], args: (string | number)[]): Promise<unknown> {
    try {
      return await client.evalsha(this.#sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return client.eval(this.#text, keys.length, ...keys, ...args);
    }
  }
}
