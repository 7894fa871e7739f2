import { createHash } from "node:crypto";
import type { RedisClient } from "../src/lib/redis-connection.ts";

/** The Lua texts of cache/scripts, however the platform comes by them. */
export interface RedisScripts {
  readonly invalidate: string;
  readonly sync: string;
  readonly lock: string;
  readonly unlock: string;
}

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
