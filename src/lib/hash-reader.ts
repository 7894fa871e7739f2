/** Reads hashes of named counters, wherever they are kept. */
export interface HashReader {
  /**
   * @param key name of the hash
   * @returns its fields, none when there is no such hash
   * @throws when the store does not answer
   */
  readHash(key: string): Promise<Record<string, string>>;
}
