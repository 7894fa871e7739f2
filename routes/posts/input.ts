import { z } from "@hono/zod-openapi";
import {
  COMMENT_MAX_LENGTH,
  CONTENT_MAX_BYTES,
  SLUG_MAX_LENGTH,
  TAG_NAME_MAX_LENGTH,
  TITLE_MAX_LENGTH,
} from "../../db/limits.ts";
import { text } from "../openapi.ts";

const MAX_TAGS = 20;

const encoder = new TextEncoder();

const content = text(0, CONTENT_MAX_BYTES)
  .refine((value) => encoder.encode(value).length <= CONTENT_MAX_BYTES, {
    error: `must have ${CONTENT_MAX_BYTES} bytes of UTF-8 at most`,
  })
  .openapi({ description: "Kept as it is sent, markup too" });

/** A name in an address. */
export const slug = text(1, SLUG_MAX_LENGTH).regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, {
  error: "must be lower-case letters and digits, with single hyphens between them",
});

const tag = text(1, TAG_NAME_MAX_LENGTH).refine(
  (name) => name.trim() === name && !/[|\p{Cc}]/u.test(name),
  { error: "must hold no |, no control character and no white space at an end" },
);

const tagNames = z
  .array(tag)
  .max(MAX_TAGS)
  .transform((names) => [...new Set(names)])
  .openapi({ description: "Those that are not there are made" });

const fields = {
  title: text(1, TITLE_MAX_LENGTH),
  content,
  category: text(1, SLUG_MAX_LENGTH).openapi({ description: "Slug of a category" }),
  tags: tagNames,
  slug: slug.nullable(),
  is_published: z.boolean(),
};

/** What a new post is made of. */
export const newPost = z
  .strictObject({
    ...fields,
    content: fields.content.default(""),
    tags: fields.tags.default([]),
    slug: fields.slug.default(null),
    is_published: fields.is_published.default(true),
  })
  .openapi("NewPost", {
    example: {
      title: "Sluices of the old canal",
      content: "<p>They still work.</p>",
      category: "engineering",
      tags: ["canals"],
      slug: "sluices-of-the-old-canal",
      is_published: true,
    },
  });

/** What an edit may change. */
export const postChanges = z
  .strictObject({
    title: fields.title.exactOptional(),
    content: fields.content.exactOptional(),
    category: fields.category.exactOptional(),
    tags: fields.tags.exactOptional(),
    slug: fields.slug.exactOptional(),
    is_published: fields.is_published.exactOptional(),
  })
  .refine((changes) => Object.keys(changes).length > 0, { error: "changes nothing" })
  .openapi("PostChanges", { example: { title: "Sluices of the new canal" } });

export const newComment = z
  .strictObject({ content: text(1, COMMENT_MAX_LENGTH) })
  .openapi("NewComment", { example: { content: "Well observed." } });

export const moderation = z
  .strictObject({ is_approved: z.boolean() })
  .openapi("Moderation", { example: { is_approved: true } });
