/** What one cache has counted since it was made. */
export class Counters {
  memoryHits = 0;
  redisHits = 0;
  staleServed = 0;
  joined = 0;
  loads = 0;
  loadFailures = 0;
  invalidations = 0;
  epochsAdopted = 0;
}
