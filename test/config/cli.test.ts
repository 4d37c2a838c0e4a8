import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { commands } from './command.ts';
import { file } from './files.ts';

const { cli, folder } = commands();

/** A file that nothing is to be said about, by what it says itself. */
const quiet = file({
  roles: '{ operator: { people: [U0A] }, ops: { people: [U0B, U0C] }, security: { people: [U0D, U0E, U0H] } }',
  tenants: '[{ key: acme, name: Acme, channel: C0ACME, owners: [U0F, U0G] }]',
});
const broken = file({ slack: '{ team: home }', roles: '{ ops: { people: [bob] } }', colour: 'red' });

beforeAll(() => {
  for (const [name, text] of Object.entries({ quiet, broken, sandbox: configuration, yaml: 'a: [' }))
    writeFileSync(path.join(folder(), `${name}.yml`), text);
});

describe('help', () => {
  test.each([[], ['help'], ['--help'], ['-h']])('is what %j gets, and is no failure', async (...words) => {
    const { code, out, err } = await cli(words);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out[0]).toBe('Usage: breakglass COMMAND');
    for (const command of ['migrate', 'config check', 'config explain', 'help'])
      expect(out.filter((line) => line.startsWith(`  ${command} `))).toHaveLength(1);
  });
});

describe('wrong use is answered with a line and what there is, exit code 2, and nothing is done', () => {
  const unknown = (words: string) => `There is no command "${words}".`;
  test.each([
    { words: ['nonsense'], said: unknown('nonsense') },
    { words: ['config'], said: unknown('config') },
    { words: ['config', 'chekc', 'a.yml'], said: unknown('config chekc a.yml') },
    { words: ['migrate', 'now'], said: 'migrate takes no further words.' },
    { words: ['migrate', '--dry-run'], said: /^Unknown option '--dry-run'/ },
    { words: ['config', 'check', 'a.yml', 'b.yml'], said: 'config check takes [FILE] at most.' },
    { words: ['config', 'check', '--strict'], said: /^Unknown option '--strict'/ },
    { words: ['config', 'explain', '--scope', 'audit_view'], said: /needs --scope, --tenant and --operator/ },
    { words: ['config', 'explain', '--scop', 'x'], said: /^Unknown option '--scop'/ },
    {
      words: ['config', 'explain', '--scope=a', '--tenant=b', '--operator=c', 'a.yml', 'b.yml'],
      said: 'config explain takes [FILE] at most.',
    },
  ])('$words', async ({ words, said }) => {
    const { code, out, err } = await cli(words, { CONFIG_FILE: 'quiet.yml' });
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err[0]).toMatch(said);
    expect(err[1]).toBe('');
    const known = words.join(' ').match(/^(migrate|config (check|explain))/)?.[0] ?? 'COMMAND';
    expect(err[2]).toMatch(new RegExp(`^Usage: breakglass ${known}( |$)`));
  });
});

describe('config check', () => {
  const unasked = 'Slack was not asked: SLACK_BOT_TOKEN is not set.';

  test('says that a right file is right, and that Slack was not asked', async () => {
    expect(await cli(['config', 'check', 'quiet.yml'])).toEqual({
      code: 0,
      signal: null,
      out: [`quiet.yml is right. ${unasked}`],
      err: [],
    });
  });

  test('reads CONFIG_FILE where no file is given, and the one given where both are', async () => {
    const ofVariable = await cli(['config', 'check'], { CONFIG_FILE: 'quiet.yml' });
    expect(ofVariable.out).toEqual([`quiet.yml is right. ${unasked}`]);
    const given = await cli(['config', 'check', 'quiet.yml'], { CONFIG_FILE: 'broken.yml' });
    expect(given).toEqual(ofVariable);
  });

  test('prints what somebody should look at and is content with it', async () => {
    expect(await cli(['config', 'check', 'sandbox.yml'])).toMatchObject({
      code: 0,
      out: [
        'warning: tenants.initech.owners: nobody, so ops and security decide instead of an owner',
        `sandbox.yml can be used; 1 to look at. ${unasked}`,
      ],
      err: [],
    });
  });

  test('finds what too few people could do, by the file alone', async () => {
    writeFileSync(
      path.join(folder(), 'few.yml'),
      file({
        roles: '{ ops: { people: [U0A] } }',
        scopes: '{ audit_view: { legs: [ops] } }',
        tenants: '[{ key: a, name: A, channel: C0A, owners: [U0B] }, { key: b, name: B }]',
      }),
    );
    const { out } = await cli(['config', 'check', 'few.yml']);
    expect(out).toEqual([
      'warning: roles.operator: nobody holds it, so nobody can ask for access',
      'warning: roles.ops: one person can be reached, and create_platform_owner, reset_admin_password, reenable_admin, audit_view wait for this leg; name at least two',
      'warning: roles.security: nobody can be reached, and content_access, create_platform_owner, reset_admin_password, reenable_admin wait for this leg; name at least two',
      'warning: roles.auditor: nobody is left to review a session that security approved; name more',
      'warning: tenants.a.owners: one person decides alone; name at least two',
      'warning: tenants.b.owners: nobody, so ops and security decide instead of an owner',
      `few.yml can be used; 6 to look at. ${unasked}`,
    ]);
  });

  test('says of a group that nobody looked up neither that it has people nor that it has none', async () => {
    writeFileSync(
      path.join(folder(), 'groups.yml'),
      file({
        roles: '{ operator: { groups: [S0A] }, ops: { groups: [S0A] }, security: { people: [U0A], groups: [S0A] } }',
      }),
    );
    expect((await cli(['config', 'check', 'groups.yml'])).out).toEqual([`groups.yml is right. ${unasked}`]);
  });

  test('names each mistake of a broken file in a line on stderr, exit code 78', async () => {
    expect(await cli(['config', 'check', 'broken.yml'])).toEqual({
      code: 78,
      signal: null,
      out: [],
      err: [
        `broken.yml: slack.team: expected a Slack team's id such as T0HOME, found "home"`,
        `broken.yml: roles.ops.people[0]: expected a Slack user's id such as U0OPS, found "bob"`,
        'broken.yml: the file: expected no key "colour"',
      ],
    });
  });

  test('names the place of what is no YAML', async () => {
    const { code, out, err } = await cli(['config', 'check', 'yaml.yml']);
    expect({ code, out }).toEqual({ code: 78, out: [] });
    expect(err).toHaveLength(1);
    expect(err[0]).toMatch(/^yaml\.yml: line 1, column \d+: /);
  });

  test.each([
    { words: ['nowhere.yml'], said: "CONFIG_FILE: can't read nowhere.yml: there is no such file." },
    { words: [], said: "CONFIG_FILE: can't read breakglass.yml: there is no such file." },
    { words: ['.'], said: "CONFIG_FILE: can't read .: Error: EISDIR" },
  ])('says in one line that it can’t read $words, exit code 78', async ({ words, said }) => {
    const { code, out, err } = await cli(['config', 'check', ...words]);
    expect({ code, out }).toEqual({ code: 78, out: [] });
    expect(err).toHaveLength(1);
    expect(err[0]).toContain(said);
    expect(err[0]).toContain('breakglass.example.yml is a start.');
  });

  test('names a wrong variable before it looks at any file', async () => {
    const { code, err } = await cli(['config', 'check', 'quiet.yml'], { SLACK_BOT_TOKEN: 's3cr3t' });
    expect({ code, err }).toEqual({
      code: 78,
      err: ['SLACK_BOT_TOKEN: expected a bot token, which starts with xoxb-'],
    });
  });
});
