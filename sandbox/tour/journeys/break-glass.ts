import { asks, presses } from '../acts.ts';
import type { Journey } from '../play.ts';
import { card, cards, clock, onRecord, reviewOpened, row, told } from '../sights.ts';
import { endOf } from './moments.ts';

const ticket = 'INC-101';
const everywhere = [
  ['anna', 'acme'],
  ['sam', 'security'],
  ['olivia', 'dm'],
] as const;
const decide = ['Approve', 'Approve for less time', 'Deny'];

export const breakGlass: Journey = {
  title: 'Break-glass: two people agree, access is active, and it runs out',
  steps: [
    asks(
      'olivia',
      '/breakglass',
      {
        tenant: 'acme',
        scope: 'content_access',
        circumstance: 'critical_incident',
        reason: 'The import is corrupting documents; I will stop it and repair them',
        ticket,
        duration: '60',
      },
      true,
    ),
    card('anna', 'acme', ticket, {
      says: [
        'Break-glass: Content access on Acme Corp',
        'Who: @Olivia',
        'How long: 1 h',
        'Waiting for approval until {lapses}',
        'Tenant owner: not decided',
        'Security: not decided',
        'an owner of Acme Corp must agree',
      ],
      buttons: decide,
    }),
    card('sam', 'security', ticket, { says: ['Security: not decided', 'security must agree'], buttons: decide }),
    card('olivia', 'dm', ticket, { says: ['Waiting for approval until {lapses}'], buttons: ['Withdraw'] }),
    onRecord(
      row('break_glass.requested', 'olivia', { scope: 'content_access', minutes: 60, legs: ['owner', 'security'] }),
    ),

    presses('anna', 'acme', ticket, 'Approve'),
    card('anna', 'acme', ticket, { says: ['Tenant owner: approved by @Anna', 'Security: not decided'], buttons: [] }),
    card('sam', 'security', ticket, { says: ['Tenant owner: approved by @Anna'], buttons: decide }),
    card('olivia', 'dm', ticket, { says: ['Tenant owner: approved by @Anna'], buttons: ['Withdraw'] }),
    onRecord(row('break_glass.approved', 'anna', { leg: 'owner' })),

    presses('sam', 'security', ticket, 'Approve'),
    card('anna', 'acme', ticket, { says: ['Active until {ends}', 'Security: approved by @Sam'], buttons: ['Revoke'] }),
    card('sam', 'security', ticket, { says: ['Active until {ends}'], buttons: ['Revoke'] }),
    card('olivia', 'dm', ticket, { says: ['Active until {ends}'], buttons: ["I'm done", 'Attach evidence'] }),
    told('olivia', 'dm', ['Your access is active: Content access on Acme Corp', 'It ends {ends}'], ticket),
    onRecord(
      row('break_glass.approved', 'sam', { leg: 'security' }),
      row('break_glass.activated', 'sam', { minutes: 60 }),
    ),

    clock('the end of the access', endOf(ticket)),
    cards(everywhere, ticket, { says: ['Expired {ends}'] }),
    everywhere.map(([who, where]) => told(who, where, ['Access is over', 'It ran out {ends}'], ticket)),
    reviewOpened(ticket, ['Security: approved by @Sam', 'Expired {ends}']),
    onRecord(row('break_glass.expired', 'clock'), row('break_glass.review_opened', 'clock')),
  ],
};
