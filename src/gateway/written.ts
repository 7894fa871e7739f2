import { LRUCache } from "lru-cache";
import type { Dashboard } from "./dashboard.ts";
import type { SettledSection } from "./result.ts";

/** A dashboard as one JSON document, ready to be sent. */
export interface Written {
  body: string;
  etag: string;
  headers: Record<string, string>;
}

/** Remembers documents as long as their sections stay the same. */
export interface WrittenAnswers {
  /** @param write puts the document together; may throw, which is not remembered */
  of(
    dashboard: Dashboard,
    sections: readonly SettledSection[],
    write: (dashboard: Dashboard, sections: readonly SettledSection[]) => Written,
  ): Written;
}

/** 32 MiB of text, at the two bytes a character that the engine needs at most. */
const MAX_BYTES = 33_554_432;

/** Makes the memory of one gateway, bounded in bytes. */
export function createWrittenAnswers(): WrittenAnswers {
  const known = new LRUCache<string, { written: Written; asOf: readonly (number | undefined)[] }>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ written }, key) => 2 * (written.body.length + key.length) + 1,
  });
  return {
    of(dashboard, sections, write) {
      if (!sections.every(repeats) || dashboard.httpMaxAge !== undefined) {
        return write(dashboard, sections);
      }
      const key = keyOf(dashboard, sections);
      const found = known.get(key);
      if (found && sections.every((section, i) => asOf(section) === found.asOf[i])) {
        return found.written;
      }
      const written = write(dashboard, sections);
      known.set(key, { written, asOf: sections.map(asOf) });
      return written;
    },
  };
}

/** Whether the next request will probably meet the same: not what was loaded, or went wrong. */
function repeats({ result, durationMs }: SettledSection): boolean {
  if (result.status === "ok") return result.layer === "memory" && durationMs === 0;
  return result.status === "forbidden" || result.status === "skipped";
}

/** Entity tags stand for the data: the texts themselves would make a long key. */
function keyOf({ name }: Dashboard, sections: readonly SettledSection[]): string {
  let key = name;
  for (const section of sections) {
    const { result } = section;
    key += ` ${section.name}=${result.status === "ok" ? result.etag : result.status}`;
  }
  return key;
}

function asOf({ result }: SettledSection): number | undefined {
  return result.status === "ok" ? result.asOf : undefined;
}
