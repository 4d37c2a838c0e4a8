import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { workspace } from '../../sandbox/cast.ts';
import { emptyDatabase, password, withPassword } from './databases.ts';
import { course, runningBots } from './running.ts';

const { at, main, folder, variables, started } = runningBots();
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
      given: () => ({ DATABASE_URL: at.db.url('owner') }),
      code: 78,
      said: [/^DATABASE_URL: .* owns the tables\. The owner belongs in MIGRATE_DATABASE_URL\.$/],
    },
    {
      what: 'a wrong password',
      given: () => ({ DATABASE_URL: withPassword(at.db.url('app'), 'wr0ng') }),
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
    const { code, out, err } = await main({ ...variables(), DATABASE_URL: at.db.url('superuser') });
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
    expect((await at.slack.as('U0OLIVIA').command('/breakglass', 'help')).kind).toBe('acked');

    bot.signal('SIGTERM');
    const { code, out, err } = await bot.ended;
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(course(out)).toEqual(['ready', 'stopping', 'stopped']);
    for (const secret of secrets()) expect(out.join()).not.toContain(secret);
    await expect(fetch(`${bot.api}/healthz`)).rejects.toThrow();
  });
});
