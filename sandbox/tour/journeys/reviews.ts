import { form, presses, sends, sendsAndReads, sendsWrongly, types } from '../acts.ts';
import type { Journey, Step } from '../play.ts';
import { card, cards, clock, onRecord, refusedInWindow, review, row, told, toldAlone } from '../sights.ts';
import { anHourAfter, nextHour, reviewDueOf } from './moments.ts';

/** Sessions of the journeys before, which nobody reviewed yet. */
const earlier = ['INC-107', 'INC-109'];
const ticket = 'INC-101';
const overdue = 'Review overdue: Content access on Acme Corp by @Olivia';
const next = {
  tenant: 'acme',
  scope: 'content_access',
  circumstance: 'critical_incident',
  reason: 'The index is broken again; I will rebuild it once more',
  ticket: 'INC-117',
  duration: '30',
};

const done = {
  ...{ cause_documented: 'yes', evidence_produced: 'yes', permissions_reviewed: 'yes', preventive_work_filed: 'yes' },
  preventive_work_filed_note: 'https://tickets.example.com/OPS-7',
  ...{ temporary_credentials_removed: 'not_applicable', temporary_network_access_removed: 'not_applicable' },
  secrets_rotated_or_not_exposed: 'yes',
};

/** Ada, an auditor, who approves nothing and so may review everything. */
const adaReviews = (about: string): Step[] => [
  presses('ada', 'security', about, 'Review', 'review'),
  form('ada', 'Review the session'),
  sends('ada', done),
  review('sofia', 'security', about, { says: ['Reviewed by @Ada', 'Yes, cause documented'], buttons: ['Evidence'] }),
  onRecord(row('break_glass.reviewed', 'ada')),
];

export const reviews: Journey = {
  title: 'Security and auditors review what was done; who does not see to it opens no further session',
  steps: [
    types('ada', '/breakglass reviews', 'security'),
    toldAlone('ada', [
      'Sessions that wait for their review',
      'Content access on Acme Corp',
      'Re-enable admin on Globex',
      '[Review]',
    ]),
    presses('sam', 'security', ticket, 'Review', 'review'),
    refusedInWindow('sam', 'You approved this session, so somebody else has to review it.'),
    onRecord(row('access.refused', 'sam', { verb: 'review', refusal: 'decided_it' })),
    earlier.flatMap(adaReviews),

    presses('olivia', 'dm', ticket, 'Attach evidence'),
    form('olivia', 'Attach evidence', { shown: true }),
    sendsAndReads(
      'olivia',
      { title: 'Index rebuilt', note: 'Dropped and rebuilt it; 41 spaces.', links: 'https://logs.example.com/q/41' },
      'It came after the access had ended and is marked late.',
    ),
    review('sofia', 'security', ticket, {
      says: ['Note: Index rebuilt, 1 link, by @Olivia'],
      buttons: ['Review', 'Evidence'],
    }),
    onRecord(row('break_glass.evidence_attached', 'olivia', { title: 'Index rebuilt', late: true })),

    clock('9 in the morning', anHourAfter(nextHour(8))),
    told('sofia', 'security', ['Access summary, all tenants']),
    told('anna', 'acme', ['Access summary, Acme Corp']),
    told('gina', 'globex', ['Access summary, Globex']),
    told('sofia', 'security', ['A session waits for its review', 'Content access on Acme Corp by @Olivia']),
    onRecord(row('digest.sent', 'clock', { tenants: 2 })),

    clock('72 hours after the end', reviewDueOf(ticket)),
    review('sofia', 'security', ticket, { says: ['Overdue since'], buttons: ['Review', 'Excuse', 'Evidence'] }),
    review('petra', 'ops', ticket, { says: ['Overdue since'], buttons: ['Review', 'Excuse', 'Evidence'] }),
    told('sofia', 'security', [overdue]),
    told('petra', 'ops', [overdue]),
    told('olivia', 'dm', [overdue]),
    onRecord(row('break_glass.review_overdue', 'clock')),

    types('olivia', '/breakglass'),
    form('olivia', 'Break-glass request'),
    sendsAndReads('olivia', next, 'is overdue since'),
    onRecord(row('access.refused', 'olivia', { verb: 'request', refusal: 'review_overdue' })),

    presses('sam', 'security', ticket, 'Excuse', 'review'),
    form('sam', 'Excuse the review'),
    sendsWrongly('sam', 'without a reason', { comment: ' ' }, { comment: 'Write between 1 and 1000 characters' }),
    sends('sam', { comment: 'Acme is down again and Olivia knows the index' }),
    review('sofia', 'security', ticket, {
      says: ['Excused by @Sam', 'Still to be reviewed'],
      buttons: ['Review', 'Evidence'],
    }),
    review('petra', 'ops', ticket, { says: ['Excused by @Sam'], buttons: ['Review', 'Evidence'] }),
    onRecord(row('break_glass.review_excused', 'sam', { reason: 'Acme is down again and Olivia knows the index' })),

    types('olivia', '/breakglass'),
    form('olivia', 'Break-glass request'),
    sends('olivia', next),
    card('anna', 'acme', 'INC-117', { says: ['Waiting for approval'] }),
    card('sam', 'security', 'INC-117', { says: ['Waiting for approval'] }),
    card('olivia', 'dm', 'INC-117', { buttons: ['Withdraw'] }),
    onRecord(row('break_glass.requested', 'olivia')),
    presses('olivia', 'dm', 'INC-117', 'Withdraw'),
    cards(
      [
        ['anna', 'acme'],
        ['sam', 'security'],
        ['olivia', 'dm'],
      ],
      'INC-117',
      { says: ['Withdrawn by @Olivia'], buttons: [] },
    ),
    onRecord(row('break_glass.withdrawn', 'olivia')),

    adaReviews(ticket),
    review('petra', 'ops', ticket, { says: ['Reviewed by @Ada'], buttons: ['Evidence'] }),
    types('ada', '/breakglass reviews', 'security'),
    toldAlone('ada', ['No session waits for its review.']),
  ],
};
