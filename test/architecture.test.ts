import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, read, withoutComments } from './docs/reading.ts';

/** What each room may open beside itself (docs/architecture.md, "Imports"). A room that is not here is no room. */
const mayOpen: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  store: ['domain'],
  usecases: ['domain', 'store', 'evidence', 'cron'],
  evidence: ['domain'],
  config: ['domain', 'evidence', 'cron'],
  slack: ['domain', 'usecases', 'store', 'evidence', 'log'],
  http: ['domain', 'usecases', 'store', 'evidence', 'log'],
  jobs: ['domain', 'usecases', 'store', 'log'],
  metrics: ['domain', 'store'],
  client: [],
  log: [],
  cron: [],
  process: ['config'],
  entry: ['domain', 'store', 'usecases', 'evidence', 'config', 'slack', 'http', 'jobs', 'metrics', 'log', 'process'],
};

/** Rooms of the design that nothing stands in yet. */
const stillEmpty: readonly string[] = [];

/**
 * What a door or the clock calls of the store by itself, past the use cases; types are free. A door only reads.
 * `personOf` is the one exception: it makes the person behind an account at first sight, before any verb can run.
 */
const callsOfTheStore: Readonly<Record<string, readonly string[]>> = {
  slack: [
    ...['attachments.attachmentsOf', 'posted-cards.postedCard', 'grants.loadGrant', 'people.personOf'],
    ...['reviews.loadReview', 'tenants.loadTenant'],
  ],
  http: ['open.isOutage', 'outcomes.KeyGone'],
  jobs: [
    'audit.*',
    'deliveries.*',
    'posted-cards.*',
    'due.untilNextDue',
    'handled.forgetHandled',
    'sign-ins.forgetSignIns',
    'outbox.enqueue',
  ],
};

/** Who may look at a clock that is not the database's, and why no rule hangs on it. */
const otherClocks: Readonly<Record<string, string>> = {
  'src/log.ts': 'the time of a log line',
  'src/store/server-time.ts': "the database's machine without what tests put on top, for the age of Slack's signature",
  'src/wall-clock.ts': 'how much time passes between two looks at that; and how far off our own clock is, for the log',
  'src/jobs/workers.ts': 'which of two sleeps is over first',
  'src/bot.ts': 'the age of what the directory remembers, for forms only; and how long a commit took, for a figure',
  'src/side-door.ts': 'how long ago Slack was asked about somebody, so that it is not asked with each request',
  'src/http/pages/provider.ts': "how long ago the provider's document was read",
  'src/cli/slack-answers.ts': 'the same, for one run of a command',
  'src/cli/machine-time.ts': 'how old a file or a token is on the machine of whoever types, and how far off its clock',
  'src/store/embedded/server.ts': 'how long to wait for a leftover server of our own to go away',
  'src/store/migrations/migrate.ts': "Prisma's own table of migrations, before there is a clock of ours",
};

const clocks: readonly RegExp[] = [
  /\bDate\s*\.\s*now\b/,
  /\bnew\s+Date\s*(\(\s*\)|(?!\s*\())/,
  /(?<!new\s+)(?<![\w.])Date\s*\(/,
  /\bperformance\s*\.\s*(now|timeOrigin)\b/,
  /\bhrtime\b/,
  /\bprocess\s*\.\s*uptime\b/,
  /\bTemporal\s*\.\s*Now\b/,
  // In SQL, whatever is not breakglass_now().
  /(?<![\w.])now\s*\(\s*\)/i,
  /\b(clock|statement|transaction)_timestamp\b/i,
  /\b(current_(timestamp|date|time)|localtime(stamp)?)\b/i,
];
const environments: readonly RegExp[] = [
  /\bprocess\s*\.\s*env\b/,
  /\bprocess\s*\[/,
  /\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/,
  /['"]node:process['"]/,
];
const databases: readonly RegExp[] = [
  /from\s+['"](@prisma\/|prisma\b|pg\b)/,
  /import\s*\(\s*['"](@prisma\/|prisma\b|pg\b)/,
  /\$(queryRaw|executeRaw)/,
  /\bPrisma\s*\.\s*sql\b/,
  /store\/generated\//,
];

const matches = (patterns: readonly RegExp[], text: string): boolean => patterns.some((pattern) => pattern.test(text));

function roomOf(file: string): string {
  if (
    /^src\/((main|bot|side-door|api-door|cli|in-force|kept-head|readiness|seldom|sign-in-desk|tenant-memory|wall-clock)\.ts$|cli\/)/.test(
      file,
    )
  )
    return 'entry';
  return /^src\/([a-z]+)(\.ts$|\/)/.exec(file)?.[1] ?? 'nowhere';
}

interface Import {
  from: string;
  /** The file it opens, or the package. */
  to: string;
  /** Names it takes as values; `*` for everything. Types leave nothing behind at run time. */
  values: readonly string[];
}

function importsOf(file: string, source: string): Import[] {
  const found = [
    ...source.matchAll(/\b(?:import|export)\s+(type\s+)?([\w*{}\s,$]*?)\s*from\s*['"]([^'"]+)['"]/g),
    ...source.matchAll(/\bimport\s*()()\(?\s*['"]([^'"]+)['"]/g),
  ];
  return found.map(([, type, names = '', to = '']) => ({
    from: file,
    to: to.startsWith('.') ? path.posix.join(path.posix.dirname(file), to) : to,
    values: type ? [] : valuesIn(names),
  }));
}

function valuesIn(clause: string): string[] {
  const braced = /\{([^}]*)\}/.exec(clause)?.[1];
  if (braced === undefined) return ['*'];
  return braced
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(/\s+as\s+/)[0] ?? name);
}

const sources = filesUnder('src', '.ts').map((file) => ({ file, code: withoutComments(read(file)) }));
const imports = sources.flatMap(({ file, code }) => importsOf(file, code));
const inside = imports.filter(({ to }) => to.startsWith('src/'));
const breaking = (is: (each: Import) => boolean) => imports.filter(is).map(({ from, to }) => `${from} opens ${to}`);

describe('what is looked at', () => {
  test('is every room of the design, none of them empty unless it is said to be', () => {
    const found = new Set(sources.map(({ file }) => roomOf(file)));
    expect([...found].sort()).toEqual(
      Object.keys(mayOpen)
        .filter((room) => !stillEmpty.includes(room))
        .sort(),
    );
    expect(sources.length).toBeGreaterThan(60);
    expect(inside.length).toBeGreaterThan(200);
  });

  test('is every import: each leads to a file that is there', () => {
    const files = new Set(filesUnder('src', '.ts'));
    expect(inside.filter(({ to }) => !files.has(to) && !to.startsWith('src/store/generated/'))).toEqual([]);
  });
});

describe('a room opens', () => {
  test('only the rooms it may', () => {
    const forbidden = ({ from, to }: Import) => {
      const [room, other] = [roomOf(from), roomOf(to)];
      return to.startsWith('src/') && other !== room && !(mayOpen[room] ?? []).includes(other);
    };
    expect(breaking(forbidden)).toEqual([]);
  });

  test('no entry: nobody opens main or cli, and only main opens bot', () => {
    const entries: Readonly<Record<string, string[]>> = {
      'src/main.ts': [],
      'src/cli.ts': [],
      'src/bot.ts': ['src/main.ts'],
      'src/side-door.ts': ['src/bot.ts'],
      'src/api-door.ts': ['src/side-door.ts'],
      'src/in-force.ts': ['src/bot.ts', 'src/side-door.ts'],
    };
    for (const [entry, by] of Object.entries(entries)) {
      expect(inside.filter(({ to }) => to === entry).map(({ from }) => from)).toEqual(by);
    }
  });

  test('nothing of the sandbox, the tests or the bench, and no package that production does not install', () => {
    const { dependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<string, object>;
    const installed = Object.keys({ ...dependencies, ...optionalDependencies });
    const known = (to: string) =>
      to.startsWith('src/') ||
      to.startsWith('node:') ||
      installed.some((name) => to === name || to.startsWith(`${name}/`));
    expect(breaking(({ to }) => !known(to))).toEqual([]);
  });

  test('the domain opens no package and no part of Node: it is pure', () => {
    expect(breaking(({ from, to }) => roomOf(from) === 'domain' && roomOf(to) !== 'domain')).toEqual([]);
    const impure = sources.filter(
      ({ file, code }) => roomOf(file) === 'domain' && /\b(await|async|process)\b/.test(code),
    );
    expect(impure.map(({ file }) => file)).toEqual([]);
  });

  test('views open no door, no use case and no store: they are functions from values to blocks', () => {
    const allowed = /^(src\/domain\/|src\/slack\/(views\/|ids\.ts|limits\.ts|text\.ts)|@slack\/types$)/;
    expect(breaking(({ from, to }) => from.startsWith('src/slack/views/') && !allowed.test(to))).toEqual([]);
  });
});

describe('past the use cases', () => {
  const direct = inside
    .filter(({ from, to }) => roomOf(from) in callsOfTheStore && roomOf(to) === 'store')
    .flatMap(({ from, to, values }) =>
      values.map((name) => ({ room: roomOf(from), from, file: path.posix.basename(to, '.ts'), name })),
    );

  test('a door calls nothing of the store but what is listed', () => {
    const listed = ({ room, file, name }: (typeof direct)[number]) =>
      [`${file}.*`, `${file}.${name}`].some((entry) => callsOfTheStore[room]?.includes(entry));
    expect(direct.filter((each) => !listed(each))).toEqual([]);
  });

  test('and what is listed is called', () => {
    for (const [room, entries] of Object.entries(callsOfTheStore)) {
      const called = direct
        .filter((each) => each.room === room)
        .flatMap(({ file, name }) => [`${file}.*`, `${file}.${name}`]);
      expect(entries.filter((entry) => !called.includes(entry))).toEqual([]);
    }
  });
});

describe('only', () => {
  const holding = (patterns: readonly RegExp[]) =>
    sources.filter(({ code }) => matches(patterns, code)).map(({ file }) => file);

  test('config.ts reads the environment', () => {
    expect(holding(environments)).toEqual(['src/config.ts']);
  });

  test('the store knows Prisma, pg and SQL', () => {
    const knowing = holding(databases);
    expect(knowing.filter((file) => roomOf(file) !== 'store')).toEqual([]);
    expect(knowing).toContain('src/store/database.ts');
  });

  test('metrics knows the client of Prometheus', () => {
    const knowing = imports.filter(({ to }) => to === 'prom-client').map(({ from }) => roomOf(from));
    expect([...new Set(knowing)]).toEqual(['metrics']);
  });

  test('the listed files look at a clock that is not the database`s, and all of them do', () => {
    expect(holding(clocks)).toEqual(Object.keys(otherClocks).sort());
  });

  test('no rule looks at one: of the store only what runs processes, of the domain and the use cases nothing', () => {
    const ruled = Object.keys(otherClocks).filter((file) => ['domain', 'usecases', 'store'].includes(roomOf(file)));
    const serverTime = 'src/store/server-time.ts';
    expect(ruled.filter((file) => !/^src\/store\/(embedded|migrations)\//.test(file))).toEqual([serverTime]);
    // Read for the age of signatures, which the front door is given as a number: nobody else may ask it.
    expect(inside.filter(({ to }) => to === serverTime).map(({ from }) => from)).toEqual(['src/bot.ts']);
  });

  test('the first migration defines the clock; none after it asks another', () => {
    const migrations = filesUnder('prisma/migrations', '.sql');
    expect(migrations.length).toBeGreaterThan(1);
    const asking = migrations.filter((file) => matches(clocks, read(file).replace(/--[^\n]*/g, '')));
    expect(asking).toEqual([migrations[0]]);
  });
});

describe('these rules see what they forbid', () => {
  test.each([
    'Date.now()',
    'new Date()',
    'new Date( )',
    'const at = new Date;',
    'String(Date())',
    'performance.now()',
    'process.hrtime.bigint()',
    'sql`where due_at < now()`',
    'sql`select clock_timestamp()`',
    'sql`select CURRENT_TIMESTAMP`',
  ])('a clock: %s', (code) => expect(matches(clocks, code)).toBe(true));

  test.each([
    'new Date(row.at)',
    'new Date(0)',
    'at.toISOString()',
    'breakglass_now()',
    'const now = grounds.now;',
    'toDate(x)',
  ])('no clock: %s', (code) => expect(matches(clocks, code)).toBe(false));

  test.each(['process.env.HOME', "process['env']", 'const { env } = process;', "import { env } from 'node:process';"])(
    'the environment: %s',
    (code) => expect(matches(environments, code)).toBe(true),
  );

  test.each([
    "import pg from 'pg';",
    "import { PrismaPg } from '@prisma/adapter-pg';",
    'tx.$queryRaw`select 1`',
    "await import('pg')",
  ])('the database: %s', (code) => expect(matches(databases, code)).toBe(true));

  test('an import in every form it can have', () => {
    const code = `
      import type { A } from './a.ts';
      import { type B, b as c } from '../b.ts';
      import * as d from '../../d.ts';
      import './e.ts';
      export { f } from 'f';
      const g = await import('./g.ts');`;
    expect(importsOf('src/http/x.ts', code)).toEqual([
      { from: 'src/http/x.ts', to: 'src/http/a.ts', values: [] },
      { from: 'src/http/x.ts', to: 'src/b.ts', values: ['b'] },
      { from: 'src/http/x.ts', to: 'd.ts', values: ['*'] },
      { from: 'src/http/x.ts', to: 'f', values: ['f'] },
      { from: 'src/http/x.ts', to: 'src/http/e.ts', values: ['*'] },
      { from: 'src/http/x.ts', to: 'src/http/g.ts', values: ['*'] },
    ]);
  });

  test('but not in a comment', () => {
    expect(withoutComments("const a = 'http://x'; // new Date()\n/* process.env */ b();")).toBe(
      "const a = 'http://x';  \n  b();",
    );
  });
});
