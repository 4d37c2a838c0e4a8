import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { cast, channels, type Player } from '../../sandbox/cast.ts';
import { renderView } from '../../sandbox/slack/index.ts';
import { withoutDigests } from '../jobs/mailroom.ts';
import { answerTo, approve, as, ask, decideByForm, press, quiet, tidy, untilState } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const owners = channels.acme.id;
const security = channels.security.id;

/** Everything that a click could change; that somebody was refused may be on record besides. */
const kept = () =>
  stack.db.query(
    'superuser',
    `select (select jsonb_agg(to_jsonb(g) order by g.id) from grants g) as grants,
            (select jsonb_agg(to_jsonb(l) order by l.grant_id, l.role) from legs l) as legs,
            (select jsonb_agg(to_jsonb(r) order by r.grant_id) from reviews r) as reviews,
            (select jsonb_agg(to_jsonb(o) order by o.id) from outbox o) as outbox,
            (select jsonb_agg(to_jsonb(h) order by h.actor, h.verb, h.key) from handled_requests h) as handled,
            (select jsonb_agg(to_jsonb(a) order by a.id) from audit_events a where action <> 'access.refused') as audit`,
  );

async function passes(grant: string, column: 'lapses_at' | 'expires_at'): Promise<void> {
  const [row] = await stack.db.query<{ at: Date }>('superuser', `select ${column} as at from grants where id = $1`, [
    grant,
  ]);
  await stack.db.clock.advanceTo(row?.at ?? new Date(0));
}

/** Anna agrees for the owners, and then Sam. */
async function agreed(grant: string): Promise<void> {
  await approve(stack, 'anna', owners, grant);
  await quiet(stack); // a click is acknowledged before it is carried out, and who comes last is told of later
  await approve(stack, 'sam', security, grant);
  await untilState(stack, grant, 'active');
}
const formFor = { approve_shorter: 'approve_shorter', deny: 'deny_reason', revoke: 'revoke_reason' } as const;
type FormButton = keyof typeof formFor;
const byForm = (who: Player, place: string, grant: string, button: FormButton) =>
  decideByForm(stack, who, place, grant, button, { comment: 'not like this' });

const whens = String.raw`, \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$`;
const undecidable = (how: string) => `This can't be decided any more: ${how}${whens}`;
const notActive = (how: string) => `This access is not active: ${how}${whens}`;
const byAnna = `The tenant owner part was already approved by @Anna${whens}`;

const closings: { state: string; how: string; wasActive: boolean; close: (grant: string) => Promise<unknown> }[] = [
  {
    state: 'withdrawn',
    how: 'withdrawn by @Olivia',
    wasActive: false,
    close: (grant) => press(stack, 'olivia', cast.olivia.id, grant, 'withdraw'),
  },
  {
    state: 'denied',
    how: 'denied by @Sam',
    wasActive: false,
    close: (grant) => byForm('sam', security, grant, 'deny'),
  },
  { state: 'lapsed', how: 'lapsed', wasActive: false, close: (grant) => passes(grant, 'lapses_at') },
  {
    state: 'ended',
    how: 'ended by @Olivia',
    wasActive: true,
    close: (grant) => press(stack, 'olivia', cast.olivia.id, grant, 'end'),
  },
  {
    state: 'revoked',
    how: 'revoked by @Ben',
    wasActive: true,
    close: (grant) => byForm('ben', owners, grant, 'revoke'),
  },
  { state: 'expired', how: 'expired', wasActive: true, close: (grant) => passes(grant, 'expires_at') },
];

/** Presses what a card from before would still show. @returns what is said, beside the button or on the form */
async function pressStale(who: Player, button: string, value: string): Promise<string> {
  const person = as(stack, who);
  const click = () => person.clickRaw({ action_id: button, value }, { channel: person.dm(), ts: '1.000001' });
  if (!(button in formFor)) return answerTo(stack, who, click);
  await click();
  const callback = formFor[button as FormButton];
  await person.modal(callback);
  const sent = await person.submit(callback === 'approve_shorter' ? { duration: '5' } : { comment: 'too late' });
  if (sent.kind !== 'updated') throw new Error(`${button} was answered with ${JSON.stringify(sent)}`);
  return renderView(sent.view, stack.slack.reader());
}

test.each(closings)('every button left of what is $state tells who and when, and does nothing', async (closing) => {
  const { state, how, wasActive, close } = closing;
  const grant = await ask(stack);
  if (wasActive) await agreed(grant);
  await close(grant);
  await untilState(stack, grant, state);
  await quiet(stack);
  const before = await kept();
  const decided = wasActive ? byAnna : undecidable(how);
  for (const [who, button, value, told] of [
    ['anna', 'approve', `${grant}:owner`, decided],
    ['ben', 'approve', `${grant}:owner`, decided],
    ['ben', 'approve_shorter', `${grant}:owner`, decided],
    ['ben', 'deny', `${grant}:owner`, decided],
    ['olivia', 'withdraw', grant, undecidable(how)],
    ['olivia', 'end', grant, notActive(how)],
    ['anna', 'revoke', grant, notActive(how)],
    ['petra', 'revoke', grant, notActive(how)],
  ] as const) {
    expect(await pressStale(who, button, value), `${button} by ${who}`).toMatch(new RegExp(told, 'm'));
  }
  expect(await kept()).toEqual(before);
});

test('what is active can’t be decided or withdrawn any more, and what waits can’t be ended or revoked yet', async () => {
  const grant = await ask(stack);
  await quiet(stack);
  const waiting = await kept();
  const notYet = /^This access is not active: waiting for approval\.$/m;
  expect(await pressStale('olivia', 'end', grant)).toMatch(notYet);
  expect(await pressStale('anna', 'revoke', grant)).toMatch(notYet);
  expect(await kept()).toEqual(waiting);

  await agreed(grant);
  await quiet(stack);
  const active = await kept();
  for (const button of ['approve', 'approve_shorter', 'deny']) {
    expect(await pressStale('ben', button, `${grant}:owner`)).toMatch(new RegExp(byAnna, 'm'));
  }
  expect(await pressStale('olivia', 'withdraw', grant)).toMatch(new RegExp(undecidable('active by @Sam'), 'm'));
  expect(await kept()).toEqual(active);
});

test('who may not decide is told that and nothing of how it closed', async () => {
  const grant = await ask(stack);
  await press(stack, 'olivia', cast.olivia.id, grant, 'withdraw');
  await untilState(stack, grant, 'withdrawn');
  expect(await pressStale('otis', 'approve', `${grant}:owner`)).toBe('Only an owner of this tenant can decide that.');
  expect(await pressStale('otis', 'end', grant)).toBe('Only the person who asked can do that.');
  expect(await pressStale('otis', 'revoke', grant)).toContain('Only owners of the tenant, ops, security and admins');
});
