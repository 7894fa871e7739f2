import { commentsPlan } from "../../db/bulk/comments.ts";
import { likesPlan } from "../../db/bulk/likes.ts";
import { COMMENT_MAX_LENGTH } from "../../db/limits.ts";
import { cutToCharacters, momentOf, textOf, wholeNumberOf } from "./fields.ts";
import { tableImport } from "./table-import.ts";

const UP_VOTE = 2;

/** Comments, approved when they have an author. */
export const commentsImport = tableImport({
  plan: commentsPlan,
  toRow(row, report) {
    const id = wholeNumberOf(row, "Id");
    if (id === null) return "no usable Id";
    const createdAt = momentOf(row, "CreationDate");
    if (createdAt === null) return "no usable date";
    const text = textOf(row, "Text", report);
    const cut = cutToCharacters(text, COMMENT_MAX_LENGTH);
    if (cut.length < text.length) report.note("comment cut");
    return {
      source_id: id,
      post_source_id: wholeNumberOf(row, "PostId"),
      author_source_id: wholeNumberOf(row, "UserId"),
      content: cut,
      is_approved: true,
      created_at: createdAt,
    };
  },
  count(counts, report) {
    report.skip("its post is not there", counts.withoutPost);
    report.note("author is (deleted)", counts.withoutAuthor);
  },
});

/** Up-votes: likes of nobody known. */
export const votesImport = tableImport({
  plan: likesPlan,
  toRow(row) {
    if (wholeNumberOf(row, "VoteTypeId") !== UP_VOTE) return "not an up-vote";
    const id = wholeNumberOf(row, "Id");
    if (id === null) return "no usable Id";
    const createdAt = momentOf(row, "CreationDate");
    if (createdAt === null) return "no usable date";
    return {
      source_id: id,
      post_source_id: wholeNumberOf(row, "PostId"),
      user_source_id: null,
      created_at: createdAt,
    };
  },
  count(counts, report) {
    report.skip("its post is not there", counts.withoutPost);
  },
});
