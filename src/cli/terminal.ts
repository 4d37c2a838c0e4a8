import { createInterface } from 'node:readline/promises';
import { WrongUse } from './exits.ts';
import { onOneLine } from './one-line.ts';

/** What is written by others is cleaned before it gets here, or here: nothing in it steers the terminal. */
export const say = (text: string): void =>
  void process.stdout.write(`${text.split('\n').map(onOneLine).join('\n').replace(/\n*$/, '')}\n`);

/** What is for people alone: a script reads the other stream. */
export const remark = (text: string): void => void process.stderr.write(`${onOneLine(text)}\n`);

/** One document as the API sent it. Characters that steer a terminal are written as escapes, which JSON reads as the same. */
export function sayJson(document: unknown): void {
  const text = JSON.stringify(document, null, 2) ?? 'null';
  const safe = text.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
  process.stdout.write(`${safe}\n`);
}

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

/** Columns that fit the terminal: where they do not, the widest are cut. Elsewhere nothing is. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number | undefined = process.stdout.columns,
): string {
  const clean = [titles, ...rows].map((row) => titles.map((_, at) => onOneLine(row[at] ?? '').trim()));
  const widths = titles.map((_, at) => Math.max(...clean.map((row) => lengthOf(row[at] ?? ''))));
  const room = columns === undefined ? Number.POSITIVE_INFINITY : columns - GAP.length * (titles.length - 1);
  while (sum(widths) > room && Math.max(...widths) > NARROWEST) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(NARROWEST, (widths[widest] ?? 0) - 1);
  }
  return clean
    .map((row) =>
      row
        .map((cell, at) => cutTo(cell, widths[at] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

const GAP = '  ';
/** Characters of a column that was cut. */
const NARROWEST = 8;
const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
const lengthOf = (text: string): number => [...text].length;

function cutTo(text: string, width: number): string {
  const length = lengthOf(text);
  if (length <= width) return text + ' '.repeat(width - length);
  return `${[...text].slice(0, width - 1).join('')}…`;
}

/** What is known of a thing, a line each. */
export function facts(all: readonly (readonly [string, string | null])[]): string {
  const known = all.filter((each): each is readonly [string, string] => each[1] !== null && each[1] !== '');
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${onOneLine(value)}`).join('\n');
}

const somebodyIsThere = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Asks whoever sits there.
 * @throws WrongUse where nobody does, with what to say instead
 */
export async function ask(question: string, instead: string): Promise<string> {
  if (!somebodyIsThere()) throw new WrongUse(`Nobody can be asked here. ${instead}`);
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await reader.question(onOneLine(question))).trim();
  } finally {
    reader.close();
  }
}

/** @throws WrongUse where nobody is there to say yes */
export const agreed = async (question: string): Promise<boolean> =>
  /^y(es)?$/i.test(await ask(`${question} [y/n] `, 'Say --yes where it is meant without asking.'));
