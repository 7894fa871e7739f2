/** The folder boundaries of docs/architecture.md, as rules on resolved files. */

const ours = "^(src|routes|db|cache|test|bench)/";

/** A folder may import itself, the listed places, and nothing else of ours. */
const only = (folder, allowed) => ({
  name: `${folder.replaceAll("/", "-")}-boundary`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: { path: ours, pathNot: `^(${[folder, ...allowed].join("|")})(/|$)` },
});

/** A package may be imported from the listed places alone. */
const packageOnlyIn = (name, places) => ({
  name: `${name.replaceAll(/[@/]/g, "")}-only-where-it-belongs`,
  severity: "error",
  from: { path: "^(src|routes|db|cache)/", pathNot: `^(${places.join("|")})` },
  to: { path: `(^|/)node_modules/${name}(/|$)` },
});

export default {
  forbidden: [
    only("src/lib", []),
    only("cache", ["src/lib"]),
    only("db", ["src/lib"]),
    only("src/gateway", ["cache", "src/lib"]),
    only("src/sources", ["src/gateway", "src/lib"]),
    only("src/auth", ["src/lib"]),
    only("src/analytics", ["src/lib"]),
    only("src/dashboards", ["src/gateway", "src/sources", "db/queries"]),
    only("src/import", ["db", "src/lib"]),
    only("src/embedded", ["db", "src/lib"]),
    only("src/commands", ["src", "db", "cache"]),
    {
      name: "routes-boundary",
      severity: "error",
      from: { path: "^routes/" },
      to: {
        path: ours,
        pathNot:
          "^(routes|src/gateway|src/auth|src/analytics|src/lib|db/queries|cache)/|^src/services\\.ts$",
      },
    },
    {
      name: "routes-take-only-types-of-services",
      severity: "error",
      from: { path: "^routes/" },
      to: { path: "^src/services\\.ts$", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "nothing-imports-the-entries",
      severity: "error",
      from: { path: "^(src/[^/]+/|routes|db|cache)", pathNot: "^src/commands/" },
      to: { path: "^src/[^/]+\\.(ts|js)$", pathNot: "^src/services\\.ts$" },
    },
    packageOnlyIn("drizzle-orm", ["db/"]),
    packageOnlyIn("postgres", ["db/"]),
    packageOnlyIn("hono", [
      "routes/",
      "src/(app|node|worker)\\.ts$",
      "src/gateway/(app|respond)\\.ts$",
    ]),
    packageOnlyIn("@hono", ["routes/", "src/(app|node|worker)\\.ts$"]),
    packageOnlyIn("ioredis", ["src/services\\.ts$", "[^.]*redis[^/]*\\.ts$"]),
    packageOnlyIn("undici", ["src/(node|services)\\.ts$", "src/lib/http-undici\\.ts$"]),
    packageOnlyIn("pino", ["src/(node|cli)\\.ts$", "src/lib/log-pino\\.ts$"]),
    packageOnlyIn("@electric-sql", ["src/embedded/"]),
    {
      name: "portable-code-has-no-node-modules",
      severity: "error",
      from: {
        path: "^(src/(app\\.ts|env\\.ts|lib/|gateway/|sources/|dashboards/|auth/|analytics/)|routes/|cache/|db/queries/)",
        // Adapters that only the Node entry loads, named so.
        pathNot: "^(src/lib|cache)/[a-z-]*(-undici|-pino|-node)\\.ts$",
      },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|async_hooks)$" },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-development-package-in-the-product",
      severity: "error",
      from: { path: "^(src|routes|db|cache)/" },
      to: { dependencyTypes: ["npm-dev"] },
    },
    {
      name: "only-tests-import-tests",
      severity: "error",
      from: { pathNot: "^(test|bench)/" },
      to: { path: "^(test|bench)/" },
    },
    { name: "unresolved", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types", "default"],
    },
  },
};
