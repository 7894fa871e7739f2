/** Where the log stood after an invalidation, as text: "epoch#number". */
export function formatRevision(epoch: string, seq: number): string {
  return `${epoch}#${seq}`;
}

/**
 * @throws RangeError when the text is not a revision
 */
export function parseRevision(revision: string): { epoch: string; seq: number } {
  const [, epoch, seq] = /^(.*)#(\d{1,15})$/s.exec(revision) ?? [];
  if (epoch === undefined) throw new RangeError("not a revision that invalidate returned");
  return { epoch, seq: Number(seq) };
}
