/** A member of a sorted set. */
export interface Ranked {
  member: string;
  score: number;
}

/** Reads what is counted and kept in Redis, wherever that is. */
export interface RedisReader {
  /**
   * @returns the fields of a hash, none when there is no such hash
   * @throws when the store does not answer
   */
  readHash(key: string): Promise<Record<string, string>>;
  /**
   * @param count members at most
   * @returns those with the highest scores, the highest first
   * @throws when the store does not answer
   */
  readTop(key: string, count: number): Promise<Ranked[]>;
  /**
   * @returns a string, or null when there is none
   * @throws when the store does not answer
   */
  readString(key: string): Promise<string | null>;
  /**
   * @returns what the server tells of itself, by name; nothing where there is no server
   * @throws when the store does not answer
   */
  readInfo(): Promise<Record<string, string>>;
}
