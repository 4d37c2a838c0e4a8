import { expect, test } from 'vitest';
import { type KeyWish, keyMistake } from '../../src/domain/key.ts';

const wish = (subject: string): KeyWish => ({
  ...{ name: 'wiki', role: 'service', tenants: null, subjects: [subject], actions: null },
  ...{ defaultTenant: null, days: 90, perSecond: 1_000 },
});

test.each(['slack:T0HOME:U0OLIVIA', 'oidc:https://id.example/a?b#00u1', 'oidc:https://id.example#auth0|a#b'])(
  'a key may be bound to a person: %s',
  (subject) => {
    expect(keyMistake(wish(subject))).toBeNull();
  },
);

test.each([
  ['NUL', 'oidc:https://id.example#a\0b'],
  ['a control character', 'oidc:https://id.example#a\u0007b'],
  ['one in the issuer', 'oidc:https://id\u0001.example#ab'],
  ['half a pair', 'oidc:https://id.example#a\ud800'],
  ['a letter that looks like another', 'oidc:https://id.ex\u0430mple#ab'],
  ['a direction', 'oidc:https://id.example#a\u202eb'],
  ['a line behind it', 'slack:T0HOME:U0OLIVIA\n'],
  ['no issuer', 'oidc:#ab'],
])('no key is bound to a name with %s', (_, subject) => {
  expect(keyMistake(wish(subject))).toMatchObject({ field: 'subjects' });
});
