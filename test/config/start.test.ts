import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configuration, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { commands, processesWith, type Running } from './command.ts';
import { emptyDatabase, password, withPassword } from './databases.ts';

const { main, start, folder } = commands();
let slack: LocalSlack;
let db: TestDatabase;
beforeAll(async () => {
  [slack, db] = await Promise.all([startLocalSlack({ ...workspace, pacing: false }), testDatabase()]);
  populate(slack);
  writeFileSync(path.join(folder(), 'breakglass.yml'), configuration);
});
afterAll(() => Promise.all([slack.stop(), db.drop()]));

const variables = (): Record<string, string> => ({
  DATABASE_URL: db.url('app'),
  SLACK_API_URL: slack.apiUrl,
  SLACK_BOT_TOKEN: workspace.botToken,
  SLACK_SIGNING_SECRET: workspace.signingSecret,
  SLACK_PORT: '0',
  API_PORT: '0',
  HOST: '127.0.0.1',
});
const secrets = () => [password(), workspace.botToken, workspace.signingSecret, 'wr0ng'];

describe('a start that can’t be says why on stderr and nothing else, without a trace and without a secret', () => {
  interface Row {
    what: string;
    /** What is different from a start that works. */
    given: () => Record<string, string>;
    code: number;
    said: readonly (string | RegExp)[];
  }
  const rows: readonly Row[] = [
    {
      what: 'no Slack credentials: two lines',
      given: () => ({ SLACK_BOT_TOKEN: '', SLACK_SIGNING_SECRET: '' }),
      code: 78,
      said: [
        'Slack credentials are missing: set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).',
        'To try Breakglass without any, run: npm run sandbox',
      ],
    },
    {
      what: 'wrong variables: a line each',
      given: () => ({ API_PORT: 'wr0ng', DATABASE_URL: 'wr0ng' }),
      code: 78,
      said: [/^DATABASE_URL: expected a PostgreSQL address/, 'API_PORT: expected a port number'],
    },
    {
      what: 'production without a database: no embedded one in its place',
      given: () => ({ NODE_ENV: 'production', DATABASE_URL: '' }),
      code: 78,
      said: [/^DATABASE_URL: expected a PostgreSQL address; with NODE_ENV=production/],
    },
    {
      what: 'no configuration file',
      given: () => ({ CONFIG_FILE: 'nowhere.yml' }),
      code: 78,
      said: [/^CONFIG_FILE: can't read nowhere\.yml: there is no such file/],
    },
    {
      what: 'a broken configuration file: a line each',
      given: () => ({ CONFIG_FILE: 'broken.yml' }),
      code: 78,
      said: [/^broken\.yml: slack: expected a map, found 1$/, /^broken\.yml: channels: /, /tickets/, /roles/],
    },
    {
      what: 'the owner of the tables as the bot',
      given: () => ({ DATABASE_URL: db.url('owner') }),
      code: 78,
      said: [/^DATABASE_URL: .* owns the tables\. The owner belongs in MIGRATE_DATABASE_URL\.$/],
    },
    {
      what: 'a wrong password',
      given: () => ({ DATABASE_URL: withPassword(db.url('app'), 'wr0ng') }),
      code: 1,
      said: [/^Authentication failed .* `breakglass_app`/],
    },
    {
      what: 'no database at the address',
      given: () => ({ DATABASE_URL: 'postgresql://app:wr0ng@127.0.0.1:1/db' }),
      code: 1,
      said: [/^Can't reach database server at 127\.0\.0\.1:1$/],
    },
    {
      what: 'an app-level token that Slack refuses',
      given: () => ({ SLACK_SIGNING_SECRET: '', SLACK_APP_TOKEN: 'xapp-wr0ng' }),
      code: 1,
      said: [/invalid_auth$/],
    },
  ];
  beforeAll(() => writeFileSync(path.join(folder(), 'broken.yml'), 'slack: 1\n'));

  test.each(rows.map((row) => [row.what, row] as const))('%s', async (_, { given, code, said }) => {
    const ended = await main({ ...variables(), ...given() });
    expect({ code: ended.code, out: ended.out }).toEqual({ code, out: [] });
    expect(ended.err).toEqual(said.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))));
    for (const secret of secrets()) expect(ended.err.join()).not.toContain(secret);
  });

  test('a superuser as the bot', async () => {
    const { code, out, err } = await main({ ...variables(), DATABASE_URL: db.url('superuser') });
    expect({ code, out }).toEqual({ code: 78, out: [] });
    expect(err).toContainEqual(expect.stringMatching(/superuser/));
    for (const line of err) expect(line).toMatch(/^DATABASE_URL: the role must be breakglass_app/);
    expect(err.join()).not.toContain(password());
  });

  test('a database that was never migrated', async () => {
    const empty = await emptyDatabase();
    const { code, out, err } = await main({ ...variables(), DATABASE_URL: empty.url('breakglass_app') });
    await empty.drop();
    expect({ code, out, err }).toEqual({
      code: 78,
      out: [],
      err: ['The database is not up to date. Run: breakglass migrate'],
    });
  });

  test.each(['API_PORT', 'SLACK_PORT'])('%s is taken by somebody else', async (variable) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const { code, out, err } = await main({ ...variables(), [variable]: String(port) });
    taken.close();
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(err).toEqual([expect.stringMatching(`address already in use 127\\.0\\.0\\.1:${port}$`)]);
  });
});

interface Started extends Running {
  api: string;
  slackPort: number;
}

async function started(given: Record<string, string> = {}): Promise<Started> {
  const running = start('main', [], { ...variables(), ...given });
  const ready = JSON.parse(await running.said('"msg":"ready"'));
  return { ...running, api: `http://127.0.0.1:${ready.api_port}`, slackPort: ready.slack_port };
}
/** What a process said of its course, in its order; warnings are not of it. */
const course = (lines: readonly string[]): string[] =>
  lines.map((line) => JSON.parse(line)).flatMap(({ level, msg }) => (level === 30 ? [msg] : []));

describe('a start that works', () => {
  test('says once that it is ready and on which ports; answers there; and stops when it is told to', async () => {
    const bot = await started();
    const ready = JSON.parse(await bot.said('"msg":"ready"'));
    expect(ready).toEqual({
      level: 30,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      slack_port: expect.any(Number),
      api_port: expect.any(Number),
      msg: 'ready',
    });
    const answers = await Promise.all(['healthz', 'readyz'].map((path) => fetch(`${bot.api}/${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      { status: 'alive' },
      { status: 'ready' },
    ]);
    slack.pointAt(`http://127.0.0.1:${bot.slackPort}/slack/events`);
    expect((await slack.as('U0OLIVIA').command('/breakglass', 'help')).kind).toBe('acked');

    bot.signal('SIGTERM');
    const { code, out, err } = await bot.ended;
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(course(out)).toEqual(['ready', 'stopping', 'stopped']);
    for (const secret of secrets()) expect(out.join()).not.toContain(secret);
    await expect(fetch(`${bot.api}/healthz`)).rejects.toThrow();
  });

  test('leaves no process behind, not even with a database of its own', async () => {
    const data = path.join(folder(), 'embedded');
    const bot = await started({ DATABASE_URL: '', DATA_DIR: data });
    expect(processesWith(data).length).toBeGreaterThan(1);
    bot.signal('SIGINT');
    const { code, out } = await bot.ended;
    // Stopped in order: the database was gone before we were.
    expect(existsSync(path.join(data, 'postgres', 'postmaster.pid'))).toBe(false);
    expect(code).toBe(0);
    expect(course(out)).toEqual(['ready', 'stopping', 'stopped']);
    expect(out[0]).toContain('DATABASE_URL is not set: using an embedded PostgreSQL, for trying it out only');
    await expect.poll(() => processesWith(data), { timeout: 20_000 }).toEqual([]);
  });
});

describe('while something is still being done, the first signal waits and the second does not', () => {
  /** A delivery of Slack's whose body does not come: it is in the middle of being done until somebody hangs up. */
  async function unfinished(port: number): Promise<() => void> {
    const headers = { expect: '100-continue', 'content-length': '10' };
    const sent = request({ host: '127.0.0.1', port, path: '/slack/events', method: 'POST', headers });
    sent.on('error', () => {});
    sent.flushHeaders();
    await once(sent, 'continue');
    return () => void sent.destroy();
  }

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('%s', async (signal, code) => {
    const bot = await started();
    const hangUp = await unfinished(bot.slackPort);
    bot.signal(signal);
    await bot.said('"msg":"stopping"');
    const [health, readiness] = await Promise.all(['healthz', 'readyz'].map((path) => fetch(`${bot.api}/${path}`)));
    expect(health?.status).toBe(200);
    expect(readiness?.status).toBe(503);
    expect(await readiness?.json()).toEqual({ status: 'not ready', missing: ['stopping'] });
    bot.signal(signal);
    const ended = await bot.ended;
    hangUp();
    expect({ code: ended.code, course: course(ended.out) }).toEqual({ code, course: ['ready', 'stopping'] });
  });

  test('and once it is done, the process stops by itself', async () => {
    const bot = await started();
    const hangUp = await unfinished(bot.slackPort);
    bot.signal('SIGTERM');
    await bot.said('"msg":"stopping"');
    hangUp();
    const { code, out } = await bot.ended;
    expect({ code, course: course(out) }).toEqual({ code: 0, course: ['ready', 'stopping', 'stopped'] });
  });
});
