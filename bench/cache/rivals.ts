import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type Contestant, maxEntries, ttlMs } from "./contestant.ts";

/** They are installed in a folder of their own, so that Sluice never depends on them. */
const folder = new URL("../rivals/package.json", import.meta.url);

export const howToInstall = "cd bench/rivals && npm ci --legacy-peer-deps";

/** The modules are typed here by what is used of them: they may not be installed. */
interface Bento {
  getOrSet(options: object): Promise<unknown>;
  get(options: object): Promise<unknown>;
  deleteByTag(options: object): Promise<unknown>;
  disconnectAll(): Promise<unknown>;
}
interface BentoBuilder {
  useL1Layer(driver: unknown): BentoBuilder;
  useL2Layer(driver: unknown): BentoBuilder;
  useBus(driver: unknown): BentoBuilder;
}
interface BentoModules {
  BentoCache: new (options: object) => Bento;
  bentostore(): BentoBuilder;
  memoryDriver(options: object): unknown;
  redisDriver(options: object): unknown;
  redisBusDriver(options: object): unknown;
}
interface CacheableInstance {
  getOrSet(key: string, load: () => Promise<unknown>, options: object): Promise<unknown>;
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown, options: object): Promise<unknown>;
  tags: { invalidateTag(tag: string): Promise<unknown> };
  disconnect(): Promise<unknown>;
}
interface CacheableModules {
  Cacheable: new (options: object) => CacheableInstance;
  createKeyv(options: object): unknown;
}

/** The rivals that are installed. */
export async function loadRivals(): Promise<Contestant[]> {
  const bento = await load<BentoModules>(
    "bentocache",
    "bentocache/drivers/memory",
    "bentocache/drivers/redis",
  );
  const cacheable = await load<CacheableModules>("cacheable");
  const keyvRedis = await load<{ createKeyv(url: string, options: object): unknown }>(
    "@keyv/redis",
  );
  return [
    ...(bento === undefined ? [] : [bentocache(bento, true), bentocache(bento, false)]),
    ...(cacheable === undefined || keyvRedis === undefined
      ? []
      : [cacheableContestant(cacheable, keyvRedis.createKeyv)]),
  ];
}

async function load<Modules>(...names: string[]): Promise<Modules | undefined> {
  const { resolve } = createRequire(folder);
  try {
    const modules = names.map((name) => import(pathToFileURL(resolve(name)).href));
    return Object.assign({}, ...(await Promise.all(modules)));
  } catch {
    return undefined;
  }
}

function bentocache(modules: BentoModules, serialize: boolean): Contestant {
  return {
    name: serialize ? "bentocache" : "bentocache (no serialize)",
    checksTags: true,
    async connect(url, namespace) {
      const { hostname: host, port } = new URL(url);
      const connection = { host, port: Number(port) };
      const store = modules
        .bentostore()
        .useL1Layer(modules.memoryDriver({ maxItems: maxEntries, serialize }))
        .useL2Layer(modules.redisDriver({ connection }))
        .useBus(modules.redisBusDriver({ connection }));
      const cache = new modules.BentoCache({
        default: "store",
        prefix: namespace,
        stores: { store },
      });
      return {
        read: ({ key, tags }, factory) => cache.getOrSet({ key, ttl: ttlMs, tags, factory }),
        lookup: (key) => cache.get({ key }),
        invalidateTag: (tag) => cache.deleteByTag({ tags: [tag] }),
        close: () => cache.disconnectAll(),
      };
    },
  };
}

function cacheableContestant(
  modules: CacheableModules,
  createRedis: (url: string, options: object) => unknown,
): Contestant {
  return {
    name: "cacheable",
    checksTags: true,
    async connect(url, namespace) {
      const cache = new modules.Cacheable({
        primary: modules.createKeyv({ lruSize: maxEntries }),
        secondary: createRedis(url, { namespace }),
        namespace,
        ttl: ttlMs,
        tags: true,
      });
      return {
        /** Its getOrSet takes no tags, so what was loaded is set once more, with them. */
        async read({ key, tags }, factory) {
          const known = await cache.get(key);
          if (known !== undefined) return known;
          let loaded = false;
          const load = () => {
            loaded = true;
            return factory();
          };
          const value = await cache.getOrSet(key, load, { ttl: ttlMs });
          if (loaded) await cache.set(key, value, { ttl: ttlMs, tags });
          return value;
        },
        lookup: (key) => cache.get(key),
        invalidateTag: (tag) => cache.tags.invalidateTag(tag),
        close: () => cache.disconnect(),
      };
    },
  };
}
