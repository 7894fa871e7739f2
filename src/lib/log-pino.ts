import { pino } from "pino";
import type { Log, RequestLine } from "./log.ts";
import { createLogOutput, type LogOutput } from "./log-output-pino.ts";

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

export interface ProcessLog extends Log {
  /** Writes what is still buffered. */
  flush(): void;
}

/**
 * Makes the log of the process: JSON lines on standard output, coloured lines on a terminal.
 * @param level least severe level that is written
 */
export async function createLog(level: string, terminal: boolean): Promise<ProcessLog> {
  const output = terminal ? await prettyOutput() : createLogOutput(requestText);
  const logger = pino(
    { level, base: null, redact: REDACTED, timestamp: () => timestampOf(Date.now()) },
    output,
  );
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    request: logger.isLevelEnabled("info")
      ? (line) => output.add({ at: Date.now(), line })
      : undefined,
    flush: () => output.flush(),
  };
}

const { info: INFO } = pino.levels.values;

interface RequestItem {
  /** Wall clock, ms. */
  at: number;
  line: RequestLine;
}

/**
 * The line that pino would write. It has a closed set of members, none of which can carry a
 * credential: to write and redact it as any object, member by member, is dear.
 */
function requestText({ at, line }: RequestItem): string {
  const members = JSON.stringify(line).slice(1, -1);
  return `{"level":${INFO}${timestampOf(at)},${members},"msg":"request"}\n`;
}

let timestampAt = 0;
let timestampText = "";

/** ISO 8601; the text of a millisecond is made once, since it costs more than the rest of a line. */
function timestampOf(at: number): string {
  if (at !== timestampAt) {
    timestampAt = at;
    timestampText = `,"time":"${new Date(at).toISOString()}"`;
  }
  return timestampText;
}

/** Coloured lines, each at once. */
async function prettyOutput(): Promise<LogOutput<RequestItem>> {
  const { default: pretty } = await import("pino-pretty");
  const stream = pretty({ translateTime: "SYS:HH:MM:ss.l", singleLine: true, sync: true });
  const write = (line: string) => void stream.write(line);
  return { write, add: (item) => write(requestText(item)), flush: () => {} };
}
