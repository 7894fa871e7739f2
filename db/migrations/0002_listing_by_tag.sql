ALTER TABLE "post_tags" DROP CONSTRAINT "post_tags_post_id_posts_id_fk";
--> statement-breakpoint
DROP INDEX "comments_post_idx";--> statement-breakpoint
DROP INDEX "post_tags_tag_idx";--> statement-breakpoint
ALTER TABLE "post_tags" ADD COLUMN "is_published" boolean DEFAULT null;--> statement-breakpoint
ALTER TABLE "post_tags" ADD COLUMN "created_at" timestamp (3) with time zone DEFAULT null;--> statement-breakpoint
ALTER TABLE "post_tags" ADD COLUMN "author_id" bigint DEFAULT null;--> statement-breakpoint
ALTER TABLE "post_tags" ADD COLUMN "category_id" bigint DEFAULT null;--> statement-breakpoint
UPDATE "post_tags" SET "is_published" = "posts"."is_published", "created_at" = "posts"."created_at", "author_id" = "posts"."author_id", "category_id" = "posts"."category_id" FROM "posts" WHERE "posts"."id" = "post_tags"."post_id";--> statement-breakpoint
ALTER TABLE "post_tags" ALTER COLUMN "is_published" SET NOT NULL, ALTER COLUMN "created_at" SET NOT NULL, ALTER COLUMN "author_id" SET NOT NULL, ALTER COLUMN "category_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_listing_key" UNIQUE("id","is_published","created_at","author_id","category_id");--> statement-breakpoint
ALTER TABLE "post_tags" ADD CONSTRAINT "post_tags_post_fk" FOREIGN KEY ("post_id","is_published","created_at","author_id","category_id") REFERENCES "public"."posts"("id","is_published","created_at","author_id","category_id") ON DELETE cascade ON UPDATE cascade;--> statement-breakpoint
CREATE FUNCTION "post_tags_copy_post"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	SELECT is_published, created_at, author_id, category_id
	INTO NEW.is_published, NEW.created_at, NEW.author_id, NEW.category_id
	FROM posts WHERE id = NEW.post_id;
	RETURN NEW;
END
$$;--> statement-breakpoint
CREATE TRIGGER "post_tags_copy_post" BEFORE INSERT ON "post_tags" FOR EACH ROW WHEN (NEW.created_at IS NULL) EXECUTE FUNCTION "post_tags_copy_post"();--> statement-breakpoint
CREATE INDEX "comments_post_pending_newest_idx" ON "comments" USING btree ("post_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE not "comments"."is_approved";--> statement-breakpoint
CREATE INDEX "comments_post_newest_idx" ON "comments" USING btree ("post_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "post_tags_newest_idx" ON "post_tags" USING btree ("tag_id","is_published","created_at" DESC NULLS FIRST,"post_id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "post_tags_author_newest_idx" ON "post_tags" USING btree ("tag_id","author_id","created_at" DESC NULLS FIRST,"post_id" DESC NULLS FIRST) WHERE "post_tags"."is_published";--> statement-breakpoint
CREATE INDEX "post_tags_category_newest_idx" ON "post_tags" USING btree ("tag_id","category_id","created_at" DESC NULLS FIRST,"post_id" DESC NULLS FIRST) WHERE "post_tags"."is_published";--> statement-breakpoint
CREATE INDEX "post_tags_author_category_newest_idx" ON "post_tags" USING btree ("tag_id","author_id","category_id","created_at" DESC NULLS FIRST,"post_id" DESC NULLS FIRST) WHERE "post_tags"."is_published";--> statement-breakpoint
CREATE INDEX "posts_author_category_newest_idx" ON "posts" USING btree ("author_id","category_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE "posts"."is_published";
