import { type Behaviour, hangs } from "../../helpers/upstream.ts";

export type { Behaviour } from "../../helpers/upstream.ts";

/** Answers when the test says so: it keeps the response open. */
export const waits: Behaviour = (request, response) => {
  held.push(() => response.writeHead(200, JSON_TYPE).end('{"n":2}'));
  hangs(request, response);
};

const JSON_TYPE = { "Content-Type": "application/json" };
const held: (() => void)[] = [];

/** Answers the requests that `waits` has held back. @returns how many they were */
export function release(): number {
  const waiting = held.splice(0);
  for (const answer of waiting) answer();
  return waiting.length;
}

/** What the source gave before anything went wrong. */
export const inBetterDays: Behaviour = (_request, response) => {
  response.writeHead(200, { ...JSON_TYPE, ETag: '"one"' }).end('{"n":1}');
};

export const notModified: Behaviour = (_request, response) => {
  response.writeHead(304).end();
};

export const tooMany: Behaviour = (_request, response) => {
  response.writeHead(429, { ...JSON_TYPE, "Retry-After": "60" }).end("{}");
};

export const brokenJson: Behaviour = (_request, response) => {
  response.writeHead(200, JSON_TYPE).end('{"n":');
};

export const html: Behaviour = (_request, response) => {
  response.writeHead(200, { "Content-Type": "text/html" }).end('{"n":2}');
};

export const fiveMebibytes: Behaviour = (_request, response) => {
  response.writeHead(200, JSON_TYPE).end(`"${"x".repeat(5 * 1_048_576)}"`);
};

export const redirectsToItself: Behaviour = (request, response) => {
  response.writeHead(302, { Location: request.url ?? "/" }).end();
};

/** By a name, so that only the connection can tell that its address is private. */
export const redirectsToPrivate: Behaviour = (request, response) => {
  const port = request.socket.localPort;
  response.writeHead(302, { Location: `http://localhost:${port}/private` }).end();
};

export const resets: Behaviour = (request) => {
  request.socket.resetAndDestroy();
};
