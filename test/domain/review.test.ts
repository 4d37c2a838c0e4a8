import { describe, expect, test } from 'vitest';
import type { Grant, Status } from '../../src/domain/grant.ts';
import type { Actor } from '../../src/domain/people.ts';
import {
  excuse,
  type Review,
  type ReviewQuestion,
  review,
  reviewAfter,
  reviewQuestions,
} from '../../src/domain/review.ts';
import {
  aGrant,
  anActiveGrant,
  at,
  auditor,
  decided,
  eventsOf,
  everyAnswer,
  frozen,
  operator,
  ops,
  owner,
  refusalOf,
  security,
  someone,
} from './builders.ts';

const over = (state: 'ended' | 'revoked' | 'expired'): Status => ({
  state,
  activatedAt: at(10),
  expiresAt: at(70),
  closed: { at: at(40), by: null, reason: null },
});
const neverUsed = (state: 'denied' | 'withdrawn' | 'lapsed'): Status => ({
  state,
  closed: { at: at(40), by: null, reason: null },
});
const session = frozen(anActiveGrant({ status: over('ended') }));
const owed = (overrides: Partial<Review> = {}): Review =>
  frozen({ operator: 'operator', dueAt: at(40 + 72 * 60), reviewed: null, excused: null, ...overrides });
const reviewer = someone('reviewer', { roles: { security: 'named' } });
const answer = (actor: Actor, due: Review | null = owed(), grant: Grant = session, answers: Answers = everyAnswer) =>
  review(grant, due, actor, answers, at(100));
type Answers = Partial<Record<ReviewQuestion, string>>;

describe('a review is left behind', () => {
  test.each(['ended', 'revoked', 'expired'] as const)(
    'by a break-glass session that was %s, due 72 hours after',
    (state) => {
      expect(reviewAfter(anActiveGrant({ status: over(state) }))).toEqual([
        { name: 'review_opened', operator: 'operator', dueAt: at(40 + 72 * 60) },
      ]);
    },
  );

  const none: [string, Grant][] = [
    ['a request that waits', aGrant()],
    ['a session that is active', anActiveGrant()],
    ...(['denied', 'withdrawn', 'lapsed'] as const).map((state): [string, Grant] => [
      `a request that was ${state}`,
      aGrant({ status: neverUsed(state) }),
    ]),
    ...(['audit_view', 'workspace_recovery'] as const).map((scope): [string, Grant] => [
      `support access (${scope}) that ended`,
      aGrant({ scope, status: over('ended') }),
    ]),
  ];
  test.each(none)('not by %s', (_, grant) => {
    expect(reviewAfter(grant)).toEqual([]);
  });
});

describe('who may review', () => {
  const may: [string, Actor][] = [
    ['security', reviewer],
    ['an auditor', auditor],
    ['security by a group they joined since', someone('new', { roles: { security: 'group' } })],
  ];
  test.each(may)('%s', (_, actor) => {
    expect(eventsOf(answer(actor))).toEqual([
      { name: 'reviewed', by: actor.person, at: at(100), answers: everyAnswer },
    ]);
  });

  const mayNot: [string, Actor][] = [
    ['ops', ops],
    ['an admin', someone('admin', { roles: { admin: 'named' } })],
    ['an owner of the tenant', owner],
    ['the operator', operator],
    ...(['guest', 'foreign', 'refused', 'unknown'] as const).map((standing): [string, Actor] => [
      `security whose standing is ${standing}`,
      { ...reviewer, standing },
    ]),
  ];
  test.each(mayNot)('not %s, who learns nothing of it', (_, actor) => {
    for (const due of [owed(), null]) {
      expect(refusalOf(answer(actor, due))).toEqual({ kind: 'not_the_role', leg: 'reviewer' });
    }
  });

  test.each(['security', 'auditor'] as const)('not the requester, though they hold the role of %s', (role) => {
    expect(refusalOf(answer(someone('operator', { roles: { [role]: 'named' } })))).toEqual({ kind: 'own_request' });
  });

  test.each(['owner', 'security'])('not who approved it (%s), though they hold the role', (person) => {
    const actor = someone(person, { roles: { security: 'named', auditor: 'named' } });
    expect(refusalOf(answer(actor))).toEqual({ kind: 'decided_it' });
  });
});

describe('a review', () => {
  test('asks the seven questions of the runbook', () => {
    expect([...reviewQuestions].sort()).toEqual(Object.keys(everyAnswer).sort());
    expect(reviewQuestions).toHaveLength(7);
  });

  test.each(reviewQuestions)('is not done while %s is unanswered', (question) => {
    const { [question]: _, ...others } = everyAnswer;
    const missing = { kind: 'questions_unanswered', missing: [question] };
    expect(refusalOf(answer(auditor, owed(), session, others))).toEqual(missing);
    for (const blank of ['', ' \n']) {
      expect(refusalOf(answer(auditor, owed(), session, { ...everyAnswer, [question]: blank }))).toEqual(missing);
    }
  });

  test('without any answer names every question, in order', () => {
    expect(refusalOf(answer(auditor, owed(), session, {}))).toEqual({
      kind: 'questions_unanswered',
      missing: reviewQuestions,
    });
  });

  test('keeps the answers as typed, and nothing that was not asked', () => {
    const answers = { ...everyAnswer, cause_documented: '  =1+1 <!here>\n', approved_by: 'somebody' };
    const [event] = eventsOf(answer(auditor, owed(), session, answers));
    expect(event).toMatchObject({ answers: { ...everyAnswer, cause_documented: '  =1+1 <!here>\n' } });
    expect(event).not.toHaveProperty('answers.approved_by');
  });

  test('is done once: the second reviewer is told who and when', () => {
    const done = { by: 'reviewer', at: at(90) };
    expect(refusalOf(answer(auditor, owed({ reviewed: done })))).toEqual({ kind: 'already_reviewed', ...done });
  });

  test('that was excused can still be answered', () => {
    expect(eventsOf(answer(auditor, owed({ excused: { by: 'security', at: at(90) } })))).toHaveLength(1);
  });

  test('of a session that is not over waits until it is', () => {
    expect(refusalOf(answer(auditor, null, anActiveGrant()))).toEqual({ kind: 'not_closed' });
  });

  test.each(['denied', 'withdrawn', 'lapsed'] as const)('of a request that was %s does not exist', (state) => {
    expect(refusalOf(answer(auditor, null, aGrant({ status: neverUsed(state) })))).toEqual({ kind: 'no_review' });
  });
});

describe('a review is excused', () => {
  const excusing = (actor: Actor, due: Review | null = owed(), reason = 'Acme is down again.') =>
    excuse(due, actor, reason, at(5_000));

  test('by security, with a reason', () => {
    expect(eventsOf(excusing(security))).toEqual([
      { name: 'review_excused', by: 'security', at: at(5_000), reason: 'Acme is down again.' },
    ]);
  });

  const mayNot: [string, Actor][] = [
    ['ops', ops],
    ['an auditor', auditor],
    ['an admin', someone('admin', { roles: { admin: 'named' } })],
    ['an owner', owner],
    ['the operator', operator],
    ['a guest with the role of security', { ...security, standing: 'guest' }],
  ];
  test.each(mayNot)('not by %s', (_, actor) => {
    for (const due of [owed(), null]) {
      expect(refusalOf(excusing(actor, due))).toEqual({ kind: 'not_the_role', leg: 'excuser' });
    }
  });

  test('never by the operator who owes it, though they are security', () => {
    const both = someone('operator', { roles: { operator: 'named', security: 'named' } });
    expect(refusalOf(excusing(both))).toEqual({ kind: 'own_request' });
  });

  test('only where one is owed', () => {
    expect(refusalOf(excusing(security, null))).toEqual({ kind: 'no_review' });
    const done = { by: 'reviewer', at: at(90) };
    expect(refusalOf(excusing(security, owed({ reviewed: done })))).toEqual({ kind: 'already_reviewed', ...done });
  });

  test('once: excusing again changes nothing', () => {
    expect(eventsOf(excusing(security, owed({ excused: { by: 'reviewer', at: at(90) } })))).toEqual([]);
  });
});

test('a denial counts as having decided it, for whoever would review', () => {
  const denied = anActiveGrant({ legs: [{ role: 'security', decision: decided('judge', { verdict: 'denied' }) }] });
  expect(refusalOf(answer(someone('judge', { roles: { security: 'named' } }), owed(), denied))).toEqual({
    kind: 'decided_it',
  });
});
