import type { z } from "zod";
import { section } from "../gateway/define.ts";
import type { AppContext, Scope, Section, SectionPolicy } from "../gateway/section.ts";
import type { HttpClient } from "../lib/http.ts";
import { sourceError } from "../lib/source-error.ts";

/** What an HTTP section needs of the application's context. */
export interface HttpContext {
  readonly http: HttpClient;
}

export type HttpPolicy<
  Context,
  S extends Scope<Context>,
  Key extends PropertyKey,
  Params,
  Schema extends z.ZodType,
> = SectionPolicy<Context, S, Key, Params> & {
  /** What the answer must look like; its output is the section's data. */
  schema: Schema;
};

/** Makes a section that reads JSON from an HTTP API. */
export type HttpHelper<Context, Params> = Context extends HttpContext
  ? <
      const S extends Scope<Context>,
      Schema extends z.ZodType,
      const Key extends keyof Params & string = never,
    >(
      url: string,
      policy: HttpPolicy<Context, S, Key, Pick<Params, Key>, Schema>,
    ) => Section<z.output<Schema>>
  : never;

/** 4 MiB. */
const MAX_BODY_BYTES = 4_194_304;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

/**
 * Makes a section that reads JSON from an HTTP API.
 * @param url written in code or settings, hence trusted; internal addresses are allowed
 * @param policy the section's policy and the schema of the answer
 */
export function http<
  Context extends AppContext & HttpContext,
  S extends Scope<Context>,
  Key extends keyof Params & string,
  Params,
  Schema extends z.ZodType,
>(
  url: string,
  policy: HttpPolicy<Context, S, Key, Pick<Params, Key>, Schema>,
): Section<z.output<Schema>> {
  return section<Context, S, Key, Params, z.output<Schema>>({
    ...policy,
    load: ({ http, signal }) => fetchJson(http, url, policy.schema, signal),
  });
}

async function fetchJson<Schema extends z.ZodType>(
  client: HttpClient,
  url: string,
  schema: Schema,
  signal: AbortSignal,
): Promise<z.output<Schema>> {
  const response = await client.get({ url, signal, maxBytes: MAX_BODY_BYTES });
  if (response.status !== 200) {
    throw sourceError("upstream_error", new Error(`status ${response.status}`));
  }
  if (!JSON_TYPE.test(response.headers["content-type"] ?? "")) {
    throw sourceError("bad_response", new Error("not JSON by its content type"));
  }
  const result = schema.safeParse(parseJson(response.body));
  if (!result.success) throw sourceError("bad_response", result.error);
  return result.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw sourceError("bad_response", error);
  }
}
