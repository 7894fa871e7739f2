/** The folder boundaries of docs/architecture.md, as rules on resolved files. */
import { Visitor } from "@swc/core/Visitor.js";

// The parser's visitor stops at `using` declarations: it is shown them as variables like others.
const { visitStatement } = Visitor.prototype;
Visitor.prototype.visitStatement = function (statement) {
  if (statement.type !== "UsingDeclaration") return visitStatement.call(this, statement);
  this.visitVariableDeclarators(statement.decls);
  return statement;
};

/** What is shipped; simulations under test/ refer to each other both ways. */
const product = "^(src|routes|db|cache)/";
const ours = "^(src|routes|db|cache|test|bench)/";

/** A folder may import itself, the listed places, and nothing else of ours. */
const only = (folder, allowed) => ({
  name: `${folder.replaceAll("/", "-")}-boundary`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: { path: ours, pathNot: `^(${[folder, ...allowed].join("|")})(/|$)` },
});

/** A package may be imported from the listed places alone. */
const packageOnlyIn = (name, places, rule = `${name}-only-where-it-belongs`) => ({
  name: rule,
  severity: "error",
  from: { path: product, pathNot: `^(${places.join("|")})` },
  to: { path: `(^|/)node_modules/${name}(/|$)` },
});

/** What runs on Workers too, and the Node halves of ports that stand beside it. */
const portable =
  "^(src/(app|env|services)\\.ts$|src/(lib|gateway|sources|dashboards|auth|analytics)/|routes/|cache/|db/(queries|writes|bulk)/|db/limits\\.ts$)";
const nodeImplementations = "^(src/(lib|analytics)|cache)/[a-z-]*(-undici|-pino|-node)\\.ts$";

export default {
  forbidden: [
    only("src/lib", []),
    only("cache", ["src/lib"]),
    only("db", ["src/lib"]),
    only("src/gateway", ["cache", "src/lib"]),
    only("src/sources", ["src/gateway", "src/lib"]),
    only("src/auth", ["cache", "src/lib"]),
    only("src/analytics", ["src/lib"]),
    only("src/dashboards", ["src/gateway", "src/sources", "db/queries"]),
    only("src/import", ["db", "src/lib"]),
    only("src/embedded", ["db", "src/lib"]),
    only("src/commands", ["src", "db", "cache"]),
    {
      name: "package-entry-boundary",
      severity: "error",
      from: { path: "^src/index\\.ts$" },
      to: { path: ours, pathNot: "^(src/(gateway|sources|lib)|cache)/" },
    },
    {
      name: "routes-boundary",
      severity: "error",
      from: { path: "^routes/" },
      to: {
        path: ours,
        pathNot:
          "^(routes|src/gateway|src/auth|src/analytics|src/lib|db/queries|db/writes|db/bulk|cache)/|^(src/services|db/limits)\\.ts$",
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
    {
      name: "every-folder-has-a-boundary",
      severity: "error",
      from: {
        path: "^src/[^/]+/",
        pathNot: `^src/(${["lib", "gateway", "sources", "auth", "analytics", "dashboards", "import", "embedded", "commands"].join("|")})/`,
      },
      to: {},
    },
    packageOnlyIn("drizzle-orm", ["db/"]),
    packageOnlyIn("postgres", ["db/"]),
    packageOnlyIn("hono", [
      "routes/",
      "src/(app|node|worker)\\.ts$",
      "src/gateway/(app|respond)\\.ts$",
    ]),
    packageOnlyIn(
      "@hono",
      ["routes/", "src/(app|node|worker)\\.ts$"],
      "hono-packages-only-where-they-belong",
    ),
    packageOnlyIn("ioredis", ["src/services\\.ts$", "[^.]*redis[^/]*\\.ts$"]),
    packageOnlyIn("undici", ["src/(node|services)\\.ts$", "src/lib/http-undici\\.ts$"]),
    packageOnlyIn(
      "pino(-pretty)?",
      ["src/lib/log(-output)?-pino\\.ts$"],
      "pino-only-where-it-belongs",
    ),
    packageOnlyIn("@electric-sql", ["src/embedded/"], "electric-sql-only-where-it-belongs"),
    {
      name: "portable-code-has-no-node-modules",
      severity: "error",
      from: { path: portable, pathNot: nodeImplementations },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|async_hooks)$" },
    },
    {
      name: "portable-code-has-no-node-implementation",
      severity: "error",
      from: { path: portable, pathNot: nodeImplementations },
      to: { path: nodeImplementations },
    },
    { name: "no-circular", severity: "error", from: { path: product }, to: { circular: true } },
    {
      name: "no-development-package-in-the-product",
      severity: "error",
      from: { path: product },
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
    parser: "swc",
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types", "default"],
    },
  },
};
