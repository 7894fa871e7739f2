import { type DestinationStream, pino } from "pino";
import type { Log } from "./log.ts";

/** What could carry a credential, should an error object ever bring it along. */
const REDACTED = [
  "password",
  "token",
  "authorization",
  "cookie",
  "err.parameters",
  "err.query",
  "err.command",
];

/**
 * Lines are written many at a time, 100 ms late at most: a write for each would cost more than the
 * line. What is in the buffer when the process exits is still written.
 */
const BUFFERED = { sync: false, minLength: 4_096, periodicFlush: 100 };

export interface ProcessLog extends Log {
  /** Writes what is still buffered. */
  flush(): void;
}

/**
 * Makes the log of the process: JSON lines on standard output, coloured lines on a terminal.
 * @param level least severe level that is written
 */
export async function createLog(level: string, terminal: boolean): Promise<ProcessLog> {
  const destination = terminal ? await prettyDestination() : pino.destination(BUFFERED);
  const logger = pino({ level, base: null, redact: REDACTED, timestamp }, destination);
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    writesInfo: logger.isLevelEnabled("info"),
    flush: () => logger.flush(),
  };
}

let timestampAt = 0;
let timestampText = "";

/** ISO 8601; the text of a millisecond is made once, since it costs more than the rest of a line. */
function timestamp(): string {
  const now = Date.now();
  if (now !== timestampAt) {
    timestampAt = now;
    timestampText = `,"time":"${new Date(now).toISOString()}"`;
  }
  return timestampText;
}

async function prettyDestination(): Promise<DestinationStream> {
  const { default: pretty } = await import("pino-pretty");
  return pretty({ translateTime: "SYS:HH:MM:ss.l", singleLine: true, sync: true });
}
