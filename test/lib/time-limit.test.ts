import { describe, expect, it } from "vitest";
import { untilAborted } from "../../src/lib/time-limit.ts";

const never = new AbortController().signal;

describe("work until its signal aborts", () => {
  it.each([
    ["a value", 1],
    ["null", null],
    ["an object with data of the name then", JSON.parse('{"then":"soon"}')],
  ])("may be %s", async (_, value) => {
    expect(await untilAborted<unknown>(never, () => value)).toEqual(value);
  });

  it("throws at once what it throws at once", () => {
    const failing = () =>
      untilAborted(never, () => {
        throw new RangeError("at once");
      });
    expect(failing).toThrow("at once");
  });

  it("ends with the signal's reason, though the work listened first", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(controller.signal, () => {
      const { promise, reject } = Promise.withResolvers<never>();
      controller.signal.addEventListener("abort", () => reject(new Error("its own")));
      return promise;
    });
    controller.abort(new Error("the reason"));
    await expect(waiting).rejects.toThrow("the reason");
  });

  it("ends when the signal aborts while the work begins", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(controller.signal, () => {
      controller.abort(new Error("meanwhile"));
      return new Promise<never>(() => {});
    });
    await expect(waiting).rejects.toThrow("meanwhile");
  });
});
