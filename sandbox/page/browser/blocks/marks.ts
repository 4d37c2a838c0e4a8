/** Where Slack's marks count: a reading of mrkdwn as a tree, without any idea of how it looks. */
import { referenceAt, unescaped } from '../../../slack/mrkdwn.ts';

export type Mark =
  | { kind: 'text'; text: string }
  /** What stands between `<` and `>`, still as it was sent. */
  | { kind: 'reference'; inside: string }
  | { kind: 'bold' | 'italic' | 'strike' | 'code'; within: Mark[] };

export interface Part {
  kind: 'lines' | 'quote' | 'code';
  marks: Mark[];
}

const KINDS = { '*': 'bold', _: 'italic', '~': 'strike', '`': 'code' } as const;
type Sign = keyof typeof KINDS;

const isSign = (character: string | undefined): character is Sign =>
  character !== undefined && Object.hasOwn(KINDS, character);
const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character);
const isSpace = (character: string | undefined) => character === undefined || /\s/.test(character);

/** A mark counts at the edge of words only, never beside its like; spaces belong inside it only in code. */
const opens = (text: string, at: number, sign: Sign): boolean =>
  !isWord(text[at - 1]) && text[at - 1] !== sign && text[at + 1] !== sign && (sign === '`' || !isSpace(text[at + 1]));

const closes = (text: string, at: number, sign: Sign): boolean =>
  text[at] === sign &&
  text[at - 1] !== sign &&
  text[at + 1] !== sign &&
  !isWord(text[at + 1]) &&
  (sign === '`' || !isSpace(text[at - 1]));

/** Where the mark that opens here ends; a line's end ends nothing. */
function closing(text: string, from: number, sign: Sign): number | undefined {
  let at = from + 1;
  while (at < text.length && text[at] !== '\n') {
    if (closes(text, at, sign)) return at;
    at = skipped(text, at, sign) ?? at + 1;
  }
  return undefined;
}

/** The end of what is one thing, and in which no mark of another kind ends: a reference, or code. */
function skipped(text: string, at: number, sign: Sign): number | undefined {
  const reference = referenceAt(text, at);
  if (reference !== undefined) return reference.end;
  if (sign === '`' || text[at] !== '`' || !opens(text, at, '`')) return undefined;
  const end = closing(text, at, '`');
  return end === undefined ? undefined : end + 1;
}

/** Reads a run of text: references, and marks unless they are switched off, as they are in code. */
function read(text: string, marksCount: boolean): Mark[] {
  const marks: Mark[] = [];
  let plainFrom = 0;
  let at = 0;
  const found = (mark: Mark, end: number) => {
    if (plainFrom < at) marks.push({ kind: 'text', text: unescaped(text.slice(plainFrom, at)) });
    marks.push(mark);
    at = end;
    plainFrom = end;
  };
  while (at < text.length) {
    const reference = referenceAt(text, at);
    const sign = text[at];
    const end = marksCount && isSign(sign) && opens(text, at, sign) ? closing(text, at, sign) : undefined;
    if (reference !== undefined) found({ kind: 'reference', inside: reference.inside }, reference.end);
    else if (isSign(sign) && end !== undefined) {
      found({ kind: KINDS[sign], within: read(text.slice(at + 1, end), sign !== '`') }, end + 1);
    } else at += 1;
  }
  if (plainFrom < text.length) marks.push({ kind: 'text', text: unescaped(text.slice(plainFrom)) });
  return marks;
}

const QUOTE = /^(?:>|&gt;) ?/;
const QUOTE_TO_THE_END = /^(?:>|&gt;){3} ?/;

/** Lines that begin with `>` are quotes; after `>>>` everything is. */
function quoted(text: string): Part[] {
  const runs: { kind: 'lines' | 'quote'; lines: string[] }[] = [];
  let toTheEnd = false;
  for (const line of text.split('\n')) {
    const opening = toTheEnd ? null : (QUOTE_TO_THE_END.exec(line) ?? QUOTE.exec(line));
    const kind = toTheEnd || opening !== null ? 'quote' : 'lines';
    const last = runs.at(-1);
    const words = line.slice(opening?.[0].length ?? 0);
    if (last?.kind === kind) last.lines.push(words);
    else runs.push({ kind, lines: [words] });
    toTheEnd ||= QUOTE_TO_THE_END.test(line);
  }
  return runs.map(({ kind, lines }) => ({ kind, marks: read(lines.join('\n'), true) }));
}

const FENCE = /```(?!`)(.+?)```(?!`)/s;

/** A whole text, top to bottom. Between two parts there is always a line's end, which is not in them. */
export function partsOf(text: string): Part[] {
  const pieces = text.split(FENCE);
  return pieces.flatMap((piece, index): Part[] => {
    if (index % 2 === 1) return [{ kind: 'code', marks: read(piece.replace(/^\n|\n$/g, ''), false) }];
    const beside = piece
      .replace(index > 0 ? /^\n/ : /(?!)/, '')
      .replace(index < pieces.length - 1 ? /\n$/ : /(?!)/, '');
    return beside === '' ? [] : quoted(beside);
  });
}
