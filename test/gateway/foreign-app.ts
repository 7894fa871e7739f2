/** A team's own application, with its own router, users and table: it knows the gateway alone. */
import { Hono } from "hono";
import type { Sql } from "postgres";
import { z } from "zod";
import {
  AppError,
  createCache,
  createGateway,
  createSluice,
  type HttpClient,
} from "../../src/index.ts";

interface ShopContext {
  sql: Sql;
  http: HttpClient;
  viewer: { id: string; scopes: string[]; branch: string };
}

const day = (rateUrl: string) =>
  createSluice<ShopContext>().dashboard({
    name: "shop_day",
    deadline: "10s",
    sections: ({ section, http }) => ({
      orders: section({
        scope: ({ viewer }) => viewer.branch,
        timeout: "9s",
        cache: { ttl: "1m", tags: ({ scope }) => [`branch:${scope}`] },
        async load({ sql, scope }) {
          const [row] = await sql<{ count: number; cents: number }[]>`
            select count(*)::int as count, coalesce(sum(cents), 0)::int as cents
            from shop_orders where branch = ${scope}`;
          return row ?? { count: 0, cents: 0 };
        },
      }),
      rate: http(rateUrl, {
        scope: "shared",
        timeout: "9s",
        schema: z.object({ eur: z.number() }),
      }),
    }),
  });

/** @param clerks who may come in: API key → branch */
export function createShop(
  sql: Sql,
  http: HttpClient,
  rateUrl: string,
  clerks: Map<string, string>,
) {
  const gateway = createGateway<ShopContext>({
    dashboards: [day(rateUrl)],
    cache: createCache({ maxBytes: 1_048_576 }),
    context: () => ({ sql, http }),
    async authenticate(request) {
      const key = request.headers.get("X-Api-Key") ?? "";
      const branch = clerks.get(key);
      if (branch === undefined) throw new AppError("unauthorized", "Send your API key.");
      return { id: key, scopes: [], branch };
    },
  });
  return new Hono<{ Variables: { shop: string } }>()
    .get("/", (c) => c.text("the shop"))
    .route("/internal/api", gateway);
}
