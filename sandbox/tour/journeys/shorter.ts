import { asks, form, presses, sends, sendsWrongly } from '../acts.ts';
import type { Journey } from '../play.ts';
import { cards, clock, onRecord, reviewOpened, row, told } from '../sights.ts';
import { endOf } from './moments.ts';

const ticket = 'INC-109';
const everywhere = [
  ['paul', 'ops'],
  ['sofia', 'security'],
  ['omar', 'dm'],
] as const;

export const shorter: Journey = {
  title: 'Approved for less time than asked, by somebody who is of ops through a user group',
  steps: [
    asks('omar', '/breakglass', {
      tenant: 'globex',
      scope: 'reenable_admin',
      circumstance: 'all_admins_locked_out',
      reason: 'Every administrator was locked after a failed sync; I enable one',
      ticket,
      duration: '60',
    }),
    cards(
      [
        ['paul', 'ops'],
        ['sofia', 'security'],
      ],
      ticket,
      { says: ['How long: 1 h'], buttons: ['Approve', 'Approve for less time', 'Deny'] },
    ),
    presses('paul', 'ops', ticket, 'Approve for less time'),
    form('paul', 'Approve for less time', { shown: true }),
    sendsWrongly(
      'paul',
      'with more time than asked',
      { duration: '120' },
      {
        duration: 'Choose less than 1 h, which is what stands now.',
      },
    ),
    sends('paul', { duration: '15', comment: 'One account takes a minute' }),
    cards(everywhere, ticket, {
      says: ['How long: 15 min (asked for 1 h)', 'Ops: approved by @Paul, for 15 min', 'One account takes a minute'],
    }),
    presses('sofia', 'security', ticket, 'Approve'),
    cards(everywhere, ticket, { says: ['Active until {ends}'] }),
    told('omar', 'dm', ['Your access is active: Re-enable admin on Globex', 'It ends {ends}'], ticket),
    onRecord(
      row('break_glass.requested', 'omar', { scope: 'reenable_admin', minutes: 60 }),
      row('break_glass.approved', 'paul', { leg: 'ops', minutes: 15, comment: 'One account takes a minute' }),
      row('break_glass.approved', 'sofia', { leg: 'security', minutes: null }),
      row('break_glass.activated', 'sofia', { minutes: 15 }),
    ),
    clock('the end of the access, 15 minutes later', endOf(ticket)),
    cards(everywhere, ticket, { says: ['Expired {ends}'] }),
    everywhere.map(([who, where]) => told(who, where, ['Access is over', 'It ran out {ends}'], ticket)),
    reviewOpened(ticket),
    onRecord(row('break_glass.expired', 'clock'), row('break_glass.review_opened', 'clock')),
  ],
};
