import { z } from "zod";
import type { DatabaseClient } from "../../db/client.ts";
import type { SentStatement } from "./statements.ts";

/** How PostgreSQL may plan a prepared statement: for its parameters, or for any. */
export const planModes = ["force_custom_plan", "force_generic_plan"] as const;
export type PlanMode = (typeof planModes)[number];

/** One scan of a table or index in a plan that ran. */
export interface Scan {
  /** As EXPLAIN names it, such as "Index Only Scan". */
  node: string;
  relation: string;
  /** Absent for a sequential scan. */
  index?: string;
  /** Rows that it looked at in all its loops: given on and filtered out. */
  rows: number;
  /** Rows that an index-only scan had to look up in the table. */
  heapFetches: number;
}

export interface Plan {
  scans: Scan[];
  /** Kinds of sorts, such as "Sort". */
  sorts: string[];
  /** Blocks of 8 KiB touched, in memory or not. */
  buffers: number;
  /** Milliseconds. */
  time: number;
}

interface Node {
  "Node Type": string;
  "Relation Name"?: string | undefined;
  "Index Name"?: string | undefined;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number | undefined;
  "Rows Removed by Index Recheck"?: number | undefined;
  "Heap Fetches"?: number | undefined;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Node[] | undefined;
}

const node: z.ZodType<Node> = z.object({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Index Name": z.string().optional(),
  "Actual Rows": z.number(),
  "Actual Loops": z.number(),
  "Rows Removed by Filter": z.number().optional(),
  "Rows Removed by Index Recheck": z.number().optional(),
  "Heap Fetches": z.number().optional(),
  "Shared Hit Blocks": z.number(),
  "Shared Read Blocks": z.number(),
  get Plans() {
    return z.array(node).optional();
  },
});

const explained = z.tuple([
  z.object({
    "QUERY PLAN": z.tuple([z.object({ Plan: node, "Execution Time": z.number() })]),
  }),
]);

/** Runs a statement as a prepared one, and tells how the server did it. */
export async function explain(
  { sql }: DatabaseClient,
  { text, parameters }: SentStatement,
  mode: PlanMode,
): Promise<Plan> {
  const values = parameters.length > 0 ? `(${parameters.map(literal).join(", ")})` : "";
  const [
    {
      "QUERY PLAN": [plan],
    },
  ] = await sql.begin(async (transaction) => {
    await transaction.unsafe(`set local plan_cache_mode = ${mode}`);
    await transaction.unsafe(`prepare explained as ${text}`);
    const execute = `explain (analyze, buffers, format json) execute explained${values}`;
    const answer = explained.parse(await transaction.unsafe(execute));
    // Not all: the driver knows which statements it has prepared.
    await transaction.unsafe("deallocate explained");
    return answer;
  });
  return { ...read(plan.Plan), time: plan["Execution Time"] };
}

function literal(value: unknown): string {
  return value === null || value === undefined
    ? "null"
    : `'${String(value).replaceAll("'", "''")}'`;
}

function read(root: Node): Omit<Plan, "time"> {
  const nodes = flatten(root);
  return {
    scans: nodes.filter((at) => at["Node Type"].endsWith("Scan")).flatMap(scanOf),
    sorts: nodes.map((at) => at["Node Type"]).filter((type) => type.endsWith("Sort")),
    buffers: root["Shared Hit Blocks"] + root["Shared Read Blocks"],
  };
}

/** Indexes that a bitmap is made of name no table: the heap scan above them does. */
function scanOf(at: Node): Scan[] {
  const index = at["Index Name"];
  const relation = at["Relation Name"] ?? "";
  if (relation === "" && index === undefined) return [];
  const looked =
    at["Actual Rows"] +
    (at["Rows Removed by Filter"] ?? 0) +
    (at["Rows Removed by Index Recheck"] ?? 0);
  return [
    {
      node: at["Node Type"],
      relation,
      ...(index !== undefined && { index }),
      rows: Math.round(looked * at["Actual Loops"]),
      heapFetches: at["Heap Fetches"] ?? 0,
    },
  ];
}

function flatten(root: Node): Node[] {
  return [root, ...(root.Plans ?? []).flatMap(flatten)];
}
