import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/helpers/global-setup.ts"],
    // Many tests wait for a server or a limit: one core of two, the default there, would idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // For what hangs, not for what is slow: on a busy machine all takes several times as long.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    unstubEnvs: true,
    restoreMocks: true,
  },
});
