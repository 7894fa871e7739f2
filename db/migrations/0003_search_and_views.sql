CREATE TABLE "view_refreshes" (
	"view" text PRIMARY KEY NOT NULL,
	"refreshed_at" timestamp (3) with time zone NOT NULL,
	"duration_ms" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "tags_listing_idx" ON "tags" USING btree ("name" collate "C","id");--> statement-breakpoint
CREATE MATERIALIZED VIEW "public"."author_statistics" AS (select "posts"."author_id", count(*) as posts, sum("posts"."view_count") as views,
    sum((select count(*) from "likes" where "likes"."post_id" = "posts"."id"))::bigint as likes,
    sum((select count(*) from "comments"
      where "comments"."post_id" = "posts"."id" and "comments"."is_approved"))::bigint as comments,
    min("posts"."created_at") as first_post_at, max("posts"."created_at") as last_post_at
    from "posts" where "posts"."is_published" group by "posts"."author_id");--> statement-breakpoint
CREATE MATERIALIZED VIEW "public"."popular_posts" AS (select "posts"."id", "posts"."view_count" + 2 * (select count(*) from "likes" where "likes"."post_id" = "posts"."id") as score
    from "posts" where "posts"."is_published");--> statement-breakpoint
CREATE UNIQUE INDEX "popular_posts_id_key" ON "popular_posts" USING btree ("id");--> statement-breakpoint
CREATE INDEX "popular_posts_score_idx" ON "popular_posts" USING btree ("score" DESC,"id" DESC);--> statement-breakpoint
CREATE UNIQUE INDEX "author_statistics_author_key" ON "author_statistics" USING btree ("author_id");--> statement-breakpoint
INSERT INTO "view_refreshes" ("view", "refreshed_at", "duration_ms") VALUES ('popular_posts', now(), 0), ('author_statistics', now(), 0);
