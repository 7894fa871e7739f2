CREATE TABLE "bulk_loads" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bulk_loads_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" bigint NOT NULL,
	"idempotency_key" text,
	"mode" text NOT NULL,
	"format" text NOT NULL,
	"owner" uuid NOT NULL,
	"leased_until" timestamp (3) with time zone NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"prefix_hash" text,
	"received" integer DEFAULT 0 NOT NULL,
	"inserted" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"errors" text DEFAULT '[]' NOT NULL,
	"body_hash" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "bulk_loads_key_length" CHECK (char_length("bulk_loads"."idempotency_key") between 1 and 255)
);
--> statement-breakpoint
CREATE UNLOGGED TABLE "staged_posts" (
	"load_id" bigint NOT NULL,
	"line" integer NOT NULL,
	"title" text NOT NULL,
	"content" text NOT NULL,
	"category" text NOT NULL,
	"slug" text,
	"tags" text NOT NULL,
	"is_published" boolean NOT NULL,
	CONSTRAINT "staged_posts_pkey" PRIMARY KEY("load_id","line")
);
--> statement-breakpoint
ALTER TABLE "bulk_loads" ADD CONSTRAINT "bulk_loads_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "bulk_loads_user_key" ON "bulk_loads" USING btree ("user_id","idempotency_key");