import { tagsPlan } from "../../db/bulk/tags.ts";
import { DELETED_USER_SOURCE_ID, usersPlan } from "../../db/bulk/users.ts";
import { NAME_MAX_LENGTH, TAG_NAME_MAX_LENGTH } from "../../db/limits.ts";
import { cutToCharacters, momentOf, textOf, wholeNumberOf } from "./fields.ts";
import { tableImport } from "./table-import.ts";

/** Users: authors who never log in. */
export const usersImport = tableImport({
  plan: usersPlan,
  toRow(row, report) {
    const id = wholeNumberOf(row, "Id");
    if (id === null || id === DELETED_USER_SOURCE_ID) return "no usable Id";
    const createdAt = momentOf(row, "CreationDate");
    if (createdAt === null) return "no usable date";
    const name = textOf(row, "DisplayName", report) || `user${id}`;
    const cut = cutToCharacters(name, NAME_MAX_LENGTH);
    if (cut.length < name.length) report.note("name cut");
    return { source_id: id, username: null, display_name: cut, created_at: createdAt };
  },
});

/** Tags, by name. */
export const tagsImport = tableImport({
  plan: tagsPlan,
  toRow(row, report) {
    const id = wholeNumberOf(row, "Id");
    if (id === null) return "no usable Id";
    const name = textOf(row, "TagName", report);
    if (name === "" || name.length > TAG_NAME_MAX_LENGTH) return "no usable name";
    return { source_id: id, name };
  },
});
