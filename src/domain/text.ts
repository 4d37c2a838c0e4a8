/**
 * What PostgreSQL can't store or JSON can't carry unchanged: NUL, and halves of surrogate pairs.
 * Everything else a person types is kept exactly as typed.
 */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
}

/** Text without the white space and the invisible characters around it: what is left is what somebody can read. */
export const visible = (text: string): string => text.replace(/^[\s\p{Z}\p{C}]+|[\s\p{Z}\p{C}]+$/gu, '');

/** Length as a person counts and as PostgreSQL's char_length does: code points, not UTF-16 units. */
export const codePoints = (text: string): number => [...text].length;
