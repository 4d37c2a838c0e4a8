import { form, presses, sends, sendsWrongly, types } from '../acts.ts';
import type { Journey } from '../play.ts';
import { card, cards, grantsOf, onRecord, row } from '../sights.ts';

const ticket = 'INC-110';
const reason = 'A customer sees the invoices of another customer';

export const mistakes: Journey = {
  title: 'Mistakes are shown at their fields, and the corrected form goes through once',
  steps: [
    types('olivia', '/breakglass'),
    form('olivia', 'Break-glass request'),
    sendsWrongly(
      'olivia',
      'with a reason of one word',
      {
        tenant: 'globex',
        scope: 'content_access',
        circumstance: 'critical_incident',
        reason: 'broken',
        ticket,
        duration: '30',
      },
      { reason: 'Write between 15 and 1000 characters' },
    ),
    sendsWrongly(
      'olivia',
      'with a reason that is too long',
      { reason: reason.padEnd(1001, '.') },
      {
        reason: 'Write between 15 and 1000 characters',
      },
    ),
    sendsWrongly(
      'olivia',
      'with words for a ticket',
      { reason, ticket: 'see mail' },
      {
        ticket: 'This is not a ticket number.',
      },
    ),
    sendsWrongly(
      'olivia',
      'with more hours than the scope allows',
      { ticket, scope: 'create_platform_owner', duration: '240' },
      { duration: 'Choose 2 h or less for this scope.' },
    ),
    onRecord(row('access.refused', 'olivia', { verb: 'request', refusal: 'minutes_out_of_bounds' })),
    sends('olivia', { scope: 'content_access', ticket, duration: '30' }),
    grantsOf(ticket, 1),
    card('gina', 'globex', ticket, {
      says: [`Reason: ${reason}`],
      buttons: ['Approve', 'Approve for less time', 'Deny'],
    }),
    card('sam', 'security', ticket, { says: ['Waiting for approval'] }),
    card('olivia', 'dm', ticket, { buttons: ['Withdraw'] }),
    onRecord(row('break_glass.requested', 'olivia', { scope: 'content_access', minutes: 30 })),
    presses('olivia', 'dm', ticket, 'Withdraw'),
    cards(
      [
        ['gina', 'globex'],
        ['sam', 'security'],
        ['olivia', 'dm'],
      ],
      ticket,
      { says: ['Withdrawn by @Olivia'], buttons: [] },
    ),
    onRecord(row('break_glass.withdrawn', 'olivia')),
  ],
};
