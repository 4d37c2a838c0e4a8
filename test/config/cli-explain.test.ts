import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configuration, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { explain } from '../../src/cli/explain.ts';
import type { SlackAccess } from '../../src/cli/slack-answers.ts';
import { scopes } from '../../src/domain/words.ts';
import { commands } from './command.ts';
import { settingsOf } from './files.ts';

// Initech has no owner, and a channel of its own.
const yaml = configuration.replace('name: Initech }', 'name: Initech, channel: C0INITECH }');
const { cli, folder } = commands();
let slack: LocalSlack;
beforeAll(async () => {
  slack = await startLocalSlack({ ...workspace, pacing: false });
  populate(slack);
  writeFileSync(path.join(folder(), 'sandbox.yml'), yaml);
});
afterAll(() => slack.stop());

const words = (scope: string, tenant: string, operator: string) =>
  ['config', 'explain', '--scope', scope, '--tenant', tenant, '--operator', operator, 'sandbox.yml'] as const;
/** As the command does it, without a process of its own. */
const ask = (scope: string, tenant: string, operator: string, text = yaml, access: SlackAccess | null = null) =>
  explain(settingsOf(text), { scope, tenant, operator }, access);

const owners = 'owner could approve: T0HOME:U0ANNA, T0ACME:U0BEN';
const ops = 'ops could approve: T0HOME:U0PETRA, members of S0OPS (not looked up)';
const security = 'security could approve: T0HOME:U0SAM, T0HOME:U0SOFIA';
const nobody = 'nobody has to approve: active at once';
const waived = 'owner approval: waived, because the tenant has no owner';
const recovery = 'may last: 120 minutes, 30 unless chosen otherwise; waits 60 minutes for approvals';
const content = 'may last: 240 minutes, 60 unless chosen otherwise; waits 60 minutes for approvals';
const repair = 'may last: 240 minutes, 60 unless chosen otherwise; waits 1440 minutes for approvals';
const audit = 'may last: 1440 minutes, 240 unless chosen otherwise; waits 1440 minutes for approvals';
const told = (...channels: string[]) => `would be told: ${[...channels, 'the operator'].join(', ')}`;

const ofAcme: Readonly<Record<string, readonly string[]>> = {
  content_access: ['break_glass', content, owners, security, told('C0ACME', 'C0SECURITY')],
  create_platform_owner: ['break_glass', recovery, ops, security, told('C0OPS', 'C0SECURITY')],
  reset_admin_password: ['break_glass', recovery, ops, security, told('C0OPS', 'C0SECURITY')],
  reenable_admin: ['break_glass', recovery, ops, security, told('C0OPS', 'C0SECURITY')],
  audit_view: ['support_access', audit, nobody, told('C0ACME', 'C0SECURITY')],
  workspace_recovery: ['support_access', repair, owners, told('C0ACME')],
};
/** A waived owner's channel is told although nobody is asked there. */
const ofInitech: typeof ofAcme = {
  content_access: ['break_glass', content, waived, security, ops, told('C0SECURITY', 'C0OPS', 'C0INITECH')],
  reenable_admin: ['break_glass', recovery, ops, security, told('C0OPS', 'C0SECURITY')],
  audit_view: ['support_access', audit, nobody, told('C0INITECH', 'C0SECURITY')],
  workspace_recovery: ['support_access', repair, waived, ops, security, told('C0OPS', 'C0SECURITY', 'C0INITECH')],
};

describe('config explain says who could approve, who is told, and how long it may last', () => {
  test('of every scope', () => expect(Object.keys(ofAcme).sort()).toEqual([...scopes].sort()));

  const rows = [
    ...Object.entries(ofAcme).map(([scope, said]) => ({ scope, tenant: 'acme', name: 'Acme Corp', said })),
    ...Object.entries(ofInitech).map(([scope, said]) => ({ scope, tenant: 'initech', name: 'Initech', said })),
  ];
  test.each(rows)('$scope on $tenant', async ({ scope, tenant, name, said: [kind, ...lines] }) => {
    expect(await ask(scope, tenant, 'U0OLIVIA')).toEqual({
      allowed: true,
      lines: [
        `${scope} (${kind}) on ${name}, asked for by T0HOME:U0OLIVIA`,
        ...['would be refused: not by the file', ...lines].map((line) => `  ${line}`),
      ],
    });
  });

  test.each([
    { scope: 'content_access', tenant: 'initech', operator: 'U0OLIVIA', code: 0 },
    { scope: 'create_platform_owner', tenant: 'acme', operator: 'U0PETRA', code: 1 },
  ])('as lines on stdout: $scope on $tenant by $operator, exit code $code', async ({ code, ...question }) => {
    const { scope, tenant, operator } = question;
    const { lines } = await ask(scope, tenant, operator);
    const ended = await cli(words(scope, tenant, operator));
    expect(ended).toEqual({ code, signal: null, out: lines, err: [] });
  });
});

describe('config explain says whether the request would be refused', () => {
  test.each(['U0PETRA', 'U0OTIS', 'T0ACME:U0OLIVIA', 'olivia'])('%s is no operator', async (operator) => {
    const { allowed, lines } = await ask('create_platform_owner', 'acme', operator);
    expect(allowed).toBe(false);
    expect(lines[1]).toBe('  would be refused: yes, they are no operator');
  });

  test('an operator may be written with their team', async () => {
    const { allowed, lines } = await ask('audit_view', 'acme', 'T0HOME:U0OMAR');
    expect(allowed).toBe(true);
    expect(lines[0]).toContain('asked for by T0HOME:U0OMAR');
  });

  test('who could not be looked up in a group is neither allowed nor refused; who is named is allowed', async () => {
    const text = yaml.replace('people: [U0OLIVIA, U0OMAR]', 'people: [U0OLIVIA], groups: [S0HELP]');
    expect((await ask('audit_view', 'acme', 'U0OTIS', text)).lines[1]).toBe(
      '  would be refused: not by the file if they are in a group that gives operator (not looked up)',
    );
    expect((await ask('audit_view', 'acme', 'U0OLIVIA', text)).lines[1]).toBe('  would be refused: not by the file');
  });

  test('nobody approves their own request, whatever they hold', async () => {
    const text = yaml
      .replace('people: [U0SAM, U0SOFIA]', 'people: [U0SAM, U0OLIVIA]')
      .replace("[U0ANNA, 'T0ACME:U0BEN']", '[U0OLIVIA]');
    const { lines } = await ask('content_access', 'acme', 'U0OLIVIA', text);
    expect(lines.slice(3, 5)).toEqual(['  owner could approve: nobody', '  security could approve: T0HOME:U0SAM']);
  });
});

describe('with a token, config explain asks Slack', () => {
  test('who is in a group, and who of those named could act', async () => {
    slack.updateUser('U0SOFIA', { deleted: true });
    const variables = { SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: workspace.botToken };
    const { code, out } = await cli(words('create_platform_owner', 'acme', 'U0OLIVIA'), variables);
    slack.updateUser('U0SOFIA', { deleted: false });
    expect(code).toBe(0);
    expect(out.slice(3, 5)).toEqual([
      '  ops could approve: T0HOME:U0PETRA, T0HOME:U0PAUL',
      '  security could approve: T0HOME:U0SAM',
    ]);
  });

  test('and says so where Slack does not answer', async () => {
    const access = { botToken: 'xoxb-wrong', apiUrl: slack.apiUrl };
    const { lines } = await ask('audit_view', 'acme', 'U0OLIVIA', yaml, access);
    expect(lines).toContain('  Slack could not be asked: invalid_auth');
  });
});

describe('config explain of what the file does not name is a wrong configuration, exit code 78', () => {
  const scopeLine = (found: string) => `--scope: expected one of ${scopes.join(', ')}, found "${found}"`;
  const tenantLine = (found: string) => `--tenant: expected the key of a tenant in the file, found "${found}"`;
  test.each([
    { scope: 'root', tenant: 'acme', said: [scopeLine('root')] },
    { scope: 'audit_view', tenant: 'Acme', said: [tenantLine('Acme')] },
    { scope: 'toString', tenant: 'system', said: [scopeLine('toString'), tenantLine('system')] },
  ])('$scope on $tenant', async ({ scope, tenant, said }) => {
    expect(await cli(words(scope, tenant, 'U0OLIVIA'))).toEqual({ code: 78, signal: null, out: [], err: said });
  });
});
