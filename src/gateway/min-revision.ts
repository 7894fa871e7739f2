import { isRevision } from "../../cache/revision.ts";
import { AppError } from "../lib/errors.ts";
import type { HeaderReader } from "../lib/header-reader.ts";

export const MIN_REVISION_HEADER = "Sluice-Min-Revision";

/**
 * Read-your-writes: the revision that a write answered with (docs/headers.md).
 * @returns undefined when the request asks for none
 * @throws AppError "validation_failed" when it is no revision
 */
export function readMinRevision(header: HeaderReader): string | undefined {
  const revision = header("sluice-min-revision") ?? undefined;
  if (revision === undefined || isRevision(revision)) return revision;
  throw new AppError("validation_failed", `${MIN_REVISION_HEADER} is not a Sluice-Revision.`);
}
