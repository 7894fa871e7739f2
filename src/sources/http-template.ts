import { SourceError } from "../lib/source-error.ts";

/** `{name}`, where a parameter goes. */
export const PLACEHOLDER = /\{([a-z_][a-z0-9_]*)\}/gi;

export interface Address {
  url: string;
  /** Whether a parameter has a part in the host. */
  hostFromParams: boolean;
}

/**
 * Puts parameters into an address template such as `https://api.example/{city}?days={days}`. Each is
 * percent-encoded, so that it stays within its segment of the path or its value of the query.
 * @param params the section's parameters by name
 * @throws SourceError "failed" for a value that would leave its segment, or is missing
 */
export function fillTemplate(template: string, params: Record<string, unknown>): Address {
  const hostPart = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(template)?.[0] ?? "";
  const url = template.replaceAll(PLACEHOLDER, (_placeholder, name: string) => {
    const value = params[name];
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
      throw refused(`the parameter "${name}" has no value for the address`);
    }
    const text = String(value);
    if (text === "" || text === "." || text === ".." || !text.isWellFormed()) {
      throw refused(`the parameter "${name}" is not possible in an address`);
    }
    return encodeURIComponent(text);
  });
  return { url, hostFromParams: hostPart.includes("{") };
}

function refused(why: string): SourceError {
  return new SourceError("failed", { cause: new Error(why) });
}
