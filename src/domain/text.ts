/**
 * What PostgreSQL can't store or JSON can't carry unchanged: NUL, and halves of surrogate pairs.
 * Everything else a person types is kept exactly as typed.
 */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

/** Control and format characters, and what is drawn as nothing (Unicode's default ignorables, the empty Braille cell). */
const invisible = /(?!\s)[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** What is left of a text for somebody who reads it: nothing invisible, no white space around. For counting, not keeping. */
export const visible = (text: string): string => text.replace(invisible, '').trim();

/** A whole address that a browser would open, and nothing that it would carry out. */
export function isWebLink(text: string): boolean {
  return /^https?:\/\/[^\s<>|"]+$/i.test(text) && URL.canParse(text);
}

/** Length as a person counts and as PostgreSQL's char_length does: code points, not UTF-16 units. */
export const codePoints = (text: string): number => [...text].length;
