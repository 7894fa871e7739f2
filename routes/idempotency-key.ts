import { AppError } from "../src/lib/errors.ts";

const VISIBLE_ASCII = /^[!-~]{1,255}$/;

/**
 * Reads the name that a client gives to a request, so that it may send the request again without
 * its effect happening twice.
 * @returns the key, or undefined when the request has none
 * @throws AppError "validation_failed" unless it is 1 to 255 visible ASCII characters
 */
export function idempotencyKeyOf({ headers }: Request): string | undefined {
  const key = headers.get("idempotency-key");
  if (key === null) return undefined;
  if (VISIBLE_ASCII.test(key)) return key;
  const message = "must be 1 to 255 visible ASCII characters";
  throw new AppError("validation_failed", "The header Idempotency-Key is not valid.", {
    errors: [{ path: "Idempotency-Key", code: "invalid_format", message }],
  });
}
