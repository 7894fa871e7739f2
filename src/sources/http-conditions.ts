import type { HttpResponse } from "../lib/http.ts";

/** What an upstream gave to compare with: its entity tag, or else when it last changed. */
const KINDS = [
  { header: "etag", condition: "if-none-match" },
  { header: "last-modified", condition: "if-modified-since" },
] as const;

/** @returns the stronger validator of an answer, as text to keep with the value */
export function validatorOf({ headers }: HttpResponse): string | undefined {
  for (const { header, condition } of KINDS) {
    const value = headers[header];
    if (value !== undefined) return `${condition}: ${value}`;
  }
  return undefined;
}

/** @returns the header that makes a request conditional on a validator kept earlier */
export function conditionOf(validator: string | undefined): Record<string, string> {
  const separator = validator?.indexOf(": ") ?? -1;
  if (validator === undefined || separator < 0) return {};
  return { [validator.slice(0, separator)]: validator.slice(separator + 2) };
}
