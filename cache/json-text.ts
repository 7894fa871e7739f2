import { hash } from "node:crypto";

/**
 * Writes a value as the JSON text that every layer keeps.
 * @throws TypeError that names the path of what JSON cannot carry
 */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}

/** A short hash of a text, for entity tags. */
export function etagOf(text: string): string {
  return hash("sha1", text, "base64url").slice(0, 16);
}
