/** The Lua texts of cache/scripts, however the platform comes by them. */
export interface RedisScripts {
  readonly invalidate: string;
  readonly sync: string;
  readonly lock: string;
  readonly unlock: string;
}
