import type { Sent } from "./bare.ts";
import { DASHBOARD, startChild } from "./programs.ts";

/** Added by the server to every answer, a bare one too. */
const OF_THE_SERVER = ["connection", "keep-alive", "date", "transfer-encoding"];

/** Looks what the gateway sends when all is warm: the bare routes send the same. */
export async function observe(): Promise<Sent> {
  await using server = await startChild("instant", { logLevel: "warn" });
  const headers = { ...server.headers, "Accept-Encoding": "identity" };
  await fetch(server.origin + DASHBOARD, { headers });
  const response = await fetch(server.origin + DASHBOARD, { headers });
  const sent = [...response.headers].filter(([name]) => !OF_THE_SERVER.includes(name));
  return { body: await response.text(), headers: Object.fromEntries(sent) };
}
