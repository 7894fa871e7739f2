ALTER TABLE "posts" ADD COLUMN "slug" text;--> statement-breakpoint
ALTER TABLE "posts" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "posts_slug_key" ON "posts" USING btree ("slug") WHERE "posts"."slug" is not null;--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_slug_length" CHECK (char_length("posts"."slug") between 1 and 100);