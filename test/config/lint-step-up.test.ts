import { expect, test } from 'vitest';
import { lint } from '../../src/cli/lint.ts';
import { file, settingsOf } from './files.ts';

const roles = '{ operator: { people: [U0OP] }, ops: { people: [U0P1, U0P2] }, security: { people: [U0S1, U0S2] } }';
const scopes = '{ reset_admin_password: { step_up: { acr_values: [gold] } } }';
const link = (user: string) => `${user}: { issuer: 'https://id.example.com', subject: ${user} }`;
const everybody = `{ ${['U0P1', 'U0P2', 'U0S1', 'U0S2'].map(link).join(', ')} }`;
const there = { provider: true, apiUrl: true };

const warningsOf = async (keys: Record<string, string>, parts: Parameters<typeof lint>[2]): Promise<string[]> =>
  (await lint(settingsOf(file({ roles, scopes, ...keys })), null, parts)).filter((line) => line.includes('sign-in'));

test('config check says where a scope needs a sign-in and nobody could give one', async () => {
  const words = 'scopes: reset_admin_password need a sign-in to be approved, and';
  const identities = everybody;
  expect(await warningsOf({ identities }, there)).toEqual([]);
  expect(await warningsOf({ identities }, { provider: false, apiUrl: false })).toEqual([
    `${words} OIDC_ISSUER with OIDC_CLIENT_ID is not set, so nobody can`,
    `${words} API_URL is not set, so nobody can`,
  ]);
  expect(await warningsOf({ identities, scopes: '{}' }, { provider: false, apiUrl: false })).toEqual([]);
});

test('config check says where those who approve are not linked in the file', async () => {
  expect(await warningsOf({ identities: `{ ${link('U0P1')}, ${link('U0P2')}, ${link('U0S1')} }` }, there)).toEqual([
    'roles.security: 1 of 2 linked in identities, and reset_admin_password need a sign-in to be approved; the others link themselves, a day before: /breakglass link',
  ]);
});
