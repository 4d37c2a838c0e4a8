import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readGiven, whole } from '../../src/cli/command.ts';
import { commandIn, commands } from '../../src/cli/commands.ts';
import { whyOf } from '../../src/cli/doctor/finding.ts';
import { endings, exits } from '../../src/cli/exits.ts';
import { facts, table } from '../../src/cli/terminal.ts';
import { helpOf, usage, usageOf } from '../../src/cli/usage.ts';
import { distance, when } from '../../src/cli/when.ts';

describe('a table', () => {
  const rows = [
    ['acme', 'a reason that is rather long'],
    ['globex', 'short'],
  ];
  test('has columns as wide as what is in them', () => {
    expect(
      table(
        ['KEY', 'REASON'],
        [
          ['globex', 'short'],
          ['a', 'b'],
        ],
        undefined,
      ),
    ).toBe('KEY     REASON\nglobex  short\na       b');
  });
  test('is cut where it is widest, to fit the terminal', () => {
    const lines = table(['KEY', 'REASON'], rows, 24).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBe(24);
    expect(lines[1]).toBe('acme    a reason that i…');
  });
  test('is not cut below what can still be read, nor where there is no terminal', () => {
    expect(table(['KEY', 'REASON'], rows, 5).split('\n')[1]).toBe('acme    a reaso…');
    expect(table(['KEY', 'REASON'], rows, undefined)).toContain('rather long');
  });
  test('keeps every row on its line', () => {
    expect(table(['KEY'], [['a\nb\u001b[31m\u202e']], undefined).split('\n')).toEqual(['KEY', 'a b [31m']);
  });
});

test('facts leave out what is not known', () => {
  expect(
    facts([
      ['id', 'x'],
      ['closed', null],
      ['reason', ''],
    ]),
  ).toBe('id  x');
});

describe('a time', () => {
  const now = new Date('2026-01-05T09:30:00Z');
  test.each([
    ['2026-01-05T09:42:10Z', '2026-01-05 09:42 UTC (in 12 min)'],
    ['2026-01-05T09:29:30Z', '2026-01-05 09:29 UTC (30 s ago)'],
    ['2026-01-05T03:30:00Z', '2026-01-05 03:30 UTC (6 h ago)'],
    ['2026-01-09T09:30:00Z', '2026-01-09 09:30 UTC (in 4 days)'],
    ['nonsense', ''],
    [null, ''],
  ])('%s is %s', (at, words) => expect(when(at, now)).toBe(words));
  test('stands alone where nobody knows what time it is there', () => {
    expect(when('2026-01-05T09:42:10Z', null)).toBe('2026-01-05 09:42 UTC');
    expect(distance(0)).toBe('in 0 s');
  });
});

describe('every command', () => {
  test.each(commands.map((each) => [each.name, each] as const))('%s has help that names all it takes', (name, each) => {
    const help = helpOf(each);
    expect(help).toMatch(new RegExp(`^Usage: breakglass ${name}( |\\n)`));
    for (const [key, { takes, oneOf = [] }] of Object.entries(each.options)) {
      expect(help).toContain(`  --${key}${takes === null ? '' : ` ${takes}`}`);
      for (const word of oneOf) expect(help).toContain(word);
    }
    expect(usage.split('\n').filter((line) => line.startsWith(`  ${name} `))).toHaveLength(1);
    expect(commandIn(name.split(' '))?.command).toBe(each);
  });

  test.each(commands.filter(({ readsItself }) => !readsItself).map((each) => [each.name, each] as const))(
    '%s refuses what it does not know',
    (_, each) => {
      expect(() => readGiven(each, ['--no-such-option'])).toThrow(/Unknown option '--no-such-option'/);
      const many = (each.words ?? []).at(-1)?.many;
      const words = ['a', 'b', 'c', 'd'];
      if (!many) expect(() => readGiven(each, words)).toThrow(/takes|needs/);
      for (const [key, { oneOf, needed, takes }] of Object.entries(each.options)) {
        if (oneOf)
          expect(() =>
            readGiven(each, [...wordsFor(each), `--${key}`, 'no-such-word', ...neededOf(each, key)]),
          ).toThrow(`--${key}: expected one of`);
        if (needed)
          expect(() => readGiven(each, [...wordsFor(each), ...neededOf(each, key)])).toThrow(`needs --${key} ${takes}`);
      }
    },
  );

  test('is in one of three groups, by what it works on', () => {
    for (const title of ['With the API:', 'With the database:', 'Without either:'])
      expect(usage).toContain(`\n${title}\n`);
    expect(Math.max(...usage.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(140);
    expect(usageOf('keys')).toContain('  keys revoke NAME');
    expect(usageOf('keys')).not.toContain('  key revoke');
  });
});

type Each = (typeof commands)[number];
const wordsFor = ({ words = [] }: Each): string[] =>
  words.filter(({ needed }) => needed).map(({ oneOf }) => oneOf?.[0] ?? 'x');
const neededOf = ({ options }: Each, but: string): string[] =>
  Object.entries(options).flatMap(([key, { needed, oneOf }]) =>
    needed && key !== but ? [`--${key}`, oneOf?.[0] ?? 'x'] : [],
  );

test('an option that counts takes whole numbers alone', () => {
  expect(whole('30', '--minutes')).toBe(30);
  for (const text of ['0', '-1', '1.5', '1e3', '', ' 1', '99999999999']) {
    expect(() => whole(text, '--minutes')).toThrow('--minutes: expected a whole number');
  }
});

describe('docs/command-line.md', () => {
  const page = readFileSync('docs/command-line.md', 'utf8');
  test('names every command', () => {
    const missing = commands.filter(({ name }) => {
      const [first, second] = name.split(' ');
      return second === undefined
        ? !new RegExp(`\`${first}[ \`]`).test(page)
        : !new RegExp(`\`${first} ${second}[ \`]|\`${first} [^|]*\`${second}\``).test(page);
    });
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
  test('names every exit code', () => {
    const table = page.slice(page.indexOf('## Exit codes'));
    for (const code of [...Object.values(exits), ...Object.values(endings)]) {
      expect(table).toMatch(new RegExp(`^\\| (\\d+, )*${code}(, \\d+)* \\|`, 'm'));
    }
  });
});

test('what went wrong is told in a line, without a password and without places in a source', () => {
  const error = new Error('\nno way to postgresql://app:hunter2@db/x\n    at somewhere (file.ts:1:1)');
  expect(whyOf(error)).toBe('no way to postgresql://db/x');
});
