import type { Context, TypedResponse } from "hono";
import { etagOf } from "../cache/entry.ts";
import { jsonHeaders } from "../src/gateway/headers.ts";
import { document, send } from "../src/gateway/send.ts";
import { headerReader } from "../src/lib/header-reader.ts";

export interface AnswerOptions<Body> {
  /** Makes the entity tag; default: a weak one of the body. @param hash of the body's text */
  entityTag?: (hash: string, body: Body) => string;
  headers?: Record<string, string>;
}

const weak = (hash: string) => `W/"${hash}"`;

/**
 * Answers with JSON that only its viewer may keep, and has to ask for again each time: 304 when the
 * entity tag in `If-None-Match` still fits (RFC 9110, 13.1.2); compressed where the client can read it.
 */
export async function answer<Body extends object>(
  c: Context,
  body: Body,
  { entityTag = weak, headers = {} }: AnswerOptions<Body> = {},
): Promise<Response & TypedResponse<Body, 200, "json">> {
  const text = JSON.stringify(body);
  const etag = entityTag(etagOf(text), body);
  const all = { ...jsonHeaders("private, no-cache"), ETag: etag, ...headers };
  const response = await send(document(text, all, etag), headerReader(c.req.raw, c.env), undefined);
  return response as Response & TypedResponse<Body, 200, "json">;
}
