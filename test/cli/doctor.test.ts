import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { configuration, workspace } from '../../sandbox/cast.ts';
import { neededScopes } from '../../src/cli/doctor/slack.ts';
import { newSigner } from '../../src/evidence/note.ts';
import { runningBots, type Started } from '../config/running.ts';
import { startIdentityProvider, type TestIdentityProvider } from '../support/identity-provider.ts';

const { at, cli, folder, configFile, started, variables } = runningBots();
const { secret } = newSigner('breakglass.example.com');
let bot: Started;
let provider: TestIdentityProvider;
let environment: Record<string, string>;

beforeAll(async () => {
  provider = await startIdentityProvider();
  bot = await started({ CONFIG_FILE: configFile(), AUDIT_SIGNING_KEY: secret });
  environment = {
    ...variables(),
    ...{ CONFIG_FILE: configFile(), AUDIT_SIGNING_KEY: secret, API_PORT: new URL(bot.api).port },
    ...{ OIDC_ISSUER: provider.issuer, OIDC_AUDIENCE: provider.audience },
  };
});
afterAll(async () => {
  bot.signal('SIGTERM');
  await bot.ended;
  await provider.stop();
});

interface Finding {
  state: string;
  what: string;
  found: string;
  do: string | null;
}
async function examined(change: Record<string, string> = {}) {
  const { code, out, err } = await cli(['doctor', '--json'], { ...environment, ...change });
  expect(err).toEqual([]);
  const { healthy, findings } = JSON.parse(out.join('\n')) as { healthy: boolean; findings: Finding[] };
  expect(code).toBe(healthy ? 0 : 1);
  return { healthy, findings, of: (what: string) => findings.filter((each) => each.what === what) };
}
const asSuperuser = (statement: string) => at.db.query('superuser', statement);
let undo: string[] = [];
afterEach(async () => {
  for (const statement of undo) await asSuperuser(statement);
  undo = [];
});

test('finds nothing wrong with a bot that is well but what is so on the server of the tests, and says what it looked at', async () => {
  const { healthy, findings } = await examined();
  const wrong = findings.filter(({ state }) => state === 'problem');
  // That server gives up durability for speed; nobody else's should.
  expect(wrong).toMatchObject([
    { what: 'durability', found: expect.stringContaining('fsync and full_page_writes off') },
  ]);
  expect(healthy).toBe(false);
  const fine = findings.filter(({ state }) => state === 'ok').map(({ what }) => what);
  for (const what of [
    'environment',
    'slack',
    'slack scopes',
    'database',
    'database rights',
    'clock',
    'seal',
    'seal key',
  ])
    expect(fine).toContain(what);
  for (const what of ['notices', 'dead notices', 'reviews', 'admin key', 'api', 'api clock', 'identity provider'])
    expect(fine).toContain(what);
});

test('says it in lines, with what to do, and no secret', async () => {
  const { code, out, err } = await cli(['doctor'], { ...environment, ADMIN_API_KEY: 'a'.repeat(40) });
  expect({ code, err }).toEqual({ code: 1, err: [] });
  expect(out.find((line) => line.includes('admin key:'))).toMatch(/^warning {2}admin key: ADMIN_API_KEY administers/);
  expect(out).toContain('         -> Make it a key of the table, which expires: breakglass key adopt');
  expect(out.at(-1)).toMatch(/^1 problem, \d+ warnings?, /);
  for (const word of [secret, workspace.botToken, workspace.signingSecret, 'aaaa'])
    expect(out.join('\n')).not.toContain(word);
});

test('asks for the scopes of the manifest', () => {
  expect(neededScopes).toEqual(parse(readFileSync('manifest.yml', 'utf8')).oauth_config.scopes.bot);
});

describe('of Slack it finds', () => {
  test('an outage', async () => {
    at.slack.down();
    const { healthy, of } = await examined().finally(() => at.slack.up());
    expect({ healthy, slack: of('slack') }).toMatchObject({
      healthy: false,
      slack: [{ state: 'problem', do: expect.stringContaining('use the API') }],
    });
  });
  test('a token that is refused', async () => {
    const { of } = await examined({ SLACK_BOT_TOKEN: 'xoxb-another' });
    expect(of('slack')).toMatchObject([{ state: 'problem', found: expect.stringContaining('invalid_auth') }]);
  });
  test('a channel without the bot or archived, and a leg that too few people can fill', async () => {
    const file = path.join(folder(), 'odd.yml');
    writeFileSync(file, configuration.replace('ops: C0OPS', 'ops: C0NOWHERE').replace('[U0SAM, U0SOFIA]', '[U0SAM]'));
    const { of } = await examined({ CONFIG_FILE: file });
    const found = of('configuration').map((each) => each.found);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^channel C0NOWHERE: /),
        expect.stringMatching(/^roles\.security: one person can be reached/),
      ]),
    );
    expect(of('configuration').every((each) => each.do)).toBe(true);
  });
  test('nothing, where it has no token, and says that it did not look', async () => {
    const { of, healthy } = await examined({ SLACK_BOT_TOKEN: '' });
    expect(healthy).toBe(false); // the bot would not start
    expect(of('slack')).toMatchObject([{ state: 'unknown' }]);
    expect(of('environment')[0]).toMatchObject({ state: 'problem', found: expect.stringContaining('SLACK_BOT_TOKEN') });
  });
});

describe('of the database it finds', () => {
  test.each([
    { right: 'createrole', word: 'CREATEROLE' },
    { right: 'createdb', word: 'CREATEDB' },
  ])('a role that has $word', async ({ right, word }) => {
    undo = [`drop role if exists too_strong_${right}`];
    await asSuperuser(`create role too_strong_${right} login ${right} password 'x' in role breakglass_app`);
    const url = new URL(at.db.url('app'));
    url.username = `too_strong_${right}`;
    url.password = 'x';
    const { of, healthy } = await examined({ DATABASE_URL: url.href });
    expect(healthy).toBe(false);
    expect(of('database rights')).toMatchObject([{ state: 'problem', found: expect.stringContaining(word) }]);
  });
  test('a role that may change the audit', async () => {
    undo = ['revoke update on audit_events from breakglass_app'];
    await asSuperuser('grant update on audit_events to breakglass_app');
    expect((await examined()).of('database rights')).toMatchObject([
      { state: 'problem', found: expect.stringContaining('audit rows') },
    ]);
  });
  test('the owner and a superuser where the bot’s role should be', async () => {
    for (const role of ['owner', 'superuser'] as const) {
      const { of } = await examined({ DATABASE_URL: at.db.url(role) });
      expect(of('database')[0]).toMatchObject({
        state: 'problem',
        found: expect.stringContaining('the role must be breakglass_app'),
      });
    }
  });
  test('that it is not there, without its password', async () => {
    const { of } = await examined({ DATABASE_URL: 'postgresql://app:hunter2@127.0.0.1:9/none' });
    expect(of('database')).toMatchObject([{ state: 'problem' }]);
    expect(JSON.stringify(of('database'))).not.toContain('hunter2');
  });
  test('a migration that is missing', async () => {
    undo = ['update _prisma_migrations set finished_at = now() where finished_at is null'];
    await asSuperuser(
      'update _prisma_migrations set finished_at = null where migration_name = (select max(migration_name) from _prisma_migrations)',
    );
    expect((await examined()).of('database')).toMatchObject([{ state: 'problem', do: 'Run: breakglass migrate' }]);
  });
  test('a notice that is dead', async () => {
    undo = ["delete from outbox where last_error = 'doctor'"];
    await asSuperuser(
      "insert into outbox (destination, kind, payload, request_id, state, settled_at, last_error) values ('C0OPS', 'digest', '{}', 'doctor', 'dead', breakglass_now(), 'doctor')",
    );
    expect((await examined()).of('dead notices')).toMatchObject([
      { state: 'problem', do: expect.stringContaining('requeue') },
    ]);
  });
  test('a history that another key sealed', async () => {
    const { of } = await examined({ AUDIT_SIGNING_KEY: newSigner('breakglass.example.com').secret });
    expect(of('seal key')).toMatchObject([{ state: 'problem', do: expect.stringContaining('AUDIT_PREVIOUS_KEYS') }]);
  });
});

describe('around it, it finds', () => {
  test('an API that does not answer, and one that is none', async () => {
    expect((await examined({ API_PORT: '9' })).of('api')).toMatchObject([
      { state: 'problem', found: expect.stringContaining('does not answer') },
    ]);
    const other = new URL(provider.issuer).port;
    expect((await examined({ API_PORT: other })).of('api')[0]).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('not this API'),
    });
  });
  test('a provider that does not answer, or calls itself something else', async () => {
    provider.setDown(true);
    const down = await examined().finally(() => provider.setDown(false));
    expect(down.of('identity provider')).toMatchObject([{ state: 'problem' }]);
    const other = await examined({ OIDC_ISSUER: `${provider.issuer}/` });
    expect(other.of('identity provider')).toMatchObject([
      { state: 'problem', found: expect.stringContaining('calls itself') },
    ]);
  });
  test('variables and a file that are wrong, a line each, and looks at the rest', async () => {
    const { findings, healthy } = await examined({ CONFIG_FILE: '/nowhere.yml' });
    expect(healthy).toBe(false);
    expect(findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ what: 'configuration', state: 'problem' }),
        expect.objectContaining({ what: 'database', state: 'ok' }),
      ]),
    );
    expect((await examined({ LOG_LEVEL: 'loud' })).findings).toMatchObject([{ what: 'environment', state: 'problem' }]);
  });
});
