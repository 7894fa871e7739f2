import { z } from "@hono/zod-openapi";
import { postItem } from "./posts/shapes.ts";

const piece = z
  .object({ text: z.string(), match: z.boolean() })
  .openapi("HighlightPiece", { description: "Plain text, and whether it is a word that fits" });

/** A post that was found. */
export const foundPost = postItem
  .extend({
    rank: z.number().min(0).openapi({ description: "How well it fits; of this search alone" }),
    highlights: z.object({
      title: z.array(piece).openapi({ description: "Together the title, without markup" }),
      content: z
        .array(z.array(piece))
        .max(3)
        .openapi({ description: "Fragments of the content, without markup, that hold a match" }),
    }),
  })
  .openapi("FoundPost");
