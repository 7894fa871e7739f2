import type { HttpClient, HttpRequest, HttpResponse } from "../lib/http.ts";
import { SourceError } from "../lib/source-error.ts";

export interface RedirectPolicy {
  /** Redirects that are followed at most. */
  most: number;
  /** Other hosts that a redirect may lead to, as `host` or `host:port`. */
  hosts: readonly string[];
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Gets an address and follows its redirects: within the origin, and to the allowed hosts, where no
 * header of the caller follows.
 * @throws SourceError "bad_response" when a redirect leads elsewhere or there are too many
 */
export async function getFollowing(
  client: HttpClient,
  first: HttpRequest,
  policy: RedirectPolicy,
): Promise<HttpResponse> {
  let request = first;
  for (let followed = 0; ; followed += 1) {
    const response = await client.get(request);
    const { location } = response.headers;
    if (!REDIRECTS.has(response.status) || location === undefined) return response;
    if (followed === policy.most) throw refused(`more than ${policy.most} redirects`);
    request = redirected(request, location, policy);
  }
}

function redirected(
  request: HttpRequest,
  location: string,
  { hosts }: RedirectPolicy,
): HttpRequest {
  const from = new URL(request.url);
  const to = URL.parse(location, request.url);
  if (to?.protocol !== "https:" && to?.protocol !== "http:") throw refused("no HTTP address");
  if (to.origin === from.origin) return { ...request, url: to.href };
  if (from.protocol === "https:" && to.protocol === "http:") throw refused("away from HTTPS");
  if (!hosts.includes(to.host)) throw refused(`a redirect to ${to.host}`);
  const { accept = "application/json" } = request.headers;
  return { ...request, url: to.href, headers: { accept }, checkAddress: true };
}

function refused(why: string): SourceError {
  return new SourceError("bad_response", { health: "well", cause: new Error(why) });
}
