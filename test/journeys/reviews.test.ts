import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { pressable } from '../../sandbox/slack/index.ts';
import { noteField } from '../../src/domain/review-answers.ts';
import { withoutDigests } from '../jobs/mailroom.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { allDone, answerAll, closed, openOnReview, pressOnReview, reviewIn, windowOf } from './review-verbs.ts';
import { answerTo, as, ask, auditOf, command, quiet, read, said, submitRequest, tidy } from './verbs.ts';

const HOUR_MS = 60 * 60_000;
const security = channels.security.id;
const ops = channels.ops.id;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
afterEach(async () => {
  stack.slack.clearFaults();
  await tidy(stack);
  await answerAll(stack);
});
afterAll(() => stack.stop());

async function review(who: 'sofia' | 'ada', grant: string): Promise<void> {
  await openOnReview(stack, who, grant, 'review');
  expect(await as(stack, who).submit(allDone())).toEqual({ kind: 'closed' });
  await reviewIn(stack, security, grant, `Reviewed by @${cast[who].name}`);
}

test('a session that closed has a card in security: what was asked, who agreed, what was done, how it ended, what is due', async () => {
  const grant = await closed(stack);
  const card = await reviewIn(stack, security, grant);
  const text = read(stack, card);
  for (const fact of [
    'Review: Content access on Acme Corp',
    '@Olivia',
    'INC-42 (https://tickets.example.com/INC-42)',
    'Critical incident',
    'Reason: The import is corrupting documents',
    'Tenant owner: approved by @Anna',
    'Security: approved by @Sam',
    'Never used.',
    'Ended by @Olivia',
    'Evidence: none attached',
    'Due ',
  ]) {
    expect(text).toContain(fact);
  }
  expect(pressable(card.blocks)).toEqual(['review', 'evidence']);
  await quiet(stack);
  expect(stack.slack.messages(ops)).toEqual([]);
});

describe('the form', () => {
  test('is answered by security or an auditor, and the card shows who, when and what', async () => {
    for (const who of ['sofia', 'ada'] as const) {
      const grant = await closed(stack);
      await openOnReview(stack, who, grant, 'review');
      const notes = { [noteField('cause_documented')]: 'See <!here> *INC-42*', permissions_reviewed: 'not_applicable' };
      expect(await as(stack, who).submit(allDone(notes))).toEqual({ kind: 'closed' });
      const card = await reviewIn(stack, security, grant, `Reviewed by @${cast[who].name}`);
      const text = read(stack, card);
      expect(text).toContain('Yes, cause documented: See <!here> ∗INC-42∗');
      expect(text).toContain('Not applicable, permissions reviewed');
      expect(text).toContain('Yes, preventive work filed: https://tickets.example.com/OPS-7');
      expect(pressable(card.blocks)).toEqual(['evidence']);
      expect((await auditOf(stack, grant)).at(-1)).toBe('break_glass.reviewed');
    }
  });

  test('is taken back from who may not review: the approver, the operator, and who has no role', async () => {
    const grant = await closed(stack);
    await reviewIn(stack, security, grant);
    for (const [who, says] of [
      ['sam', 'You approved this session, so somebody else has to review it.'],
      ['olivia', 'Only security and auditors can review a session.'],
      ['otis', 'Only security and auditors can review a session.'],
    ] as const) {
      await pressOnReview(stack, who, grant, 'review');
      expect(await windowOf(stack, who, says)).not.toContain('Is the cause documented?');
    }
    expect(await auditOf(stack, grant)).not.toContain('break_glass.reviewed');
  });

  test('is refused from the approver who sends it all the same, because it could not be taken back', async () => {
    const grant = await closed(stack);
    await reviewIn(stack, security, grant);
    stack.slack.fault('views.update', { kind: 'error_before' });
    expect(await answerTo(stack, 'sam', () => pressOnReview(stack, 'sam', grant, 'review'))).toBe(
      'You approved this session, so somebody else has to review it.',
    );
    expect(await as(stack, 'sam').submit(allDone())).toMatchObject({ kind: 'updated' });
    await windowOf(stack, 'sam', 'You approved this session');
    expect(await auditOf(stack, grant)).not.toContain('break_glass.reviewed');
    const refused = await stack.db.query(
      'superuser',
      "select 1 from audit_events where action = 'access.refused' and details->>'about' = $1",
      [grant],
    );
    expect(refused).toHaveLength(1); // the second is counted with the first
  });

  const mistakes: [string, Record<string, string>, string, RegExp][] = [
    ['a no without a reason', { cause_documented: 'no' }, noteField('cause_documented'), /^Write why not/],
    ['no link', { [noteField('preventive_work_filed')]: 'OPS-7' }, noteField('preventive_work_filed'), /^Add a link/],
    [
      'too long a note',
      { [noteField('evidence_produced')]: 'x'.repeat(1_001) },
      noteField('evidence_produced'),
      /1000/,
    ],
    [
      'an answer that is none',
      { secrets_rotated_or_not_exposed: 'perhaps' },
      'secrets_rotated_or_not_exposed',
      /^Answer/,
    ],
  ];
  test('says what is wrong at the field, and then goes through', async () => {
    const grant = await closed(stack);
    await openOnReview(stack, 'sofia', grant, 'review');
    for (const [, wrong, field, says] of mistakes) {
      const sent = await as(stack, 'sofia').submit(allDone(wrong), { force: true });
      expect(sent).toEqual({ kind: 'errors', errors: { [field]: expect.stringMatching(says) } });
    }
    expect(await as(stack, 'sofia').submit(allDone(), { force: true })).toMatchObject({ kind: 'errors' });
    const right = { ...allDone(), [noteField('evidence_produced')]: '', cause_documented: 'yes' };
    expect(await as(stack, 'sofia').submit(right)).toEqual({ kind: 'closed' });
    await reviewIn(stack, security, grant, 'Reviewed by @Sofia');
  });
});

describe('an overdue review', () => {
  test('keeps the operator from the next session, with a link to it, until it is reviewed', async () => {
    const grant = await closed(stack);
    await stack.db.clock.advance(72 * HOUR_MS);
    const card = await reviewIn(stack, security, grant, 'Overdue since');
    expect(pressable(card.blocks)).toEqual(['review', 'excuse', 'evidence']);
    await reviewIn(stack, ops, grant, 'Overdue since');
    await quiet(stack); // where a card stands is known when its notice is settled
    // The link leads to security, also where the other channel was quicker.
    await stack.db.query(
      'superuser',
      "update posted_messages set ts = '1.000001' where grant_id = $1 and destination = $2",
      [grant, ops],
    );
    const sent = await submitRequest(stack);
    expect(sent).toMatchObject({ kind: 'updated' });
    const address = `https://home.slack.com/archives/${security}/p${card.ts.replace('.', '')}`;
    expect(JSON.stringify(sent)).toContain(
      `<${address}|The review of an earlier break-glass session of yours> is overdue`,
    );
    await review('ada', grant);
    expect(await auditOf(stack, await ask(stack))).toEqual(['break_glass.requested']);
  });

  test('is told to security, ops and the operator, once, and its card stands in ops as well', async () => {
    const grant = await closed(stack);
    await stack.db.clock.advance(72 * HOUR_MS);
    const words = 'Content access on Acme Corp by @Olivia, ticket INC-42. Until somebody reviews it';
    for (const place of [security, ops, as(stack, 'olivia').dm()]) await said(stack, place, words);
    await reviewIn(stack, ops, grant, 'Overdue since');
    expect((await auditOf(stack, grant)).at(-1)).toBe('break_glass.review_overdue');
    await review('sofia', grant);
    await reviewIn(stack, ops, grant, 'Reviewed by @Sofia');
    await quiet(stack);
    const told = stack.slack.messages(ops).filter((message) => read(stack, message).includes(words));
    expect(told).toHaveLength(2); // this one, and that of the test before
  });

  test('is excused by security with a reason, never by an auditor, and the operator may ask again', async () => {
    const grant = await closed(stack);
    await stack.db.clock.advance(72 * HOUR_MS);
    await reviewIn(stack, security, grant, 'Overdue since');
    await openOnReview(stack, 'ada', grant, 'excuse');
    expect(await as(stack, 'ada').submit({ comment: 'Not now' })).toMatchObject({ kind: 'updated' });
    expect(await windowOf(stack, 'ada', 'Only security can excuse')).toBeTruthy();
    await openOnReview(stack, 'sam', grant, 'excuse');
    expect(await as(stack, 'sam').submit({ comment: ' ' })).toMatchObject({ errors: { comment: expect.any(String) } });
    expect(await as(stack, 'sam').submit({ comment: 'Acme is down again' })).toEqual({ kind: 'closed' });
    const card = await reviewIn(stack, security, grant, 'Excused by @Sam');
    expect(read(stack, card)).toContain('Acme is down again');
    expect(pressable(card.blocks)).toEqual(['review', 'evidence']);
    await ask(stack);
    await review('sofia', grant);
  });
});

describe('/breakglass reviews', () => {
  test('lists what waits, for reviewers with a button and a link, for an operator their own without a button', async () => {
    const grant = await closed(stack);
    const { ts } = await reviewIn(stack, security, grant);
    await quiet(stack);
    for (const who of ['sofia', 'ada', 'sam', 'olivia'] as const) {
      const before = as(stack, who).ephemerals.length;
      expect(await command(stack, who, '/breakglass reviews')).toContain('Content access on Acme Corp');
      const list = as(stack, who).ephemerals[before];
      expect(JSON.stringify(list?.blocks)).toContain(`/archives/${security}/p${ts.replace('.', '')}|`);
      expect(pressable(list?.blocks ?? [])).toEqual(who === 'sofia' || who === 'ada' ? ['review'] : []);
    }
    expect(await command(stack, 'omar', '/breakglass reviews')).toContain('None of your sessions');
    for (const who of ['petra', 'anna', 'otis'] as const) {
      expect(await command(stack, who, '/breakglass reviews')).toBe('Only security and auditors can review a session.');
    }
    expect(await command(stack, 'sofia', '/support-access reviews')).toContain('I don\'t know "reviews"');
    expect(await command(stack, 'olivia', '/breakglass help')).toContain('/breakglass reviews');
    await review('sofia', grant);
    expect(await command(stack, 'sofia', '/breakglass reviews')).toBe('No session waits for its review.');
  });

  test('still lists where Slack does not say the address', async () => {
    const grant = await closed(stack);
    await reviewIn(stack, security, grant);
    stack.slack.fault('chat.getPermalink', { kind: 'error_before' });
    expect(await command(stack, 'sofia', '/breakglass reviews')).toContain('Content access on Acme Corp');
    stack.slack.clearFaults();
    await review('sofia', grant);
  });
});
