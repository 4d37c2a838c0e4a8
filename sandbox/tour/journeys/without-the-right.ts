import { cast, channels } from '../../cast.ts';
import { asks, happens, presses, step, types } from '../acts.ts';
import { Mismatch } from '../mismatch.ts';
import type { Journey, Step } from '../play.ts';
import { card, onRecord, refusedInWindow, row, toldAlone } from '../sights.ts';

const asked = { circumstance: 'critical_incident', duration: '30' };
const decide = ['Approve', 'Approve for less time', 'Deny'];

/** Every answer that was sent to Otis since he joined: windows, and words that only he sees. */
const heardByOtis: Step = step('In all that Otis got there is no name of a tenant', async ({ slack }) => {
  const own = slack.messages(slack.as(cast.otis.id).dm());
  const at = slack.deliveries.find(({ body }) => body.user_id === cast.otis.id)?.at ?? 0;
  const calls = slack.calls().filter((call) => call.at >= at && /^(views\.|response_url)/.test(call.method));
  const acks = slack.deliveries.filter(({ body }) => body.user_id === cast.otis.id).map(({ ack }) => ack);
  const heard = JSON.stringify([own, calls, acks]);
  const names = ['acme', 'globex', 'initech'].filter((name) => heard.toLowerCase().includes(name));
  if (names.length > 0) throw new Mismatch('no name of a tenant', names.join(', '));
  if (calls.length === 0) throw new Mismatch('an answer', 'none');
  return [];
});

export const withoutTheRight: Journey = {
  title: 'People without the right: one sentence that only they see, and a row on record',
  steps: [
    types('otis', '/breakglass', 'general'),
    refusedInWindow('otis', 'Only operators can ask for access.'),
    heardByOtis,
    onRecord(row('access.refused', 'otis', { verb: 'request', refusal: 'not_an_operator' })),

    asks('olivia', '/breakglass', {
      ...asked,
      tenant: 'acme',
      scope: 'content_access',
      reason: 'Exports of Acme are empty since the last release',
      ticket: 'INC-111',
    }),
    card('gwen', 'acme', 'INC-111', { says: ['Waiting for approval'], buttons: decide }),
    card('sam', 'security', 'INC-111', { says: ['Waiting for approval'] }),
    card('olivia', 'dm', 'INC-111', { buttons: ['Withdraw'] }),
    onRecord(row('break_glass.requested', 'olivia')),
    presses('gwen', 'acme', 'INC-111', 'Approve'),
    toldAlone('gwen', ['Only an owner of this tenant can decide that.']),
    onRecord(row('access.refused', 'gwen', { verb: 'approve', refusal: 'not_the_role' })),

    happens('Olivia is invited to #acme-owners', ({ slack }) => {
      slack.updateChannel(channels.acme.id, { members: [...channels.acme.members, cast.olivia.id] });
    }),
    presses('olivia', 'acme', 'INC-111', 'Approve'),
    toldAlone('olivia', ['You cannot decide your own request.']),
    onRecord(row('access.refused', 'olivia', { verb: 'approve', refusal: 'own_request' })),
    happens('Olivia leaves #acme-owners', ({ slack }) => {
      slack.updateChannel(channels.acme.id, { members: [...channels.acme.members] });
    }),

    asks('omar', '/breakglass', {
      ...asked,
      tenant: 'acme',
      scope: 'reset_admin_password',
      reason: 'The administrator of Acme lost the password and the mail account',
      ticket: 'INC-112',
    }),
    card('ada', 'ops', 'INC-112', { says: ['Waiting for approval'], buttons: decide }),
    card('sam', 'security', 'INC-112', { says: ['Waiting for approval'] }),
    card('omar', 'dm', 'INC-112', { buttons: ['Withdraw'] }),
    onRecord(row('break_glass.requested', 'omar', { legs: ['ops', 'security'] })),
    happens('Ada, the auditor, joins the user group @ops', ({ slack }) => {
      slack.updateGroup('S0OPS', { users: [cast.paul.id, cast.ada.id] });
    }),
    presses('ada', 'ops', 'INC-112', 'Approve'),
    toldAlone('ada', ['Only ops can decide that. Who joined the group after the request was made does not count.']),
    onRecord(row('access.refused', 'ada', { verb: 'approve', refusal: 'not_the_role' })),
    card('ada', 'ops', 'INC-112', { says: ['Ops: not decided'], buttons: decide }),
  ],
};
