CREATE TABLE "view_batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"added_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "view_batches_added_idx" ON "view_batches" USING btree ("added_at");