import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels, type Player } from '../../sandbox/cast.ts';
import { type Json, renderView } from '../../sandbox/slack/index.ts';
import { answerTo, approve, as, ask, press, quiet, untilState } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

/** What the buttons could be about: a request and an access of Acme, a request and an access of Globex. */
type About = 'waiting' | 'active' | 'foreign' | 'foreignActive';
let stack: TestStack;
let grants: Record<About, string>;
beforeAll(async () => {
  stack = await startTestStack();
  const waiting = await ask(stack);
  const active = await ask(stack, { by: 'omar' });
  const foreign = await ask(stack, { tenant: 'globex' });
  const foreignActive = await ask(stack, { by: 'omar', tenant: 'globex' });
  await approve(stack, 'anna', channels.acme.id, active);
  await approve(stack, 'sam', channels.security.id, active);
  await approve(stack, 'gina', channels.globex.id, foreignActive);
  await approve(stack, 'sam', channels.security.id, foreignActive);
  for (const each of [active, foreignActive]) await untilState(stack, each, 'active');
  await quiet(stack);
  grants = { waiting, active, foreign, foreignActive };
});
afterAll(() => stack.stop());

/** Everything that a forged button could have changed; that it was refused is on record besides. */
const kept = () =>
  stack.db.query(
    'superuser',
    `select (select jsonb_agg(to_jsonb(g) order by g.id) from grants g) as grants,
            (select jsonb_agg(to_jsonb(l) order by l.grant_id, l.role) from legs l) as legs,
            (select jsonb_agg(to_jsonb(o) order by o.id) from outbox o) as outbox,
            (select jsonb_agg(to_jsonb(h) order by h.actor, h.verb, h.key) from handled_requests h) as handled,
            (select jsonb_agg(to_jsonb(a) order by a.id) from audit_events a where action <> 'access.refused') as audit`,
  );
const onRecord = (who: Player) =>
  stack.db.query<{ verb: string; refusal: string; about: string | null }>(
    'superuser',
    `select details->>'verb' as verb, details->>'refusal' as refusal, details->>'about' as about from audit_events
      where action = 'access.refused' and actor like $1 and tenant_id is null and grant_id is null order by id`,
    [`slack:%:${cast[who].id}`],
  );

const formFor = { approve_shorter: 'approve_shorter', deny: 'deny_reason', revoke: 'revoke_reason' } as const;
type FormButton = keyof typeof formFor;
const buttons = ['approve', 'approve_shorter', 'deny', 'withdraw', 'end', 'revoke'] as const;
type Button = (typeof buttons)[number];
const isForm = (button: Button): button is FormButton => button in formFor;
const verbOf = (button: Button) => (button === 'approve_shorter' ? 'approve' : button);

const click = (who: Player, button: Button, value: Json) =>
  as(stack, who).clickRaw({ action_id: button, value }, { channel: channels.acme.id, ts: '1.000001' });
/** Presses a button that says what it likes; where that opens a form, sends it. @returns what is said to that */
async function forge(who: Player, button: Button, value: Json): Promise<string> {
  if (!isForm(button)) return answerTo(stack, who, () => click(who, button, value));
  await click(who, button, value);
  await as(stack, who).modal(formFor[button]);
  return sendForm(who, button);
}
async function sendForm(who: Player, button: FormButton): Promise<string> {
  const sent = await as(stack, who).submit(button === 'approve_shorter' ? { duration: '5' } : { comment: 'forged' });
  if (sent.kind !== 'updated') throw new Error(`${button} was answered with ${JSON.stringify(sent)}`);
  return renderView(sent.view, stack.slack.reader());
}

const nil = '00000000-0000-0000-0000-000000000000';
const garbage: { what: string; value: (grant: string) => Json }[] = [
  { what: 'nothing', value: () => '' },
  { what: 'null', value: () => null },
  { what: 'a number', value: () => 5 },
  { what: 'a list', value: (grant) => [`${grant}:owner`] },
  { what: 'an object', value: (grant) => ({ grant, leg: 'owner' }) },
  { what: 'JSON', value: (grant) => JSON.stringify({ grant, leg: 'owner' }) },
  { what: 'a word', value: () => 'approve' },
  { what: 'a leg alone', value: () => ':owner' },
  { what: 'half a grant', value: (grant) => `${grant.slice(0, 23)}:owner` },
  { what: 'a grant in capitals', value: (grant) => `${grant.toUpperCase()}:owner` },
  { what: 'a grant in braces', value: (grant) => `{${grant}}:owner` },
  { what: 'a space before the grant', value: (grant) => ` ${grant}:owner` },
  { what: 'a line before the grant', value: (grant) => `x\n${grant}:owner` },
  { what: 'a line after the grant', value: (grant) => `${grant}\n:owner` },
  { what: 'NUL after the grant', value: (grant) => `${grant}\0:owner` },
  { what: 'a wildcard', value: () => '%:owner' },
  { what: 'SQL that is always so', value: (grant) => `${grant}' or '1'='1:owner` },
  { what: 'SQL that drops', value: () => `'; drop table grants; --:owner` },
  { what: 'two grants', value: (grant) => `${grant},${grant}:owner` },
  { what: 'a path', value: (grant) => `../${grant}:owner` },
  { what: 'a grant and much more', value: (grant) => `${grant}${'0'.repeat(2000 - grant.length - 6)}:owner` },
  { what: 'half a megabyte', value: () => 'a'.repeat(512 * 1024) },
];
/** Right but for the leg: for the buttons that decide one. */
const noLegs = [
  '',
  ':',
  ':boss',
  ':OWNER',
  ': owner',
  ':owner ',
  ':__proto__',
  ':constructor',
  ':0',
  ':security,owner',
];

/** Tries so far, by who and verb. */
const tries: Record<string, number> = {};
const made = (who: Player, button: Button): void => {
  const key = `slack:${who === 'ben' ? 'T0ACME' : 'T0HOME'}:${cast[who].id} ${verbOf(button)}`;
  tries[key] = (tries[key] ?? 0) + 1;
};

describe('a button whose value is none of ours is answered with one sentence, on record, and nothing is done', () => {
  const rows = [
    ...garbage.flatMap((each) => buttons.map((button) => ({ ...each, button }))),
    ...noLegs.flatMap((leg) =>
      (['approve', 'approve_shorter', 'deny'] as const).map((button) => ({
        what: `the grant and "${leg}"`,
        value: (grant: string): Json => `${grant}${leg}`,
        button,
      })),
    ),
  ];
  test.each(rows)('$button, $what', async ({ button, value }) => {
    const who = button === 'withdraw' || button === 'end' ? 'olivia' : 'anna';
    const about = button === 'end' || button === 'revoke' ? grants.active : grants.waiting;
    const before = { kept: await kept(), forms: stack.slack.calls('views.open').length };
    expect(await answerTo(stack, who, () => click(who, button, value(about)))).toBe('There is no such request.');
    expect({ kept: await kept(), forms: stack.slack.calls('views.open').length }).toEqual(before);
    made(who, button);
  });

  test.each(['approve_shorter', 'deny', 'revoke'] as const)(
    'the form of %s, made to be about nothing',
    async (button) => {
      const about = button === 'revoke' ? grants.active : grants.waiting;
      const before = await kept();
      await click('ben', button, button === 'revoke' ? about : `${about}:owner`);
      const view = await as(stack, 'ben').modal(formFor[button]);
      for (const private_metadata of ['', 'x', `${about}' or true --:owner`, 'a'.repeat(3000)]) {
        stack.slack.world.modals.update(view, { ...view.definition, private_metadata });
        expect(await sendForm('ben', button)).toContain('There is no such request.');
        made('ben', button);
      }
      expect(await kept()).toEqual(before);
    },
  );

  test('each of these tries is counted on record, without its text', async () => {
    expect(Object.keys(tries).length).toBeGreaterThan(0);
    // What is still being counted is written at a stop.
    await stack.restart();
    const counted = await stack.db.query<{ key: string; times: number }>(
      'superuser',
      `select actor || ' ' || (details->>'verb') as key, sum((details->>'times')::int)::int as times from audit_events
        where action = 'access.refused' and details->>'refusal' = 'unknown_grant' and details->>'about' is null group by 1`,
    );
    expect(Object.fromEntries(counted.map(({ key, times }) => [key, times]))).toEqual(tries);
  });
});

interface Trespass {
  who: Player;
  button: Button;
  about: About | 'nothing';
  leg: string;
  told: string;
  refusal: string;
}
const decide = ['approve', 'approve_shorter', 'deny'] as const;
const onlyOwners = 'Only an owner of this tenant can decide that.';
const onlyRevokers = 'Only owners of the tenant, ops, security and admins can revoke access.';
const onlyTheirs = 'Only the person who asked can do that.';
const trespasses: Trespass[] = [
  ...decide.flatMap((button): Trespass[] => [
    { who: 'gina', button, about: 'waiting', leg: ':owner', told: onlyOwners, refusal: 'not_the_role' },
    { who: 'anna', button, about: 'foreign', leg: ':owner', told: onlyOwners, refusal: 'not_the_role' },
    { who: 'anna', button, about: 'waiting', leg: ':security', told: 'Only security can', refusal: 'not_the_role' },
    { who: 'anna', button, about: 'waiting', leg: ':ops', told: 'Only ops can', refusal: 'not_the_role' },
    { who: 'sam', button, about: 'waiting', leg: ':owner', told: onlyOwners, refusal: 'not_the_role' },
    {
      who: 'petra',
      button,
      about: 'waiting',
      leg: ':ops',
      told: 'does not need approval by ops',
      refusal: 'not_a_leg',
    },
    { who: 'olivia', button, about: 'waiting', leg: ':owner', told: 'your own request', refusal: 'own_request' },
    { who: 'anna', button, about: 'nothing', leg: ':owner', told: 'There is no such', refusal: 'unknown_grant' },
  ]),
  { who: 'gina', button: 'revoke', about: 'active', leg: '', told: onlyRevokers, refusal: 'not_the_role' },
  { who: 'anna', button: 'revoke', about: 'foreignActive', leg: '', told: onlyRevokers, refusal: 'not_the_role' },
  { who: 'anna', button: 'revoke', about: 'nothing', leg: '', told: 'There is no such', refusal: 'unknown_grant' },
  ...(['anna', 'omar', 'gina', 'sam'] as const).map(
    (who): Trespass => ({ who, button: 'withdraw', about: 'waiting', leg: '', told: onlyTheirs, refusal: 'not_yours' }),
  ),
  ...(['anna', 'olivia', 'gina', 'sam'] as const).map(
    (who): Trespass => ({ who, button: 'end', about: 'active', leg: '', told: onlyTheirs, refusal: 'not_yours' }),
  ),
];

test.each(trespasses)(
  '$button$leg by $who about what is not theirs ($about) is refused, on record as $refusal, and nothing is done',
  async ({ who, button, about, leg, told, refusal }) => {
    const before = await kept();
    const grant = about === 'nothing' ? nil.replace('0000-0', '0000-4') : grants[about];
    expect(await forge(who, button, `${grant}${leg}`)).toContain(told);
    expect(await kept()).toEqual(before);
    expect(await onRecord(who)).toContainEqual({ verb: verbOf(button), refusal, about: grant });
  },
);

test('the buttons as they were made still work: the rows above were refused for what they said', async () => {
  await press(stack, 'anna', channels.acme.id, grants.waiting, 'approve');
  await press(stack, 'sam', channels.security.id, grants.waiting, 'approve');
  await untilState(stack, grants.waiting, 'active');
});
