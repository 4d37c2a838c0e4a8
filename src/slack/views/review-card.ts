import type { ActionsBlock, SectionBlock } from '@slack/types';
import type { Attachment } from '../../domain/evidence.ts';
import { type Review, reviewStateAt } from '../../domain/review.ts';
import { type ReviewAnswers, reviewQuestions } from '../../domain/review-answers.ts';
import { buttons } from '../ids.ts';
import { limits } from '../limits.ts';
import { duration, mention, moment, mrkdwn, plain, sentLength, typed } from '../text.ts';
import { button, type CardSubject, header, legLine, type Message, row, stateLine, ticket, waiver } from './card.ts';
import { evidenceButton } from './evidence.ts';
import { usesSentence } from './uses.ts';
import { attachmentWords, circumstanceWords, questionWords, scopeWords, verdictWords } from './words.ts';

/** A session that is over, as those see it who review it. */
export interface ReviewSubject extends CardSubject {
  review: Review & { answers: ReviewAnswers | null; excuseReason: string | null };
  /** The oldest first. */
  evidence: readonly Attachment[];
}

/** So many attachments are named, the newest; the others are counted. */
const EVIDENCE_NAMED = 6;
/** The room of what somebody typed, as it is sent (characters): all of it together fits a message. */
const room = { tenant: 80, comment: 120, reason: 400, title: 80, key: 60, note: 100 };
/** A quote and a backslash take the room of two. */
const typedIn = (text: string, atMost: number): string =>
  sentLength(typed(text, atMost)) <= atMost ? typed(text, atMost) : typed(text, Math.floor(atMost / 2));

/** The card of a review: what was asked, who agreed, what was done, how it ended, and where the review stands. */
export function reviewCard(subject: ReviewSubject): Message {
  const { grant, tenant, now, accounts, review } = subject;
  const title = `Review: ${scopeWords[grant.scope].name} on ${tenant.name}`;
  const approvals = grant.legs.map((leg) => legLine(leg, accounts, room.comment / 2));
  return {
    text: `${typed(title)} (${reviewStateAt(review, now)})`,
    blocks: [
      header(title),
      asked(subject),
      { type: 'section', text: plain(`Reason: ${grant.reason}`, limits.sectionText) },
      ...waiver(subject),
      section(['*Approvals*', ...approvals].join('\n')),
      section(usesSentence(subject) ?? 'Never used.'),
      section(`*${stateLine(grant, now, accounts, room.reason / 2)}*`),
      section(evidenceLines(subject).join('\n')),
      standing(subject),
      ...actions(subject),
    ],
  };
}

const section = (text: string): SectionBlock => ({ type: 'section', text: mrkdwn(text) });

function asked({ grant, tenant, accounts, ticketLink }: ReviewSubject): SectionBlock {
  const { status } = grant;
  const circumstance = grant.circumstance && circumstanceWords[grant.circumstance].name;
  const facts: [string, string][] = [
    ['Who', mention(accounts.get(grant.requester))],
    ['Tenant', `${typedIn(tenant.name, room.tenant)} (${typed(tenant.key)})`],
    ['Ticket', ticket(grant.ticket, ticketLink)],
    ['How long', duration(grant.minutesGranted)],
    ...(circumstance ? [['Why then', circumstance] as [string, string]] : []),
    ...('activatedAt' in status ? [['Active from', moment(status.activatedAt)] as [string, string]] : []),
  ];
  return { type: 'section', fields: facts.map(([label, value]) => mrkdwn(`*${label}*\n${value}`)) };
}

function evidenceLines({ evidence }: ReviewSubject): string[] {
  if (evidence.length === 0) return ['*Evidence: none attached*'];
  const more = evidence.length - EVIDENCE_NAMED;
  return [
    '*Evidence*',
    ...(more > 0 ? [`• ${more} more, attached earlier`] : []),
    ...evidence.slice(-EVIDENCE_NAMED).map(evidenceLine),
  ];
}

function evidenceLine({ kind, title, links, late, addedBy, addedAt }: Attachment): string {
  const by = addedBy.startsWith('slack:') ? mention(addedBy) : typedIn(addedBy, room.key);
  const linked = links.length === 0 ? '' : `, ${links.length === 1 ? '1 link' : `${links.length} links`}`;
  const when = `${moment(addedAt)}${late ? ', late' : ''}`;
  return `• ${attachmentWords[kind]}: ${typedIn(title, room.title)}${linked}, by ${by}, ${when}`;
}

/** Where the review stands: open, overdue, excused, or answered question by question. */
function standing({ review, now, accounts }: ReviewSubject): SectionBlock {
  const due = moment(review.dueAt);
  const { reviewed, excused, answers, excuseReason } = review;
  const excuse = excused
    ? [
        `*Excused by ${mention(accounts.get(excused.by))}*, ${moment(excused.at)}: ${typedIn(excuseReason ?? '', room.reason)}`,
      ]
    : [];
  const stands = {
    reviewed: reviewed && [`*Reviewed by ${mention(accounts.get(reviewed.by))}*, ${moment(reviewed.at)}`],
    excused: [`Still to be reviewed; it was due ${due}.`],
    overdue: [
      `*Overdue since ${due}.* Until it is reviewed or excused, ${mention(accounts.get(review.operator))} can't open another break-glass session.`,
    ],
    open: [`*Due ${due}.* Security or an auditor who did not approve it answers.`],
  };
  const lines = [...excuse, ...(stands[reviewStateAt(review, now)] ?? []), ...answerLines(answers)];
  return section(lines.join('\n'));
}

const answerLines = (answers: ReviewAnswers | null): string[] =>
  reviewQuestions.flatMap((question) => {
    const given = answers?.[question];
    if (!given) return [];
    const note = given.note.trim() === '' ? '' : `: ${typedIn(given.note, room.note)}`;
    return [`• ${verdictWords[given.answer]}, ${questionWords[question].short}${note}`];
  });

/** Whether somebody may is looked at when they act. */
function actions({ grant, review, now }: ReviewSubject): ActionsBlock[] {
  const state = reviewStateAt(review, now);
  const evidence = evidenceButton(grant.id);
  if (state === 'reviewed') return [row('review', [evidence])];
  const answer = button(buttons.review, 'Review', grant.id, 'primary');
  const excuse = state === 'overdue' ? [button(buttons.excuse, 'Excuse', grant.id)] : [];
  return [row('review', [answer, ...excuse, evidence])];
}
