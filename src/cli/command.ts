import { parseArgs } from 'node:util';
import { WrongUse } from './exits.ts';

/** An option as it is typed, explained and completed. */
export interface Option {
  /** What its value is called; null where it is just there. */
  takes: string | null;
  says: string;
  /** The only values there are. */
  oneOf?: readonly string[];
  needed?: boolean;
  many?: boolean;
}
export type Options = Readonly<Record<string, Option>>;

/** A word behind the command. */
export interface Word {
  name: string;
  says: string;
  needed: boolean;
  /** There may be more of it. */
  many?: boolean;
  oneOf?: readonly string[];
}

/** What was typed, looked at: what the command does not know is not in it, and what it needs is. */
export interface Given<O> {
  words: readonly string[];
  options: O;
  /** As they came, for a command that reads them by itself. */
  raw: readonly string[];
}

type Read<O extends Options> = {
  [K in keyof O]: O[K] extends { takes: null }
    ? boolean
    : O[K] extends { many: true }
      ? readonly string[] | undefined
      : O[K] extends { needed: true }
        ? string
        : string | undefined;
};

interface Described {
  /** One word or two, as it is typed. */
  name: string;
  /** What it works on: the API, the database itself, or neither. */
  with: 'api' | 'database' | 'neither';
  says: string;
  words?: readonly Word[];
  /** What else to know, a line each. */
  notes?: readonly string[];
  /** Says itself what is wrong with its words, and is handed all of them. */
  readsItself?: boolean;
}

export interface Command extends Described {
  options: Options;
  run(given: Given<never>): Promise<number>;
}

/** A command: what it is called, what it takes and says of itself, and what it does. Usage, help and completions are made of these. */
export const command = <const O extends Options>(
  described: Described & { options: O; run(given: Given<Read<O>>): Promise<number> },
): Command => described;

/**
 * Reads what was typed behind a command's name.
 * @throws WrongUse, and the TypeError of `parseArgs` for an option that there is not
 */
export function readGiven({ name, words = [], options, readsItself }: Command, typed: readonly string[]): Given<never> {
  if (readsItself) return { words: [], options: {} as never, raw: typed };
  const { values, positionals } = parseArgs({
    args: [...typed],
    allowPositionals: true,
    options: Object.fromEntries(
      Object.entries(options).map(([key, { takes, many = false }]) => [
        key,
        takes === null ? ({ type: 'boolean', default: false } as const) : ({ type: 'string', multiple: many } as const),
      ]),
    ),
  });
  const least = words.filter(({ needed }) => needed).length;
  if (positionals.length < least || (positionals.length > words.length && !words.at(-1)?.many)) {
    throw new WrongUse(tooManyOrFew(name, words, least));
  }
  positionals.forEach((given, index) => {
    const word = words[Math.min(index, words.length - 1)];
    if (word) among(word.oneOf, given, word.name);
  });
  for (const [key, { needed, oneOf, takes }] of Object.entries(options)) {
    const value = values[key];
    if (needed && value === undefined) throw new WrongUse(`${name} needs --${key} ${takes}.`);
    for (const each of [value].flat()) if (typeof each === 'string') among(oneOf, each, `--${key}`);
  }
  return { words: positionals, options: values as never, raw: typed };
}

function tooManyOrFew(name: string, words: readonly Word[], least: number): string {
  if (words.length === 0) return `${name} takes no further words.`;
  return least > 0 ? `${name} needs ${wordsOf(words)}.` : `${name} takes ${wordsOf(words)} at most.`;
}

function among(words: readonly string[] | undefined, given: string, where: string): void {
  if (words && !words.includes(given)) throw new WrongUse(`${where}: expected one of ${words.join(', ')}.`);
}

/** Words as a usage line has them. */
export const wordsOf = (words: readonly Word[]): string =>
  words.map(({ name, needed, many }) => `${needed ? name : `[${name}]`}${many ? '...' : ''}`).join(' ');

/**
 * A whole number that was typed.
 * @throws WrongUse
 */
export function whole(text: string, where: string, most = 1_000_000): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new WrongUse(`${where}: expected a whole number from 1 to ${most}.`);
  return number;
}

/** Words with commas between; `all` is null: every one. */
export const listed = (text: string): string[] | null =>
  text === 'all'
    ? null
    : text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== '');
