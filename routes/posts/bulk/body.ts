import { AppError } from "../../../src/lib/errors.ts";
import { jsonArrayCutter } from "../../../src/lib/records/json-array.ts";
import { ndjsonCutter } from "../../../src/lib/records/ndjson.ts";
import { RecordBody } from "../../../src/lib/records/record-body.ts";

/** 1 GiB. */
const MAX_BODY_BYTES = 1_073_741_824;
/** 1 MiB. */
const MAX_RECORD_BYTES = 1_048_576;

const cutters = [
  { type: "application/json", cutter: jsonArrayCutter },
  { type: "application/x-ndjson", cutter: ndjsonCutter },
];

/**
 * Opens the body of a bulk insert.
 * @returns its type, and its records, still unread
 * @throws AppError "unsupported_media_type" or "body_too_large", by what the headers say
 */
export function recordsOf({ headers, body }: Request): { format: string; body: RecordBody } {
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  const known = cutters.find((cutter) => cutter.type === type);
  const encoding = headers.get("content-encoding") ?? "identity";
  if (!known || encoding.toLowerCase() !== "identity") {
    const detail = "Send the body as application/json or application/x-ndjson, uncompressed.";
    throw new AppError("unsupported_media_type", detail);
  }
  if (Number(headers.get("content-length")) > MAX_BODY_BYTES) {
    const detail = `A body may have ${MAX_BODY_BYTES} bytes at most.`;
    throw new AppError("body_too_large", detail);
  }
  const cutter = known.cutter(MAX_RECORD_BYTES);
  return { format: known.type, body: new RecordBody(body ?? nothing(), cutter, MAX_BODY_BYTES) };
}

function nothing(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      controller.close();
    },
  });
}
