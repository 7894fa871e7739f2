import type { BulkRow } from "../../db/bulk/plan.ts";
import type { PostColumns, PostCounts } from "../../db/bulk/posts.ts";
import { postsPlan } from "../../db/bulk/posts.ts";
import { CONTENT_MAX_BYTES, TAG_NAME_MAX_LENGTH, TITLE_MAX_LENGTH } from "../../db/limits.ts";
import { countOf, cutToBytes, cutToCharacters, momentOf, textOf, wholeNumberOf } from "./fields.ts";
import type { SkipReason, TableReport } from "./report.ts";
import type { SourceRow } from "./row-source.ts";
import type { TableImport } from "./table-import.ts";

const QUESTION = 1;
const ANSWER = 2;

/**
 * The two passes over Posts. Answers come second because their titles need their questions, and a
 * question that took over answers from another one stands behind them in the file.
 * @param site the category's slug
 */
export function postPasses(site: string): TableImport<PostColumns, PostCounts>[] {
  const pass = (isForPass: (type: number | null) => boolean) => ({
    plan: postsPlan,
    toRow: (row: SourceRow, report: TableReport) => {
      const type = wholeNumberOf(row, "PostTypeId");
      return isForPass(type) ? postRow(site, type, row, report) : null;
    },
    count: countPosts,
  });
  return [pass((type) => type !== ANSWER), pass((type) => type === ANSWER)];
}

function postRow(
  site: string,
  type: number | null,
  row: SourceRow,
  report: TableReport,
): BulkRow<PostColumns> | SkipReason {
  if (type !== QUESTION && type !== ANSWER) return "neither question nor answer";
  const id = wholeNumberOf(row, "Id");
  if (id === null) return "no usable Id";
  const createdAt = momentOf(row, "CreationDate");
  if (createdAt === null) return "no usable date";
  const question = type === ANSWER ? wholeNumberOf(row, "ParentId") : null;
  if (type === ANSWER && question === null) return "its question is not there";
  return {
    source_id: id,
    author_source_id: wholeNumberOf(row, "OwnerUserId"),
    question_source_id: question,
    category: site,
    title: type === QUESTION ? titleOf(row, report) : null,
    content: contentOf(row, report),
    tags: type === QUESTION ? tagsOf(row, report) : null,
    is_published: true,
    view_count: countOf(row, "ViewCount"),
    created_at: createdAt,
    updated_at: momentOf(row, "LastEditDate") ?? createdAt,
  };
}

function titleOf(row: SourceRow, report: TableReport): string {
  const title = textOf(row, "Title", report);
  if (title === "") report.note("without title");
  const cut = cutToCharacters(title, TITLE_MAX_LENGTH);
  if (cut.length < title.length) report.note("title cut");
  return cut;
}

function contentOf(row: SourceRow, report: TableReport): string {
  const body = textOf(row, "Body", report);
  const cut = cutToBytes(body, CONTENT_MAX_BYTES);
  if (cut.length < body.length) report.note("body cut");
  return cut;
}

/** `<a><b>`, and `|a|b|` of dumps from 2023 on. */
function tagsOf(row: SourceRow, report: TableReport): string | null {
  const text = textOf(row, "Tags", report);
  if (text === "") return null;
  const names = text.split(/[<>|]+/).filter((name) => name !== "");
  const usable = names.filter((name) => name.length <= TAG_NAME_MAX_LENGTH);
  report.note("tag name too long", names.length - usable.length);
  return usable.join("|");
}

function countPosts(counts: PostCounts, report: TableReport): void {
  report.skip("its question is not there", counts.withoutQuestion);
  report.note("author is (deleted)", counts.withoutAuthor);
  report.note("tags of posts", counts.tagged);
  report.note("tags made from posts", counts.tagsMade);
}
