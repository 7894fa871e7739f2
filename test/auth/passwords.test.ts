import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hashPassword, verifyPassword } from "../../src/auth/passwords.ts";

describe("a password's hash", () => {
  it("is salted, names its cost, and fits that password alone", async () => {
    const [one, two] = await Promise.all([
      hashPassword("correct horse"),
      hashPassword("correct horse"),
    ]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword("correct horse", one)).toBe(true);
    expect(await verifyPassword("correct horsf", one)).toBe(false);
  });

  it("of another cost still fits, so that the cost can be raised", async () => {
    const salt = Buffer.from("salt").toString("base64url");
    const key = scryptSync("old", "salt", 32, { N: 1_024, r: 8, p: 1 }).toString("base64url");
    expect(await verifyPassword("old", `$scrypt$ln=10,r=8,p=1$${salt}$${key}`)).toBe(true);
  });

  it("is the same for composed and decomposed letters", async () => {
    expect(await verifyPassword("cafe\u0301!!!", await hashPassword("caf\u00e9!!!"))).toBe(true);
  });

  it.each([null, "", "plain text"])("never fits where %j is stored", async (stored) => {
    expect(await verifyPassword("", stored)).toBe(false);
  });
});
