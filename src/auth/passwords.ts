import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import pLimit from "p-limit";
import { AppError } from "../lib/errors.ts";

/** OWASP's password storage cheat sheet, the row with 32 MiB. */
const COST = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const MAX_MEMORY_BYTES = 67_108_864;

/** Each derivation holds a thread and 32 MiB: few at once, and a bounded wait. */
const derivations = pLimit(2);
const MAX_WAITING = 100;

/**
 * Derives what is stored of a password.
 * @returns `$scrypt$ln=…,r=…,p=…$salt$key`, salt and key in base64url
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, COST);
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${salt.toString("base64url")}$${key.toString("base64url")}`;
}

/**
 * Compares a password with what is stored. Without a stored hash it works as long and says no, so
 * that the time does not tell which users exist.
 * @throws AppError "overloaded" when too many comparisons wait
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored ?? "");
  if (!match) {
    await derive(password, Buffer.alloc(SALT_BYTES), COST);
    return false;
  }
  const [ln, r, p] = match.slice(1, 4).map(Number) as [number, number, number];
  const [salt, expected] = match.slice(4).map((part) => Buffer.from(part, "base64url")) as [
    Buffer,
    Buffer,
  ];
  const key = await derive(password, salt, { ln, r, p });
  return key.length === expected.length && timingSafeEqual(key, expected);
}

function derive(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  if (derivations.pendingCount >= MAX_WAITING) {
    throw new AppError("overloaded", "Too many logins at once.", {
      headers: { "Retry-After": "5" },
    });
  }
  const options: ScryptOptions = {
    N: 2 ** cost.ln,
    r: cost.r,
    p: cost.p,
    maxmem: MAX_MEMORY_BYTES,
  };
  return derivations(
    () =>
      new Promise((resolve, reject) => {
        // One form for what looks the same on different keyboards.
        scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) =>
          error ? reject(error) : resolve(key),
        );
      }),
  );
}
