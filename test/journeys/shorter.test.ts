import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { pressable } from '../../sandbox/slack/index.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { approve, as, ask, auditOf, cardIn, decideByForm, press, read, tidy, untilState } from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const acme = channels.acme.id;
const security = channels.security.id;
const shorten = (who: 'anna' | 'sam', place: string, grant: string, duration: string, comment = '') =>
  decideByForm(stack, who, place, grant, 'approve_shorter', { duration, ...(comment ? { comment } : {}) });

async function minutesOf(grant: string) {
  const [row] = await stack.db.query<{ granted: number; lasts: number }>(
    'superuser',
    'select minutes_granted as granted, extract(epoch from expires_at - activated_at)::int / 60 as lasts from grants where id = $1',
    [grant],
  );
  return row;
}

describe('approving for less time', () => {
  test('is what the grant lasts then, and the card says whose doing it was and what was asked for', async () => {
    const grant = await ask(stack, { duration: '120' });
    expect(await shorten('anna', acme, grant, '45', 'The export takes half an hour')).toEqual({ kind: 'closed' });
    const card = read(stack, await cardIn(stack, security, grant, 'approved by @Anna'));
    expect(card).toContain('45 min (asked for 2 h)');
    expect(card).toMatch(/approved by @Anna, for 45 min, .*: The export takes half an hour/);
    await approve(stack, 'sam', security, grant);
    await untilState(stack, grant, 'active');
    expect(await minutesOf(grant)).toEqual({ granted: 45, lasts: 45 });
    const [row] = await stack.db.query<{ details: object }>(
      'superuser',
      "select details from audit_events where grant_id = $1 and action = 'break_glass.approved' order by id limit 1",
      [grant],
    );
    expect(row?.details).toMatchObject({ leg: 'owner', minutes: 45, comment: 'The export takes half an hour' });
  });

  test.each([
    { first: '45', second: '15', lasts: 15 },
    { first: '15', second: null, lasts: 15 },
  ])('of several the shortest counts: $first, then $second', async ({ first, second, lasts }) => {
    const grant = await ask(stack, { duration: '120' });
    await shorten('anna', acme, grant, first);
    await cardIn(stack, security, grant, 'approved by @Anna');
    if (second) await shorten('sam', security, grant, second);
    else await approve(stack, 'sam', security, grant);
    await untilState(stack, grant, 'active');
    expect(await minutesOf(grant)).toEqual({ granted: lasts, lasts });
  });

  test.each([
    { duration: '120', is: 'as long as asked' },
    { duration: '240', is: 'longer than asked' },
    { duration: '720', is: 'longer than the scope allows' },
    { duration: '0', is: 'nothing' },
    { duration: '-5', is: 'less than nothing' },
    { duration: '1.5', is: 'no whole minutes' },
    { duration: '5e1', is: 'a number in disguise' },
    { duration: '٣٠', is: 'digits of another script' },
    { duration: '99999999999', is: 'more than an integer' },
    { duration: '', is: 'not chosen' },
  ])('for "$duration", which is $is, is refused at the field and changes nothing', async ({ duration }) => {
    const grant = await ask(stack, { duration: '120' });
    expect(await shorten('anna', acme, grant, duration)).toEqual({
      kind: 'errors',
      errors: { duration: 'Choose less than 2 h, which is what stands now.' },
    });
    expect(await auditOf(stack, grant)).toEqual(['break_glass.requested']);
    // The same form, corrected.
    expect(await as(stack, 'anna').submit({ duration: '60' })).toEqual({ kind: 'closed' });
    await cardIn(stack, acme, grant, 'approved by @Anna, for 1 h');
  });

  test('is measured by what stands now, not by what was asked', async () => {
    const grant = await ask(stack, { duration: '120' });
    await press(stack, 'sam', security, grant, 'approve_shorter');
    await as(stack, 'sam').modal('approve_shorter');
    await shorten('anna', acme, grant, '30');
    await cardIn(stack, acme, grant, 'approved by @Anna');
    expect(await as(stack, 'sam').submit({ duration: '30' })).toMatchObject({
      errors: { duration: 'Choose less than 30 min, which is what stands now.' },
    });
    expect(await as(stack, 'sam').submit({ duration: '20' })).toEqual({ kind: 'closed' });
    await untilState(stack, grant, 'active');
    expect(await minutesOf(grant)).toEqual({ granted: 20, lasts: 20 });
  });

  test('a comment beyond what fits is refused at its field', async () => {
    const grant = await ask(stack, { duration: '120' });
    const sent = await shorten('anna', acme, grant, '30', 'x'.repeat(1001));
    expect(sent).toMatchObject({ kind: 'errors', errors: { comment: expect.stringContaining('1001') } });
  });
});

test('the clock starts when the last approval is given, not when it was asked for', async () => {
  const grant = await ask(stack, { duration: '30' });
  await approve(stack, 'anna', acme, grant);
  await cardIn(stack, acme, grant, 'approved by @Anna');
  await stack.db.clock.advance(50 * 60_000);
  await approve(stack, 'sam', security, grant);
  await untilState(stack, grant, 'active');
  expect(await minutesOf(grant)).toEqual({ granted: 30, lasts: 30 });
  expect(pressable((await cardIn(stack, cast.olivia.id, grant, 'Active until')).blocks)).toEqual(['end', 'attach']);
});
