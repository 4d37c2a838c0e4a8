import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeIn, filesUnder, read, tableRows } from './reading.ts';

const pages = ['README.md', 'CHANGELOG.md', ...filesUnder('docs', '.md')];

/** What a heading is called in a link, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const headingsOf = (page: string): string[] => [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text);

describe.each(pages)('%s', (page) => {
  test('links to what is there', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, to = '']) => to);
    const broken = links.filter((to) => {
      const [file = '', anchor] = to.split('#');
      const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
      return !existsSync(target) || (anchor !== undefined && !headingsOf(target).map(anchorOf).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('speaks plainly: no exclamation marks, no trailing spaces, nothing left to do', () => {
    const prose = read(page).replace(/^ *```[\s\S]*?```|`[^`]*`/gm, 'code');
    expect(prose.match(/![^[]|[ \t]$|\bTODO\b|\bTBD\b/gm)).toBeNull();
  });
});

test('what the code says of the documentation is there: pages, decision records and headings', () => {
  const sources = [
    ...['src', 'sandbox', 'prisma', 'test'].flatMap((folder) => filesUnder(folder, '.ts')),
    ...filesUnder('prisma', '.sql'),
    'prisma.config.ts',
    'Dockerfile',
  ];
  const records = readdirSync('docs/adr');
  const missing = sources.flatMap((source) =>
    [...read(source).matchAll(/docs\/([a-z-]+\.md|adr\/\d{4})(?:[^\n"]*?"([A-Z][^"\n]*)")?/g)]
      .filter(([, target = '', heading]) => {
        if (target.startsWith('adr/')) return !records.some((name) => name.startsWith(`${target.slice(4)}-`));
        if (!existsSync(`docs/${target}`)) return true;
        return heading !== undefined && !headingsOf(`docs/${target}`).includes(heading);
      })
      .map(([whole]) => `${source}: ${whole}`),
  );
  expect(missing).toEqual([]);
});

test('decision records are numbered without a gap and are 20 to 40 lines long', () => {
  const names = readdirSync('docs/adr').sort();
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, i) => i + 1));
  const lengths = names.map((name) => read(`docs/adr/${name}`).trimEnd().split('\n').length);
  expect(lengths.filter((length) => length < 20 || length > 40)).toEqual([]);
});

describe('the tree in docs/architecture.md', () => {
  const [, drawn = ''] = /## The tree\n+```text\n([\s\S]*?)```/.exec(read('docs/architecture.md')) ?? [];
  const folders: string[] = [];
  const named = drawn
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const depth = (line.length - line.trimStart().length) / 2;
      const names = (line.trim().split(/\s{2,}/)[0] ?? '').split(', ');
      const [first = ''] = names;
      const at = names.map((name) => path.posix.join(...folders.slice(0, depth), name));
      if (names.length === 1 && first.endsWith('/')) folders[depth] = first;
      return at;
    });

  test('names nothing that is not there', () => {
    const generated = 'src/store/generated/';
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => name !== generated && !existsSync(name))).toEqual([]);
  });

  test('names every folder of src, and every file of src, its domain, its use cases and its jobs', () => {
    const files = filesUnder('src', '.ts');
    const expected = [
      ...new Set(files.map((file) => `${path.posix.dirname(file)}/`)),
      ...files.filter((file) => /^src\/((domain|usecases|jobs)\/)?[\w-]+\.ts$/.test(file)),
    ];
    const covered = (wanted: string) => named.some((name) => name === wanted || name.startsWith(wanted));
    expect(expected.filter((wanted) => !covered(wanted))).toEqual([]);
  });
});

test('the table of dependencies is package.json: every package, its exact version and a reason', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const rows = tableRows(read('docs/architecture.md'))
    .filter(([name = '', version = '']) => name.startsWith('`') && /^\d+\.\d/.test(version))
    .map(([name = '', version = '', why = '']) => [codeIn(name)[0] ?? '', version, why] as const);
  expect(Object.fromEntries(rows)).toEqual({ ...dependencies, ...optionalDependencies, ...devDependencies });
  expect(rows.filter(([, , why]) => why === '')).toEqual([]);
});

test('the messages to watch for in docs/operations.md are logged', () => {
  const [, section = ''] = /Watch for:\n([\s\S]*?)\n## /.exec(read('docs/operations.md')) ?? [];
  const messages = tableRows(section).flatMap(([cell = '']) => codeIn(cell).slice(0, 1));
  const code = filesUnder('src', '.ts').map(read).join('\n');
  expect(messages.length).toBeGreaterThan(3);
  expect(messages.filter((message) => !code.includes(message.replace(/^… /, '')))).toEqual([]);
});

describe('docs/promises.md', () => {
  const page = read('docs/promises.md');
  const cited = [...page.matchAll(/`([\w/-]+\.test\.ts)` "([^"]+)"/g)].map(([, file = '', name = '']) => ({
    file,
    name,
  }));
  const rows = tableRows(page).filter(([number = '']) => /^\d+$/.test(number));

  test('has ten promises and fifteen rulings', () => {
    const numbers = (most: number) => Array.from({ length: most }, (_, i) => String(i + 1));
    expect(rows.map(([number]) => number)).toEqual([...numbers(10), ...numbers(15)]);
  });

  test('names tests that are there', () => {
    expect(cited.length).toBeGreaterThan(30);
    const gone = cited.filter(({ file, name }) => !existsSync(`test/${file}`) || !read(`test/${file}`).includes(name));
    expect(gone).toEqual([]);
  });

  test('names a test for every promise', () => {
    expect(rows.slice(0, 10).filter(([, , , tests = '']) => !tests.includes('.test.ts'))).toEqual([]);
  });

  test('names code that is there', () => {
    const files = rows.flatMap(([, , enforced = '']) => codeIn(enforced).filter((word) => /^[\w/-]+\.ts$/.test(word)));
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((file) => !existsSync(`src/${file}`))).toEqual([]);
  });
});
