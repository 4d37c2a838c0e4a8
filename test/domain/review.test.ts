import { describe, expect, test } from 'vitest';
import type { Grant, Status } from '../../src/domain/grant.ts';
import type { Actor } from '../../src/domain/people.ts';
import {
  excuse,
  fallOverdue,
  needsReminder,
  type Review,
  review,
  reviewAfter,
  reviewStateAt,
  reviewsListedFor,
  type Unanswered,
} from '../../src/domain/review.ts';
import { type GivenAnswers, noteField, reviewQuestions } from '../../src/domain/review-answers.ts';
import type { StaffRole } from '../../src/domain/words.ts';
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
const inGroup = (role: StaffRole, person = `${role}-member`) => someone(person, { roles: { [role]: 'group' } });
const groupMembers = { security: [inGroup('security').name], auditor: [inGroup('auditor').name] };
const session = frozen(anActiveGrant({ status: over('ended'), groupMembers }));
const owed = (overrides: Partial<Review> = {}): Review =>
  frozen({ operator: 'operator', dueAt: at(40 + 72 * 60), reviewed: null, excused: null, ...overrides });
const reviewer = someone('reviewer', { roles: { security: 'named' } });
const answer = (
  actor: Actor,
  due: Review | null = owed(),
  grant: Grant = session,
  answers: GivenAnswers = everyAnswer,
) => review(grant, due, actor, answers, at(100));

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
    ['security by a group, in it at the request', inGroup('security')],
    ['an auditor by a group, in it at the request', inGroup('auditor')],
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
    ['security by a group they joined since', inGroup('security', 'newcomer')],
    ['an auditor by a group they joined since', inGroup('auditor', 'newcomer')],
    ['an auditor by a group, who was in that of security at the request', inGroup('auditor', 'security-member')],
    ['who was in the group of security at the request, and left', someone('security-member')],
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

  test.each(reviewQuestions)('is not done while %s is unanswered, whatever was written beside it', (question) => {
    const { [question]: _, ...others } = everyAnswer;
    const missing = { kind: 'questions_unanswered', missing: [question] };
    expect(refusalOf(answer(auditor, owed(), session, others))).toEqual(missing);
    for (const none of [undefined, '', 'maybe', 'YES', 'toString']) {
      const given = { ...everyAnswer, [question]: { answer: none, note: 'Yes, see INC-42.' } };
      expect(refusalOf(answer(auditor, owed(), session, given))).toEqual(missing);
    }
  });

  test('without any answer names every question, in order', () => {
    expect(refusalOf(answer(auditor, owed(), session, {}))).toEqual({
      kind: 'questions_unanswered',
      missing: reviewQuestions,
    });
  });

  test.each(reviewQuestions)('says why, where %s is answered with no', (question) => {
    for (const note of [undefined, '', ' \n', '\u200B']) {
      const given = { ...everyAnswer, [question]: { answer: 'no', note } };
      expect(refusalOf(answer(auditor, owed(), session, given))).toEqual({ kind: 'note_missing', question });
    }
    const given = { ...everyAnswer, [question]: { answer: 'no', note: 'Petra does it on Monday.' } };
    expect(eventsOf(answer(auditor, owed(), session, given))).toMatchObject([{ answers: given }]);
  });

  test.each(reviewQuestions.filter((question) => question !== 'preventive_work_filed'))(
    'needs no note where %s is answered with yes or does not apply',
    (question) => {
      for (const verdict of ['yes', 'not_applicable']) {
        const given = { ...everyAnswer, [question]: { answer: verdict } };
        const [event] = eventsOf(answer(auditor, owed(), session, given));
        expect(event).toMatchObject({ answers: { [question]: { answer: verdict, note: '' } } });
      }
    },
  );

  const links: [string, boolean][] = [
    ['https://tickets.example.com/OPS-7', true],
    ['Filed: http://tickets.example.com/OPS-7 and OPS-8', true],
    ['first line\nhttps://tickets.example.com/OPS-7', true],
    ['OPS-7', false],
    ['', false],
    ['javascript:alert(1)', false],
    ['ftp://tickets.example.com/OPS-7', false],
    ['https://', false],
    ['see tickets.example.com/OPS-7', false],
  ];
  test.each(links)('links to the work that was filed so that it does not happen again: %j', (note, linked) => {
    const given = { ...everyAnswer, preventive_work_filed: { answer: 'yes', note } };
    const decision = answer(auditor, owed(), session, given);
    if (linked) expect(eventsOf(decision)).toHaveLength(1);
    else expect(refusalOf(decision)).toEqual({ kind: 'link_missing', question: 'preventive_work_filed' });
    const none = { ...everyAnswer, preventive_work_filed: { answer: 'not_applicable', note } };
    expect(eventsOf(answer(auditor, owed(), session, none))).toHaveLength(1);
  });

  test.each(reviewQuestions)('refuses a note that is too long at its own field: %s', (question) => {
    const given = { ...everyAnswer, [question]: { answer: 'no', note: 'x'.repeat(1_001) } };
    expect(refusalOf(answer(auditor, owed(), session, given))).toMatchObject({
      kind: 'reason_length',
      field: noteField(question),
    });
  });

  test('keeps the notes as typed, and nothing that was not asked', () => {
    const note = '  =1+1 <!here>\n';
    const given = { ...everyAnswer, cause_documented: { answer: 'yes', note, by: 'x' }, approved_by: 'somebody' };
    const [event] = eventsOf(answer(auditor, owed(), session, given));
    expect(event).toMatchObject({ answers: { ...everyAnswer, cause_documented: { answer: 'yes', note } } });
    expect(event).not.toHaveProperty('answers.approved_by');
    expect(event).not.toHaveProperty('answers.cause_documented.by');
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
  const due = at(40 + 72 * 60);
  const reason = 'Acme is down again.';
  const excusing = (actor: Actor, review: Review | null = owed(), { now = at(5_000), why = reason } = {}) =>
    excuse(session, review, actor, why, now);
  const self = someone('operator', { roles: { operator: 'named', security: 'named' } });
  const done = { by: 'reviewer', at: at(90) };

  test.each([
    ['security', security],
    ['security by a group, in it at the request', inGroup('security')],
  ])('by %s, with a reason', (_, actor) => {
    expect(eventsOf(excusing(actor))).toEqual([{ name: 'review_excused', by: actor.person, at: at(5_000), reason }]);
  });

  const mayNot: [string, Actor][] = [
    ['ops', ops],
    ['an auditor', auditor],
    ['an admin', someone('admin', { roles: { admin: 'named' } })],
    ['an owner', owner],
    ['the operator', operator],
    ['a guest with the role of security', { ...security, standing: 'guest' }],
    ['security by a group they joined since', inGroup('security', 'newcomer')],
    ['security by a group, who was in that of auditors at the request', inGroup('security', 'auditor-member')],
    ['an auditor by a group, in it at the request', inGroup('auditor')],
    ['who was in the group of security at the request, and left', someone('security-member')],
  ];
  test.each(mayNot)('not by %s, who learns nothing of it', (_, actor) => {
    for (const review of [owed(), null]) {
      for (const now of [at(100), at(5_000)]) {
        expect(refusalOf(excusing(actor, review, { now }))).toEqual({ kind: 'not_the_role', leg: 'excuser' });
      }
    }
  });

  test('never by the operator who owes it, though they are security, overdue or not', () => {
    for (const now of [at(100), at(5_000)]) {
      expect(refusalOf(excusing(self, owed(), { now }))).toEqual({ kind: 'own_request' });
    }
  });

  const moments: [string, Date, boolean][] = [
    ['right after the session', at(40), false],
    ['one millisecond before the 72 hours are over', at(40 + 72 * 60, -1), false],
    ['when they are over', due, true],
    ['later', at(5_000), true],
  ];
  test.each(moments)('only once it is overdue: %s', (_, now, overdue) => {
    const decision = excusing(security, owed(), { now });
    if (overdue) expect(eventsOf(decision)).toEqual([{ name: 'review_excused', by: 'security', at: now, reason }]);
    else expect(refusalOf(decision)).toEqual({ kind: 'not_due', at: due });
  });

  test('and who is too early hears that first, whatever their reason; but not where it is done already', () => {
    const now = at(100);
    for (const why of ['', 'Down again\0', 'x'.repeat(1_001)]) {
      expect(refusalOf(excusing(security, owed(), { now, why }))).toEqual({ kind: 'not_due', at: due });
    }
    const reviewed = { kind: 'already_reviewed', ...done };
    expect(refusalOf(excusing(security, owed({ reviewed: done }), { now }))).toEqual(reviewed);
    expect(refusalOf(excusing(security, null, { now }))).toEqual({ kind: 'no_review' });
  });

  test('only where one is owed', () => {
    expect(refusalOf(excusing(security, null))).toEqual({ kind: 'no_review' });
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

const unanswered = (overrides: Partial<Unanswered> = {}): Unanswered => ({ ...owed(), remindedAt: null, ...overrides });
const due = 40 + 72 * 60;
const done = { by: 'reviewer', at: at(due + 1) };

describe('a review that nobody answers', () => {
  const states: [string, Partial<Review>, Date, string][] = [
    ['before it is due', {}, at(due, -1), 'open'],
    ['when it is due', {}, at(due), 'overdue'],
    ['excused', { excused: done }, at(due + 2), 'excused'],
    ['answered in time', { reviewed: done }, at(100), 'reviewed'],
    ['answered after it was excused', { reviewed: done, excused: done }, at(due + 2), 'reviewed'],
  ];
  test.each(states)('%s', (_, overrides, now, state) => {
    expect(reviewStateAt(owed(overrides), now)).toBe(state);
  });

  test('becomes overdue when it is due, and not a millisecond before', () => {
    expect(fallOverdue(unanswered(), at(due, -1))).toEqual([]);
    expect(fallOverdue(unanswered(), at(due))).toEqual([
      { name: 'review_overdue', at: at(due), operator: 'operator', dueAt: at(due) },
    ]);
  });

  test('becomes overdue once, however late it is found out, whatever somebody was reminded of before', () => {
    const late = at(due + 9_000);
    expect(fallOverdue(unanswered({ remindedAt: at(due - 60) }), late)).toHaveLength(1);
    for (const remindedAt of [at(due), at(due + 1), late]) {
      expect(fallOverdue(unanswered({ remindedAt }), late)).toEqual([]);
    }
  });

  test.each([
    ['answered', { reviewed: done }],
    ['excused', { excused: done }],
  ])('does not become overdue where it is %s by then', (_, overrides) => {
    expect(fallOverdue(unanswered(overrides), at(due + 9_000))).toEqual([]);
  });

  test('is reminded of a day after it was opened, and a day after each reminder', () => {
    const day = 24 * 60;
    expect(needsReminder(unanswered(), at(40 + day, -1))).toBe(false);
    expect(needsReminder(unanswered(), at(40 + day))).toBe(true);
    expect(needsReminder(unanswered({ remindedAt: at(3_000) }), at(3_000 + day, -1))).toBe(false);
    expect(needsReminder(unanswered({ remindedAt: at(3_000) }), at(3_000 + day))).toBe(true);
    expect(needsReminder(unanswered({ excused: done }), at(40 + day))).toBe(true);
    expect(needsReminder(unanswered({ reviewed: done }), at(90_000))).toBe(false);
  });
});

describe('who may list reviews', () => {
  const lists: [string, Actor, 'all' | 'own' | null][] = [
    ['security', security, 'all'],
    ['an auditor', auditor, 'all'],
    ['an auditor who is an operator too', someone('x', { roles: { auditor: 'group', operator: 'named' } }), 'all'],
    ['an operator', operator, 'own'],
    ['ops', ops, null],
    ['an admin', someone('admin', { roles: { admin: 'named' } }), null],
    ['an owner', owner, null],
    ['a guest with the role of security', { ...security, standing: 'guest' }, null],
    ['somebody of whom Slack says nothing', { ...operator, standing: 'unknown' }, null],
  ];
  test.each(lists)('%s', (_, actor, whose) => expect(reviewsListedFor(actor)).toBe(whose));
});
