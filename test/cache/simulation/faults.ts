import { calm } from "./network.ts";
import type { World } from "./world.ts";

/** Begins a fault and returns what ends it. */
type Fault = (world: World) => () => void;

const done = () => undefined;

/** What may go wrong, by name; each can come at any time, also while others last. */
export const faults: Readonly<Record<string, Fault>> = {
  slowNetwork: (world) =>
    conditions(world, { slow: 0.3, slowMs: world.random.between(20, 1_500), messageSlow: 0.3 }),
  losses: (world) => conditions(world, { loss: 0.2, slow: 0.1, slowMs: 100 }),
  messagesLost: (world) => conditions(world, { messageLoss: world.random.pick([0.3, 1]) }),
  messagesDisordered: (world) =>
    conditions(world, { messageDouble: 0.5, messageSlow: 0.6, slowMs: 3_000 }),
  connectionsCut: (world) => {
    for (const { network } of some(world)) network.cut();
    return done;
  },
  partition: (world) => {
    const cutOff = some(world);
    for (const { network } of cutOff) network.partitioned = true;
    return () => {
      for (const { network } of cutOff) {
        network.partitioned = false;
        network.cut();
      }
    };
  },
  frozen: ({ redis: { master }, scheduler, random }) => {
    master.frozenUntil = scheduler.now + random.between(50, 3_000);
    return done;
  },
  full: ({ redis: { master } }) => {
    master.full = true;
    return () => {
      master.full = false;
    };
  },
  down: (world) => {
    const { master } = world.redis;
    master.up = false;
    return () => {
      master.restart();
      master.up = true;
      if (world.redis.master === master && !world.redis.split) world.redis.demote();
      for (const { network } of world.instances) network.cut();
    };
  },
  snapshot: ({ redis: { master } }) => {
    master.save();
    return done;
  },
  flushed: ({ redis: { master } }) => {
    master.store.flush();
    return done;
  },
  controlKeysLost: (world) => {
    loseControlKeys(world);
    if (world.random.chance(0.5)) world.start(world.random.int(world.instances.length));
    return done;
  },
  entriesEvicted: ({ redis: { master }, random }) => {
    for (const key of master.store.keys()) {
      if (/:[el]:/.test(key) && random.chance(0.5)) master.store.delete(key);
    }
    return done;
  },
  replicationStalled: ({ redis }) => {
    redis.stall();
    return done;
  },
  failover: (world) => {
    const { redis } = world;
    if (redis.split) return done;
    if (world.random.chance(0.5)) redis.stall();
    redis.promote();
    redis.demote();
    return followMaster(world);
  },
  splitBrain: (world) => {
    const { redis } = world;
    if (redis.split) return done;
    redis.promote();
    const arrived = followMaster(world);
    return () => {
      redis.demote();
      world.splitBrain.ended();
      arrived();
    };
  },
  pause: (world) => pause(world, false),
  suspend: (world) => pause(world, world.suspends),
  closed: (world) => {
    const place = world.random.int(world.instances.length);
    const leaving = world.instances[place];
    leaving?.close();
    return () => {
      if (world.instances[place] === leaving) world.start(place);
    };
  },
  restart: (world) => {
    world.start(world.random.int(world.instances.length));
    return done;
  },
  wallClockStep: (world) => {
    const least = world.suspends ? 0 : -5_000;
    for (const { process } of some(world)) {
      process.stepWallClock(world.random.between(least, 5_000));
    }
    return done;
  },
  serverClockStep: ({ redis: { master }, random }) => {
    master.wallSkew += random.between(-60_000, 60_000);
    return done;
  },
  sourceFails: ({ loads, random }) => {
    loads.conditions.failing = random.pick([0.3, 1]);
    return () => {
      loads.conditions.failing = 0;
    };
  },
  sourceSlow: ({ loads, random }) => {
    Object.assign(loads.conditions, { slow: 0.7, slowMs: random.between(500, 8_000) });
    return () => Object.assign(loads.conditions, { slow: 0.1, slowMs: 400 });
  },
};

/** Deletes one or both keys of the log; entries survive. */
export function loseControlKeys({ redis: { master }, random }: World): void {
  const control = master.store.keys().filter((key) => /:(clock|inv)$/.test(key));
  const all = random.chance(0.5);
  for (const key of control) if (all || random.chance(0.5)) master.store.delete(key);
}

function some(world: World) {
  const chosen = world.instances.filter(() => world.random.chance(0.5));
  return chosen.length > 0 ? chosen : [world.random.pick(world.instances)];
}

function conditions(world: World, change: Partial<typeof calm>): () => void {
  const affected = some(world);
  for (const { network } of affected) Object.assign(network.conditions, change);
  return () => {
    for (const { network } of affected) network.conditions = { ...calm };
  };
}

/** Clients learn of the new master one by one. */
function followMaster(world: World): () => void {
  for (const { network } of world.instances) {
    world.scheduler.after(world.random.between(0, 2_500), () => network.cut());
  }
  return () => {
    for (const { network } of world.instances) network.cut();
  };
}

/** Readers come the moment it runs again, before it has heard of anything. */
function pause(world: World, stopMonotonic: boolean): () => void {
  const paused = some(world);
  for (const { process } of paused) process.pause(stopMonotonic);
  return () => {
    for (const instance of paused) {
      instance.process.resume();
      for (const policy of world.source.policies) {
        instance.process.deliver(world.scheduler.now, () => {
          void world.reads.read(instance, policy);
        });
      }
    }
  };
}
