import { AppError } from "../../../src/lib/errors.ts";

/**
 * Lets a few do something long at once, and tells others to come back.
 * @param size those let in at most
 */
export function createPlaces(size: number) {
  let taken = 0;
  return {
    /** @throws AppError "overloaded" when no place is free; what `run` throws */
    async take<T>(run: () => Promise<T>): Promise<T> {
      if (taken === size) {
        throw new AppError("overloaded", `${size} bulk inserts run already; try again.`, {
          headers: { "Retry-After": "5" },
        });
      }
      taken += 1;
      try {
        return await run();
      } finally {
        taken -= 1;
      }
    },
  };
}
