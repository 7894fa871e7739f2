import { AppError, type FieldError } from "../lib/errors.ts";
import { fieldErrors } from "../lib/validation.ts";
import { RESERVED_PARAMS } from "./checks.ts";
import type { Dashboard, ParamsSchema } from "./dashboard.ts";

/** What the query of a request asks for. */
export interface Query {
  /** Checked values of the dashboard's parameters. */
  params: Record<string, unknown>;
  /** Sections that the answer shall have, in the order of their declaration. */
  asked: readonly string[];
  explain: boolean;
}

/**
 * Checks a query string against a dashboard.
 * @param query undefined where the address has none
 * @throws AppError "validation_failed" that names each fault, unknown and repeated parameters too
 */
export function readQuery(dashboard: Dashboard, query: URLSearchParams | undefined): Query {
  if (query === undefined) {
    const params = dashboard.params.safeParse({});
    if (params.success) return { params: params.data, asked: dashboard.names, explain: false };
  }
  return readWhole(dashboard, query ?? new URLSearchParams());
}

function readWhole(dashboard: Dashboard, query: URLSearchParams): Query {
  const errors: FieldError[] = [];
  const own = new Map<string, string>();
  const repeated = new Set<string>();
  for (const [name, value] of query) {
    // Which of several would count is told by no standard, and none is a list.
    if (own.has(name)) repeated.add(name);
    own.set(name, value);
  }
  for (const name of RESERVED_PARAMS) own.delete(name);
  const params = strictly(dashboard.params).safeParse(Object.fromEntries(own));
  if (!params.success) errors.push(...fieldErrors(params.error));
  for (const name of repeated) {
    errors.push({ path: name, code: "repeated", message: "must be given once" });
  }
  const asked = readSections(dashboard, query.get("sections"), errors);
  const explain = query.get("explain") ?? "0";
  if (explain !== "0" && explain !== "1") {
    errors.push({ path: "explain", code: "invalid_value", message: "must be 0 or 1" });
  }
  if (errors.length > 0 || !params.success) {
    throw new AppError("validation_failed", "The query parameters are not valid.", { errors });
  }
  return { params: params.data, asked, explain: explain === "1" };
}

const strictForms = new WeakMap<ParamsSchema, ParamsSchema>();

/** The schema that refuses unknown parameters; making one costs more than parsing with it. */
function strictly(schema: ParamsSchema): ParamsSchema {
  const known = strictForms.get(schema);
  if (known) return known;
  const strict = schema.strict();
  strictForms.set(schema, strict);
  return strict;
}

function readSections(
  { names: declared }: Dashboard,
  list: string | null,
  errors: FieldError[],
): readonly string[] {
  if (list === null) return declared;
  const asked = list.split(",").map((name) => name.trim());
  for (const name of asked.filter((candidate) => !declared.includes(candidate))) {
    const message = `there is no section ${JSON.stringify(name)}; there are ${declared.join(", ")}`;
    errors.push({ path: "sections", code: "unknown", message });
  }
  return declared.filter((name) => asked.includes(name));
}
