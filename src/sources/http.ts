import type { z } from "zod";
import { loaded, notModified, section, withFaults } from "../gateway/define.ts";
import type { AppContext, LoadInput, Scope, Section, SectionPolicy } from "../gateway/section.ts";
import type { HttpClient, HttpResponse } from "../lib/http.ts";
import { SourceError } from "../lib/source-error.ts";
import { conditionOf, validatorOf } from "./http-conditions.ts";
import { httpFaults } from "./http-faults.ts";
import { freshnessOf, retryAfterMs } from "./http-freshness.ts";
import { getFollowing, type RedirectPolicy } from "./http-redirects.ts";
import { type Shaped, shape } from "./http-shape.ts";
import { fillTemplate } from "./http-template.ts";

/** What an HTTP section needs of the application's context. */
export interface HttpContext {
  readonly http: HttpClient;
}

export interface HttpOptions<Input, Data, Pick extends keyof Data, Rename> {
  /** What the answer must look like. */
  schema: z.ZodType<Data>;
  /** Members of the answer that become the section's data. Default all. */
  pick?: readonly Pick[];
  /** New names of members, by their names in the answer. */
  rename?: Rename;
  /** Headers of the request, credentials for instance; they never follow to another host. */
  headers?: Readonly<Record<string, string>> | ((input: Input) => Readonly<Record<string, string>>);
  /** Redirects within the origin that are followed. Default 3. */
  redirects?: number;
  /** Other hosts that a redirect may lead to, as `host` or `host:port`. Default none. */
  redirectHosts?: readonly string[];
  /** Longest body. Default 4 MiB. */
  maxBytes?: number;
  /** "upstream": its Cache-Control decides how long a value is fresh, where it says so. */
  freshness?: "policy" | "upstream";
}

export type HttpPolicy<
  Context,
  S extends Scope<Context>,
  Key extends keyof Params,
  Params,
  Data,
  Pick extends keyof Data,
  Rename,
> = SectionPolicy<Context, S, Key, Params, Shaped<Data, Pick, Rename>> &
  HttpOptions<LoadInput<Context, S, PickParams<Params, Key>>, Data, Pick, Rename>;

type PickParams<Params, Key extends keyof Params> = { [K in Key]: Params[K] };
type Renames<Data> = { readonly [K in keyof Data]?: string };

/** Makes a section that reads JSON from an HTTP API. */
export type HttpHelper<Context, Params> = Context extends HttpContext
  ? <
      const S extends Scope<Context>,
      Data,
      const Key extends keyof Params & string = never,
      const Pick extends keyof Data = keyof Data,
      const Rename extends Renames<Data> = Record<never, never>,
    >(
      url: string,
      policy: HttpPolicy<Context, S, Key, Params, Data, Pick, Rename>,
    ) => Section<Shaped<Data, Pick, Rename>>
  : never;

/** 4 MiB. */
const MAX_BODY_BYTES = 4_194_304;
const MAX_REDIRECTS = 3;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
/** Tells an upstream how many milliseconds it has; after that nobody waits for its answer. */
const TIMEOUT_HEADER = "sluice-timeout";
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Makes a section that reads JSON from an HTTP API. Its requests are conditional once a value is
 * cached, and say how long the answer is waited for.
 * @param url template whose `{names}` are parameters of the section; written in code, hence trusted:
 * internal addresses are allowed unless a parameter has a part in the host
 * @throws DashboardError when the template does not begin with `http://` or `https://`
 */
export function http<
  Context extends AppContext & HttpContext,
  S extends Scope<Context>,
  Key extends keyof Params & string,
  Params,
  Data,
  Pick extends keyof Data,
  Rename extends Renames<Data>,
>(
  url: string,
  policy: HttpPolicy<Context, S, Key, Params, Data, Pick, Rename>,
): Section<Shaped<Data, Pick, Rename>> {
  const { headers = {}, freshness = "policy", maxBytes = MAX_BODY_BYTES } = policy;
  const isShared = policy.scope !== "user";
  const redirects: RedirectPolicy = {
    most: policy.redirects ?? MAX_REDIRECTS,
    hosts: policy.redirectHosts ?? [],
  };
  const made = section<Context, S, Key, Params, Shaped<Data, Pick, Rename>>({
    ...policy,
    async load(input) {
      const { previous, params, signal, timeLeft } = input;
      const address = fillTemplate(url, { ...params });
      const request = {
        url: address.url,
        headers: {
          accept: "application/json",
          [TIMEOUT_HEADER]: String(Math.floor(timeLeft())),
          ...inLowerCase(typeof headers === "function" ? headers(input) : headers),
          ...conditionOf(previous?.validator),
        },
        signal,
        maxBytes,
        checkAddress: address.hostFromParams,
      };
      const response = await getFollowing(input.http, request, redirects);
      const windows = freshness === "upstream" ? freshnessOf(response.headers, isShared) : {};
      if (response.status === 304 && previous?.validator !== undefined) return notModified(windows);
      const data = shape(parse(response, policy.schema), policy.pick, policy.rename);
      const validator = validatorOf(response);
      return loaded(data, { ...windows, ...(validator !== undefined && { validator }) });
    },
  });
  return withFaults(made, httpFaults(url, { ...policy, maxBytes, redirects: redirects.most }));
}

/** Names of headers have no case, those of an object do. */
function inLowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

function parse<Data>(response: HttpResponse, schema: z.ZodType<Data>): Data {
  const { status, headers, body } = response;
  if (status === 304) {
    const cause = new Error("status 304 to a request without a condition");
    throw new SourceError("bad_response", { cause });
  }
  if (status !== 200) {
    throw new SourceError("upstream_error", {
      transient: TRANSIENT.has(status),
      health: TRANSIENT.has(status) || status >= 500 ? "sick" : "well",
      retryAfterMs: retryAfterMs(headers["retry-after"], Date.now()),
      cause: new Error(`status ${status}`),
    });
  }
  if (!JSON_TYPE.test(headers["content-type"] ?? "")) {
    throw new SourceError("bad_response", { cause: new Error("not JSON by its content type") });
  }
  const result = schema.safeParse(parseJson(body));
  if (!result.success) throw new SourceError("bad_response", { cause: result.error });
  return result.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SourceError("bad_response", { cause });
  }
}
