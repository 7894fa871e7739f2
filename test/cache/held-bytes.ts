/** Prints how many bytes work held that a stop watched over, and how many of them were kept. */
import { systemClock } from "../../cache/clock.ts";
import { Stop } from "../../cache/stop.ts";

const PIECES = 100;
const PIECE_BYTES = 100_000;

const before = bytesAfterScavenges();
for (let i = 0; i < PIECES; i += 1) {
  const piece = new ArrayBuffer(PIECE_BYTES);
  await new Stop().during(systemClock, 1_000, async () => piece.byteLength);
}
console.log(JSON.stringify({ held: PIECES * PIECE_BYTES, kept: bytesAfterScavenges() - before }));

/** Of the young objects alone: a full collection would hide what was kept for too long. */
function bytesAfterScavenges(): number {
  for (let pass = 0; pass < 3; pass += 1) globalThis.gc?.({ type: "minor" });
  return process.memoryUsage().arrayBuffers;
}
