import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: ["./db/schema.ts", "./db/schema-writes.ts", "./db/schema-views.ts"],
  out: "./db/migrations",
});
