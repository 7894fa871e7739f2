import { problemAnswer } from "../openapi.ts";

const text = (description: string) => ({ description, schema: { type: "string" as const } });

/** Headers of the answer to a write. */
export const writeHeaders = {
  "Sluice-Revision": text("to be sent as Sluice-Min-Revision by who has to see this write"),
};

export const busy = problemAnswer(
  "The database does not answer, too many wait for it, or another writer holds what this one needs",
);

/** How a write to a post that should be there may fail. */
export const refusals = {
  400: problemAnswer("The id or the body is not as described"),
  401: problemAnswer("No valid token"),
  403: problemAnswer("The token lacks the scope, or the post is another's"),
  404: problemAnswer("There is no such post"),
  503: busy,
};
