/** A piece of a page that is markup already; everything else that goes into one is text. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

type Piece = string | number | boolean | null | Html | readonly Html[];

/** Markup with text in it. What is put in is escaped, also within quotes, unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(strings.map((string, i) => string + (i < pieces.length ? markupOf(pieces[i] ?? null) : '')).join(''));
}

function markupOf(piece: Piece): string {
  if (piece instanceof Html) return piece.markup;
  if (typeof piece === 'object' && piece !== null) return piece.map(({ markup }) => markup).join('');
  return piece === null ? '' : escaped(String(piece));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What steers how text is shown instead of being text is shown as its number: nothing turns a line round or hides. */
export const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? '')
    .replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (sign) => `[U+${hexadecimal(sign)}]`);

const hexadecimal = (sign: string): string => (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

/** What somebody typed: on its own, whichever direction it is written in. */
export const typed = (text: unknown): Html =>
  html`<bdi>${typeof text === 'string' ? text : JSON.stringify(text ?? null)}</bdi>`;

/** A whole page: what is to be read, how it looks, and what its head says beside that. */
export const page = (title: string, css: string, body: Html, head: Html = html``): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}<title>${title}</title>
<style>${new Html(css)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.markup;
