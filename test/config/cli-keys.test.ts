import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyWish } from '../../src/cli/keys.ts';
import { password } from './databases.ts';
import { runningBots } from './running.ts';

const { at, cli, started } = runningBots();
const key = (...words: string[]) => cli(['key', ...words], { DATABASE_URL: at.db.url('app') });
const everything = ['--tenants', 'all', '--subjects', 'all', '--actions', 'all'];
const inADay = () => new Date(Date.now() + 24 * 60 * 60_000).toISOString().slice(0, 10);
const rowOf = async (name: string) =>
  (await at.db.query('superuser', 'select * from api_keys where name = $1', [name]))[0];

describe('what a key shall be', () => {
  const given = { tenants: 'acme,globex', subjects: 'slack:T0HOME:U0OLIVIA', actions: 'content.read' };
  const wish = { tenants: ['acme', 'globex'], subjects: ['slack:T0HOME:U0OLIVIA'], actions: ['content.read'] };
  const usual = { name: 'wiki', role: 'service', defaultTenant: null, days: 90, perSecond: 1_000 };

  test('is said word by word; only a life and a rate go without saying', () => {
    expect(keyWish(['wiki'], given)).toEqual({ ...usual, ...wish });
    const more = { ...given, 'default-tenant': 'globex', days: '1', 'per-second': '5' };
    expect(keyWish(['wiki'], more)).toEqual({ ...usual, ...wish, defaultTenant: 'globex', days: 1, perSecond: 5 });
    expect(keyWish(['wiki'], { ...given, tenants: ' acme , globex ' })).toEqual({ ...usual, ...wish });
    const all = { tenants: 'all', subjects: 'all', actions: 'all' };
    expect(keyWish(['wiki'], all)).toEqual({ ...usual, tenants: null, subjects: null, actions: null });
    expect(keyWish(['wiki'], { ...all, 'default-tenant': 'acme' })).toMatchObject({ defaultTenant: 'acme' });
    expect(keyWish(['wiki'], { ...all, 'default-tenant': 'Ac me' })).toBe(
      '--default-tenant: expected one of --tenants.',
    );
    const oidc = 'oidc:https://id.example.com#00u1';
    expect(keyWish(['wiki'], { ...given, subjects: oidc })).toMatchObject({ subjects: [oidc] });
  });

  test('of an auditor is bound to tenants alone, and answers for nobody and nothing', () => {
    const auditor = { ...usual, role: 'auditor', subjects: [], actions: [] };
    expect(keyWish(['wiki'], { role: 'auditor', tenants: 'acme' })).toEqual({ ...auditor, tenants: ['acme'] });
    expect(keyWish(['wiki'], { role: 'auditor', tenants: 'all' })).toEqual({ ...auditor, tenants: null });
    expect(keyWish(['wiki'], { role: 'auditor' })).toMatch('key create needs --tenants: ');
    for (const idle of [{ subjects: 'all' }, { actions: 'all' }, { 'default-tenant': 'acme' }]) {
      expect(keyWish(['wiki'], { role: 'auditor', tenants: 'acme', ...idle })).toBe(
        `--${Object.keys(idle)[0]} is for a service; a key of the role auditor asks about nobody.`,
      );
    }
    expect(keyWish(['wiki'], { role: 'admin', tenants: 'all' })).toEqual({ ...auditor, role: 'admin', tenants: null });
    expect(keyWish(['wiki'], { ...given, role: 'owner' })).toBe('--role: expected service or auditor or admin.');
  });

  const names = 'key create needs one NAME: lower case letters, digits and dashes.';
  test.each([[], [''], ['a'], ['Wiki'], ['-wiki'], ['wiki/1'], ['wi ki'], ['wiki\n'], ['x'.repeat(64)], ['a1', 'b2']])(
    'has one name: not %j',
    (...words) => {
      expect(keyWish(words, given)).toBe(names);
    },
  );

  test.each([
    { of: 'tenants', words: [undefined, '', 'Acme', 'acme,', ',', 'acme globex', '*', 'acme;globex', 'acme\0'] },
    {
      of: 'subjects',
      words: [undefined, '', '*', 'U0OLIVIA', 'slack:T0HOME', 'slack:T0HOME:u0olivia', 'oidc:issuer', 'key:wiki'],
    },
    { of: 'actions', words: [undefined, '', '*', 'Content.Read', 'content.*', '.read', 'content read'] },
  ] as const)('says which $of, or that it is all of them', ({ of, words }) => {
    for (const word of words) {
      expect(keyWish(['wiki'], { ...given, [of]: word }), String(word)).toMatch(`key create needs --${of}: `);
    }
  });

  test.each(['0', '-1', '1.5', '367', '1e2', '', ' 1', '99999999999', 'ten'])('lasts whole days, not %j', (days) => {
    expect(keyWish(['wiki'], { ...given, days })).toBe('--days: expected a whole number from 1 to 366.');
  });

  test.each(['0', '-1', '1000001', '0x10', 'many'])('gets a whole number of answers a second, not %j', (rate) => {
    expect(keyWish(['wiki'], { ...given, 'per-second': rate })).toBe(
      '--per-second: expected a whole number from 1 to 1000000.',
    );
  });

  test.each(['initech', '', 'acme,globex'])('goes without saying only for a tenant of its own, not %j', (tenant) => {
    expect(keyWish(['wiki'], { ...given, 'default-tenant': tenant })).toBe(
      '--default-tenant: expected one of --tenants.',
    );
  });
});

describe('key create', () => {
  test('says the key alone on stdout, once, and everything else on stderr', async () => {
    const { code, out, err } = await key('create', 'once', ...everything, '--days', '1');
    expect(code).toBe(0);
    expect(out).toEqual([expect.stringMatching(/^bgk_[\w-]{43}$/)]);
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(/^The key once counts until \d{4}-\d\d-\d\d \d\d:\d\d UTC\. It is shown this once:$/);
    expect(err[0]).toContain(inADay());
    expect((await rowOf('once'))?.secret_hash).toEqual(
      createHash('sha256')
        .update(out[0] ?? '')
        .digest(),
    );
    const list = await key('list');
    expect(list.out.join('\n')).not.toContain(out[0]?.slice(4));
  });

  test('makes a key of an auditor, which the list shows with its tenants', async () => {
    const made = await key('create', 'siem', '--role', 'auditor', '--tenants', 'all');
    expect(made.code).toBe(0);
    expect(await rowOf('siem')).toMatchObject({ role: 'auditor', subjects: [], actions: [] });
    const { out } = await key('list');
    expect(out.find((line) => line.startsWith('siem '))).toMatch(
      /auditor {2}until .* {2}tenants=all {2}per-second=1000$/,
    );
  });

  test('refuses a name that was ever used, and a tenant that is not there', async () => {
    await key('create', 'taken', ...everything);
    await key('revoke', 'taken');
    expect(await key('create', 'taken', ...everything)).toEqual({
      ...{ code: 1, signal: null, out: [] },
      err: ['There is, or was, a key named taken: the audit trail knows it by that name. Take another.'],
    });
    const bounds = ['--tenants', 'nowhere', '--subjects', 'all', '--actions', 'all'];
    expect(await key('create', 'lost', ...bounds)).toEqual({
      ...{ code: 1, signal: null, out: [], err: ['There is no tenant nowhere.'] },
    });
  });

  test.each([
    { words: ['wiki'], why: 'key create needs --tenants: keys of tenants such as acme, with commas between; or all.' },
    { words: ['wiki', ...everything, '--days', '367'], why: '--days: expected a whole number from 1 to 366.' },
    { words: ['wiki', ...everything, '--days', '-1'], why: "Option '--days' argument is ambiguous." },
    { words: ['wiki', ...everything, '--forever'], why: "Unknown option '--forever'" },
    { words: ['wiki', '--tenants'], why: "Option '--tenants <value>' argument missing" },
  ])('$words is no way to say it', async ({ words, why }) => {
    const { code, out, err } = await key('create', ...words);
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err[0]).toContain(why);
    expect(await rowOf('wiki')).toBeUndefined();
  });
});

describe('key list and key revoke', () => {
  test('show each key with its bounds, and end one at once', async () => {
    const bounds = ['--tenants', 'acme,globex', '--subjects', 'slack:T0HOME:U0OLIVIA', '--actions', 'content.read'];
    const rest = ['--default-tenant', 'acme', '--days', '1', '--per-second', '7'];
    for (const tenant of ['acme', 'globex']) {
      await at.db.query('superuser', 'insert into tenants (key, name) values ($1, $1) on conflict do nothing', [
        tenant,
      ]);
    }
    await key('create', 'listed', ...bounds, ...rest);
    const lineOf = async () => (await key('list')).out.find((line) => line.startsWith('listed '));
    const its =
      'tenants=acme,globex  subjects=slack:T0HOME:U0OLIVIA  actions=content.read  default-tenant=acme  per-second=7';
    expect(await lineOf()).toMatch(new RegExp(`^listed {20}service  until ${inADay()} \\d\\d:\\d\\d UTC  ${its}$`));
    expect(await key('revoke', 'listed')).toMatchObject({
      ...{ code: 0, out: ['The key listed does not count any more.'], err: [] },
    });
    expect(await lineOf()).toContain('service  revoked ');
    expect(await key('revoke', 'listed')).toMatchObject({
      code: 1,
      out: ['There is no key listed that still counts.'],
    });
  });

  test.each([
    { words: ['list', 'all'], why: 'key list takes no further words.' },
    { words: ['revoke'], why: 'key revoke needs NAME.' },
    { words: ['revoke', 'one', 'two'], why: 'key revoke needs NAME.' },
    { words: ['rotate'], why: 'There is no command "key rotate".' },
    { words: [], why: 'There is no command "key".' },
  ])('$words is wrong use', async ({ words, why }) => {
    expect(await key(...words)).toMatchObject({ code: 2, out: [], err: expect.arrayContaining([why]) });
  });
});

test.each([['list'], ['revoke', 'once'], ['create', 'wiki', ...everything]])(
  'key %s needs the database that the bots use',
  async (...words) => {
    expect(await cli(['key', ...words], {})).toMatchObject({
      ...{ code: 78, out: [], err: ['DATABASE_URL: expected the database that the bots use.'] },
    });
  },
);

test('key create needs the role of the bots, and says no password', async () => {
  const asOwner = await cli(['key', 'create', 'wiki', ...everything], { DATABASE_URL: at.db.url('owner') });
  expect(asOwner).toMatchObject({ code: 78, out: [] });
  expect(asOwner.err.join('\n')).toContain('MIGRATE_DATABASE_URL');
  expect(asOwner.err.join('\n')).not.toContain(password());
});

test('a bot that logs everything writes no key down, nor the hash of one', async () => {
  const bot = await started({ LOG_LEVEL: 'trace' });
  const made = await key('create', 'logged', ...everything);
  const secret = made.out[0] ?? '';
  const ask = (authorization: string, body: string) =>
    fetch(`${bot.api}/access/v1/evaluation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body,
    });
  const question = JSON.stringify({
    subject: { type: 'user', id: 'slack:T0HOME:U0OLIVIA' },
    action: { name: 'content.read' },
    resource: { type: 'tenant', id: 'acme' },
  });
  expect((await ask(`Bearer ${secret}`, question)).status).toBe(200);
  expect((await ask(`Basic ${secret}`, question)).status).toBe(401);
  expect((await ask(`Bearer ${secret}`, secret)).status).toBe(400);
  await at.db.query('superuser', 'alter table api_keys rename to mislaid');
  expect((await ask(`Bearer ${secret}`, question)).status).toBe(503);
  await at.db.query('superuser', 'alter table mislaid rename to api_keys');
  bot.signal('SIGTERM');
  const { out, err } = await bot.ended;
  const said = [...out, ...err].join('\n');
  expect(said).toContain('a check could not be answered');
  const hash = createHash('sha256').update(secret).digest();
  for (const form of [secret.slice(4), hash.toString('hex'), hash.toString('base64')]) expect(said).not.toContain(form);
});
