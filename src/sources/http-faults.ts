import { PLACEHOLDER } from "./http-template.ts";

interface Declared {
  /** Parameters that the section reads. */
  params?: readonly string[];
  maxBytes: number;
  redirects: number;
}

/**
 * Finds what could never work in the declaration of an HTTP section.
 * @param url the template of the address
 * @returns each fault with its remedy, in words for the section's author
 */
export function httpFaults(url: string, { params = [], maxBytes, redirects }: Declared): string[] {
  const faults: string[] = [];
  for (const [placeholder, name = ""] of url.matchAll(PLACEHOLDER)) {
    if (params.includes(name)) continue;
    faults.push(
      `its address has ${placeholder}, which it does not read; add "${name}" to its params`,
    );
  }
  // The scheme as it is written: it must be plain where the host begins.
  if (!/^https?:\/\//i.test(url) || !URL.canParse(exampleOf(url))) {
    faults.push('its address is none of HTTP; write one such as "https://api.example/{city}"');
  }
  if (!Number.isInteger(maxBytes) || maxBytes <= 0) {
    faults.push(`its maxBytes of ${maxBytes} must be a whole number over 0`);
  }
  if (!Number.isInteger(redirects) || redirects < 0) {
    faults.push(`its redirects of ${redirects} must be a whole number, 0 or more`);
  }
  return faults;
}

/** The template with values that fit wherever they stand: a port is a number. */
function exampleOf(template: string): string {
  return template.replaceAll(PLACEHOLDER, (_placeholder, _name, at: number) =>
    template[at - 1] === ":" ? "1" : "x",
  );
}
