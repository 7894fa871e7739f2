// What the tables take; characters are code points.

/** Longer titles would not fit into the covering index. Characters. */
export const TITLE_MAX_LENGTH = 200;
/** Longer contents could exceed the 1 MiB limit of a tsvector. Bytes. */
export const CONTENT_MAX_BYTES = 262_144;
/** Characters. */
export const COMMENT_MAX_LENGTH = 10_000;

/** Of users, as shown. Characters. */
export const NAME_MAX_LENGTH = 200;
/** Characters. */
export const TAG_NAME_MAX_LENGTH = 100;
/** Of categories and posts; also of an imported site's name. Characters. */
export const SLUG_MAX_LENGTH = 100;
