/** What one cell of an export can hold. */
export type Cell = string | number | boolean | null;

/** What a spreadsheet may take for the beginning of a formula, its full-width, small, raised and lowered forms included. */
const starter = String.raw`[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b\u208c\u208a\u208b\u2212]`;
/** What it shows as nothing, and may leave out before it looks. */
const unseen = String.raw`(?:(?![\t\r\n])[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}])*`;

/**
 * Where a formula could begin (OWASP, "CSV Injection"; CWE-1236): at the start of a cell, which a tab or a line break may
 * not be either; and inside, where a spreadsheet splits at semicolons or tabs instead of commas, as it does in many
 * countries, since quotes in the middle of such a piece hold nothing together.
 */
const dangerous = new RegExp(
  `^(?='*${unseen}(?:${starter}|[\\t\\r\\n]))|(?<=[;\\t\\r\\n])(?='*${unseen}${starter})`,
  'gu',
);

/**
 * A text that no spreadsheet runs: an apostrophe stands before whatever it would take for a formula. One more stands where
 * apostrophes stood already, so that taking one away from each place gives back exactly what was there.
 */
const guarded = (text: string): string => text.replace(dangerous, "'");

/**
 * One line of a CSV (RFC 4180, with CRLF at its end) that does nothing when it is opened in a spreadsheet. Numbers are
 * left as they are; null is an empty cell.
 */
export function csvLine(values: readonly Cell[]): string {
  const cells = values.map(written);
  // An empty line is no line with one empty cell.
  return `${cells.length === 1 && cells[0] === '' ? '""' : cells.join(',')}\r\n`;
}

function written(value: Cell): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = guarded(value);
  const needsQuotes = text !== value || /[",;\t\r\n]|^\s|\s$/.test(text);
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
