import { asks, deliveredAgain, presses, step } from '../acts.ts';
import type { Journey, Step } from '../play.ts';
import { card, grantsOf, onRecord, row, toldAlone } from '../sights.ts';

const ticket = 'INC-113';

/** Presses a button that was on the screen a moment ago and is gone by now. */
const pressesAgain: Step = step(
  'Anna presses Approve once more, on a screen that has not caught up',
  async (play) => {
    const before = play.remembered(ticket);
    await play.person('anna').clickStale(before, 'approve');
    return [];
  },
  { scene: { who: 'anna', where: 'acme' } },
);

export const repeats: Journey = {
  title: 'The same form and the same click twice: one effect',
  steps: [
    asks('omar', '/breakglass', {
      tenant: 'acme',
      scope: 'content_access',
      circumstance: 'critical_incident',
      reason: 'Exports of Acme are empty since the last release',
      ticket,
      duration: '30',
    }),
    deliveredAgain('form', 'view_submission'),
    grantsOf(ticket, 1),
    card('anna', 'acme', ticket, { says: ['Tenant owner: not decided'] }),
    card('sam', 'security', ticket, { says: ['Security: not decided'] }),
    card('omar', 'dm', ticket, { buttons: ['Withdraw'] }),
    onRecord(row('break_glass.requested', 'omar')),
    presses('anna', 'acme', ticket, 'Approve'),
    deliveredAgain('click', 'block_actions'),
    card('anna', 'acme', ticket, { says: ['Tenant owner: approved by @Anna', 'Security: not decided'], buttons: [] }),
    card('sam', 'security', ticket, { says: ['Tenant owner: approved by @Anna'] }),
    card('omar', 'dm', ticket, { says: ['Tenant owner: approved by @Anna'] }),
    pressesAgain,
    toldAlone('anna', ['The tenant owner part was already approved by @Anna']),
    onRecord(row('break_glass.approved', 'anna', { leg: 'owner' })),
  ],
};
