#!/usr/bin/env node
// Plain JavaScript, because an older Node cannot even read the TypeScript that follows.
import { enableCompileCache } from "node:module";

const NEEDED = 24;

if (Number(process.versions.node.split(".")[0]) < NEEDED) {
  console.error(
    `sluice needs Node ${NEEDED} or newer, this is ${process.version}: run \`npm ci\` and then \`npm start\` or \`npx sluice …\`, which use the Node that npm installed here`,
  );
  process.exit(1);
}

enableCompileCache();
const { keepNextTickFast } = await import("./lib/next-tick-node.ts");
keepNextTickFast();
await import("./cli.ts");
