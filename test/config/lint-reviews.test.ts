import { expect, test } from 'vitest';
import { lint } from '../../src/cli/lint.ts';
import { file, settingsOf } from './files.ts';

/** What a file is warned of for the sake of reviews; Slack is not asked. */
const warningsOf = async (security: string, auditor: string, scopes = '{}'): Promise<string[]> => {
  const roles = `{ operator: { people: [U0OP] }, ops: { people: [U0P1, U0P2] }, security: ${security}, auditor: ${auditor} }`;
  const warnings = await lint(settingsOf(file({ roles, scopes })), null);
  return warnings.filter((line) => /review/.test(line));
};
const people = (...ids: string[]) => `{ people: [${ids}] }`;

const onePerson = 'roles.auditor: one person is left to review a session that security approved; name more';
const nobody = 'roles.auditor: nobody is left to review a session that security approved; name more';
const alone = 'roles.security: one person alone could excuse an overdue review; name at least two';

const cases: [string, string, string, string[]][] = [
  ['two of security and an auditor', people('U0A', 'U0B'), people('U0C'), []],
  ['three of security', people('U0A', 'U0B', 'U0C'), people(), []],
  ['two of security, one of whom approved', people('U0A', 'U0B'), people(), [onePerson]],
  ['two of security, one of whom is the auditor too', people('U0A', 'U0B'), people('U0B'), [onePerson]],
  ['one of security and two auditors', people('U0A'), people('U0B', 'U0C'), [alone]],
  ['one of security and an auditor', people('U0A'), people('U0B'), [onePerson, alone]],
  ['one of security alone', people('U0A'), people(), [nobody, alone]],
  ['a group that nobody looked up', '{ people: [U0A, U0B], groups: [S0A] }', people(), []],
];
test.each(cases)(
  'config check says where too few people are left to review or excuse: %s',
  async (_, security, auditor, warnings) => {
    expect(await warningsOf(security, auditor)).toEqual(warnings);
  },
);

test('where security approves no session, all of them are left', async () => {
  const legs = '{ legs: [owner, ops] }';
  const scopes = `{ content_access: ${legs}, create_platform_owner: ${legs}, reset_admin_password: ${legs}, reenable_admin: ${legs} }`;
  expect(await warningsOf(people('U0A', 'U0B'), people(), scopes)).toEqual([]);
});
