import { request as ask, createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { commandLine } from './command-line.ts';

const { cli } = commandLine();
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await api.key({ name: 'admin', role: 'admin' });
});
afterAll(() => api.stop());

const run = (...words: string[]) => cli(words, { BREAKGLASS_URL: api.url, BREAKGLASS_KEY: key });
/** What a command prints for scripts. */
async function json(...words: string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await run(...words, '--json');
  expect({ code, err }).toEqual({ code: 0, err: [] });
  return JSON.parse(out.join('\n'));
}

describe('tenants', () => {
  test('are made, changed, shown, put away and taken back', async () => {
    const made = await json(
      'tenants',
      'create',
      'umbrella',
      '--name',
      'Umbrella',
      '--channel',
      'C0UMBRELLA',
      '--owner',
      'U0WESKER',
      '--owner',
      'U0GUEST:guest',
    );
    expect(made).toMatchObject({
      ...{ key: 'umbrella', name: 'Umbrella', channel: 'C0UMBRELLA', shared: false, source: 'api' },
      owners: [
        { account: 'T0HOME:U0WESKER', guest: false },
        { account: 'T0HOME:U0GUEST', guest: true },
      ],
    });
    expect(await json('tenants', 'change', 'umbrella', '--name', 'Umbrella Corp', '--no-owners')).toMatchObject({
      name: 'Umbrella Corp',
      owners: [],
      channel: 'C0UMBRELLA',
    });
    expect(await json('tenants', 'change', 'umbrella', '--channel', 'none')).toMatchObject({ channel: null });
    const shown = await run('tenants', 'show', 'umbrella');
    expect(shown.out).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^name +Umbrella Corp$/),
        expect.stringMatching(/^owners +nobody/),
      ]),
    );
    expect((await run('tenants', 'list')).out.some((line) => /^umbrella +Umbrella Corp/.test(line))).toBe(true);
    expect(await run('tenants', 'archive', 'umbrella', '--reason', 'They left us last week')).toMatchObject({
      code: 0,
      out: expect.arrayContaining(['Closed with it: 0.']),
    });
    expect((await run('tenants', 'list')).out.join()).not.toContain('umbrella');
    expect((await run('tenants', 'list', '--archived')).out.join()).toContain('umbrella');
    expect(await json('tenants', 'restore', 'umbrella')).toMatchObject({ archived_at: null });
  });

  test('that there are not are said to be not there, and what is wrong is said', async () => {
    expect(await run('tenants', 'show', 'nowhere')).toMatchObject({ code: 3, err: ['There is no such tenant.'] });
    expect(await run('tenants', 'create', 'umbrella', '--name', 'Again')).toMatchObject({
      code: 1,
      err: ['There is a tenant of this key already.'],
    });
    expect(await run('tenants', 'change', 'umbrella')).toMatchObject({ code: 2 });
    expect(await run('tenants', 'change', 'umbrella', '--owner', 'U0A', '--no-owners')).toMatchObject({ code: 2 });
  });
});

describe('keys', () => {
  test('are made, shown once and alone on stdout, listed without what opens doors, and ended', async () => {
    const made = await run(
      'keys',
      'create',
      'wiki',
      '--role',
      'service',
      '--tenants',
      'all',
      '--subjects',
      'all',
      '--actions',
      'content.read',
    );
    expect(made).toMatchObject({ code: 0, err: [expect.stringContaining('The key wiki counts until')] });
    const [secret = ''] = made.out;
    expect((await api.get('/v1/me', secret)).status).toBe(200);
    const listed = await run('keys', 'list');
    expect(listed.out.some((line) => /^wiki +service +active .*content\.read/.test(line))).toBe(true);
    expect(listed.out.join()).not.toContain(secret);
    expect(await run('keys', 'revoke', 'wiki')).toMatchObject({
      code: 0,
      out: ['The key wiki does not count any more.'],
    });
    expect((await api.get('/v1/me', secret)).status).toBe(401);
    expect(await run('keys', 'revoke', 'wiki')).toMatchObject({ code: 1, err: ['The key was revoked before.'] });
  });

  test('of a service say whom and what they are about: nothing is all by default', async () => {
    const { code, err } = await run('keys', 'create', 'wide', '--role', 'service', '--tenants', 'all');
    expect({ code, why: err[0] }).toEqual({ code: 2, why: expect.stringContaining('--subjects and --actions') });
  });
});

describe('schedules', () => {
  test('are made, changed, shown and deleted', async () => {
    expect(await json('schedules', 'create', 'evening', '--job', 'digest', '--cron', '0 18 * * *')).toMatchObject({
      name: 'evening',
      timezone: 'UTC',
      channel: null,
    });
    expect(await json('schedules', 'change', 'evening', '--timezone', 'Europe/Berlin')).toMatchObject({
      cron: '0 18 * * *',
      timezone: 'Europe/Berlin',
    });
    expect((await run('schedules', 'list')).out.join('\n')).toMatch(/^evening +digest/m);
    expect((await run('schedules', 'show', 'evening')).out.join('\n')).toMatch(/^when +0 18 \* \* \* Europe\/Berlin$/m);
    expect(await run('schedules', 'delete', 'evening')).toMatchObject({
      code: 0,
      out: ['The schedule evening is gone.'],
    });
    expect(await run('schedules', 'show', 'evening')).toMatchObject({ code: 3 });
  });
});

describe('jobs', () => {
  const dead = async (): Promise<string> => {
    const [row] = await api.db.query<{ id: string }>(
      'superuser',
      `insert into outbox (destination, kind, payload, request_id, state, settled_at, last_error)
       values ('C0SECURITY', 'digest', '{}', 'test', 'dead', breakglass_now(), 'channel_not_found') returning id`,
    );
    return String(row?.id);
  };
  test('that are dead are listed, sent again, put off and dropped', async () => {
    const [one, two] = [await dead(), await dead()];
    const listed = await run('jobs', 'dead');
    expect(listed.out.filter((line) => line.includes('channel_not_found'))).toHaveLength(2);
    expect(await run('jobs', 'requeue', one)).toMatchObject({
      code: 0,
      out: [`Notice ${one} is sent again, marked as late.`],
    });
    expect((await run('jobs', 'waiting')).out.some((line) => line.startsWith(`${one} `))).toBe(true);
    const later = new Date(Date.now() + 600_000).toISOString();
    expect((await run('jobs', 'retime', one, '--at', later)).out[0]).toContain(later.slice(0, 16).replace('T', ' '));
    expect(await run('jobs', 'requeue', '--all')).toMatchObject({
      code: 0,
      out: [`Sent again, marked as late: ${two}.`],
    });
    expect(await run('jobs', 'requeue')).toMatchObject({ code: 2 });
    expect(await run('jobs', 'drop', '999999', '--reason', 'Nobody needs it any more')).toMatchObject({ code: 3 });
  });
});

test('the configuration in force is shown with its hash', async () => {
  const shown = await run('config', 'show');
  expect(shown).toMatchObject({ code: 0, out: expect.arrayContaining([`# SHA-256 ${api.world.policy}`]) });
});

test('a key that may not is told so', async () => {
  const reader = await api.key({ name: 'reader', role: 'auditor' });
  const { code, err } = await cli(['tenants', 'restore', 'umbrella'], {
    BREAKGLASS_URL: api.url,
    BREAKGLASS_KEY: reader,
  });
  expect({ code, err }).toEqual({ code: 1, err: ['This needs the role admin.'] });
});

test('what was done although its answer was lost is not done twice', async () => {
  let lost = 0;
  const { port } = new URL(api.url);
  const between = createServer((request, response) => {
    const { method, url: path, headers } = request;
    const onward = ask({ port, host: '127.0.0.1', method, path, headers }, (answer) => {
      if (lost === 0) {
        lost += 1;
        answer.resume().once('end', () => request.socket.destroy());
      } else {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      }
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
  const address = between.address();
  const variables = {
    BREAKGLASS_URL: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    BREAKGLASS_KEY: key,
  };
  const { code, err } = await cli(['tenants', 'create', 'once', '--name', 'Once'], variables);
  between.closeAllConnections();
  between.close();
  expect({ code, err, lost }).toEqual({ code: 0, err: [], lost: 1 });
  const made = await api.db.query(
    'superuser',
    "select from audit_events where action = 'tenant.created' and entry like '%once%'",
  );
  const rows = await api.db.query('superuser', "select key from tenants where key = 'once'");
  expect([rows.length, made.length]).toEqual([1, 1]);
});
