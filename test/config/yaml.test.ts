import { describe, expect, test } from 'vitest';
import { file, mistakesIn, named, settingsOf } from './files.ts';

/** Lines after those of the least file, which are four. */
const below = (...lines: string[]): string => `${file()}${lines.join('\n')}\n`;

const rows: readonly (readonly [rule: string, text: string, ...lines: string[]])[] = [
  ['a tab is no indentation', below('tenants:', '\t- a'), 'line 6, column 1: Tabs are not allowed as indentation'],
  [
    'a quote that is never closed is one mistake, however much of the file it swallows',
    file({ tickets: "{ pattern: '^x$, link: 'https://t.example/{ticket}' }" }),
    'line 3, column 34: Unexpected scalar at node end',
  ],
  [
    'a list that is never closed',
    below('tenants: ['),
    'line 6, column 1: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['a map in a value', below('a: b: c'), 'line 5, column 4: Nested mappings are not allowed in compact mappings'],
  ['a key given twice', below('channels: {}'), 'line 5, column 1: Map keys must be unique'],
  [
    'every key given twice is a mistake of its own',
    below('roles: {}', 'tenants: []', 'tenants: []'),
    'line 5, column 1: Map keys must be unique',
    'line 7, column 1: Map keys must be unique',
  ],
  [
    'a key given twice inside of something',
    below('notices: { dead_after_minutes: 1, dead_after_minutes: 2 }'),
    'line 5, column 35: Map keys must be unique',
  ],
  ['two documents', below('---', 'a: 1'), 'line 5, column 1: expected one document, found another'],
  ['a tag that means nothing here', below('a: !env HOME'), 'line 5, column 4: Unresolved tag: !env'],
  [
    'a tag of another language',
    below('a: !!js/function x'),
    'line 5, column 4: Unresolved tag: tag:yaml.org,2002:js/function',
  ],
  ['a list as a key', below('? [a, b]', ': 1'), 'line 5, column 3: expected a word as the key'],
  ['a key that objects have already', below('__proto__: {}'), 'line 5, column 1: expected no key "__proto__"'],
  [
    'the same key further inside',
    below('actions: { __proto__: { needs: [] } }'),
    'line 5, column 12: expected no key "__proto__"',
  ],
  ['an alias without an anchor', below('a: *nobody'), 'line 5, column 4: expected an anchor before its alias *nobody'],
  [
    'an alias before its anchor',
    below('a: *later', 'b: &later 1'),
    'line 5, column 4: expected an anchor before its alias *later',
  ],
  [
    'an alias of what it stands in',
    below('tenants: &all [*all]'),
    'line 5, column 16: expected no alias inside its anchor &all',
  ],
  [
    'NUL, written out',
    below(String.raw`tenants: [{ key: a, name: "A\0" }]`),
    'line 5, column 27: expected text without NUL characters and halves of surrogate pairs',
  ],
  [
    'half a surrogate pair, written out',
    below(String.raw`tenants: [{ key: a, name: "\uD83D" }]`),
    'line 5, column 27: expected text without NUL characters and halves of surrogate pairs',
  ],
  [
    'NUL in a comment, which the database could not keep',
    below('# \0'),
    'line 5, column 3: expected text without NUL characters and halves of surrogate pairs',
  ],
];

describe('what is no YAML, or more than data, is told with its line and column', () => {
  test.each(rows.map(([rule, text, ...lines]) => [rule, text, lines] as const))('%s', (_, text, lines) => {
    expect(mistakesIn(text)).toEqual(named(lines));
  });
});

describe('a small file that means a huge one is refused soon', () => {
  test('aliases of aliases', () => {
    const layers = Array.from(
      { length: 30 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`,
    );
    const [line, ...more] = mistakesIn(below('a0: &a0 [x]', ...layers));
    expect(line).toMatch(/^breakglass\.yml: the file: expected less nesting and fewer aliases/);
    expect(more).toEqual([]);
  });

  test.each(['[', '{ a: '])('ten thousand times %j', (opening) => {
    const [line, ...more] = mistakesIn(below(`a: ${opening.repeat(10_000)}`));
    expect(line).toMatch(/^breakglass\.yml: line 5, column \d+: expected less nesting$/);
    expect(more).toEqual([]);
  });
});

describe('what YAML offers for convenience is taken', () => {
  test('anchors and aliases', () => {
    const { roles, tenants } = settingsOf(
      file({
        roles: '{ ops: { people: &us [U0PETRA, U0PAUL] }, security: { people: *us } }',
        tenants: '[{ key: a, name: A, channel: C0A, owners: *us }]',
      }),
    );
    expect(roles.security.people).toEqual(roles.ops.people);
    expect(tenants[0]?.owners.map(({ account }) => account)).toEqual(roles.ops.people);
  });

  test('an anchor whose name was used before stands for what it was put on last', () => {
    const text = file({ roles: '{ ops: { people: &x [U0PETRA] }, security: { people: [&x U0SAM, *x] } }' });
    expect(settingsOf(text).roles.security.people).toEqual(['T0HOME:U0SAM', 'T0HOME:U0SAM']);
  });

  test.each([
    ['Windows line ends', file().replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${file()}`],
    ['a closing marker', `---\n${file()}...\n`],
    ['no line end at the end', file().trimEnd()],
  ])('%s', (_, text) => {
    expect(settingsOf(text).team).toBe('T0HOME');
  });
});

test('whatever stands in a file, each of its mistakes stays on one line', () => {
  const text = file({ tickets: String.raw`{ pattern: "(\n\u2028\x1b[31m" }`, "'a\\n b'": '1' });
  const lines = mistakesIn(text);
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
});
