import { asks, form, presses, sends, types } from '../acts.ts';
import type { Journey } from '../play.ts';
import { card, cards, clock, onRecord, reviewOpened, row, told, toldAlone } from '../sights.ts';
import { lapseOf } from './moments.ts';

const content = {
  scope: 'content_access',
  circumstance: 'critical_incident',
  reason: 'Search shows documents of the wrong department; I will rebuild the index',
  duration: '60',
};

export const done: Journey = {
  title: '"I\'m done": access is given back by the button',
  steps: [
    presses('olivia', 'dm', 'SUP-103', "I'm done"),
    cards(
      [
        ['gina', 'globex'],
        ['olivia', 'dm'],
      ],
      'SUP-103',
      { says: ['Ended by @Olivia'], buttons: [] },
    ),
    told('gina', 'globex', ['Access is over', 'Workspace recovery on Globex', 'Ended by @Olivia']),
    told('olivia', 'dm', ['Access is over', 'Ended by @Olivia']),
    onRecord(row('support_access.ended', 'olivia')),
  ],
};

const told104 = ['Access is revoked', 'Revoked by @Petra', 'Reason: The wrong tenant, as Omar says himself'];

export const revoked: Journey = {
  title: 'Revoked, with a reason',
  steps: [
    presses('petra', 'ops', 'SUP-104', 'Revoke'),
    form('petra', 'Revoke access', { shown: true }),
    sends('petra', { comment: 'The wrong tenant, as Omar says himself' }),
    cards(
      [
        ['petra', 'ops'],
        ['sofia', 'security'],
        ['omar', 'dm'],
      ],
      'SUP-104',
      { says: ['Revoked by @Petra', 'The wrong tenant'], buttons: [] },
    ),
    told('petra', 'ops', told104),
    told('sofia', 'security', told104),
    told('omar', 'dm', told104),
    onRecord(row('support_access.revoked', 'petra', { reason: 'The wrong tenant, as Omar says himself' })),
  ],
};

export const denied: Journey = {
  title: 'Denied, with a reason',
  steps: [
    asks('olivia', '/breakglass', { ...content, tenant: 'acme', ticket: 'INC-105' }),
    card('ben', 'acme', 'INC-105', {
      says: ['Waiting for approval'],
      buttons: ['Approve', 'Approve for less time', 'Deny'],
    }),
    presses('ben', 'acme', 'INC-105', 'Deny'),
    form('ben', 'Deny the request', { shown: true }),
    sends('ben', { comment: 'We are rebuilding the index ourselves, please wait until noon' }),
    cards(
      [
        ['ben', 'acme'],
        ['sam', 'security'],
        ['olivia', 'dm'],
      ],
      'INC-105',
      { says: ['Denied by @Ben', 'please wait until noon'], buttons: [] },
    ),
    told('olivia', 'dm', ['Your request was denied by @Ben', 'please wait until noon']),
    onRecord(
      row('break_glass.requested', 'olivia', { scope: 'content_access' }),
      row('break_glass.denied', 'ben', {
        leg: 'owner',
        reason: 'We are rebuilding the index ourselves, please wait until noon',
      }),
    ),
  ],
};

export const withdrawn: Journey = {
  title: 'Withdrawn by the person who asked',
  steps: [
    asks('omar', '/support-access', {
      tenant: 'globex',
      scope: 'workspace_recovery',
      reason: 'Their new administrator can not be made an owner',
      ticket: 'SUP-106',
      duration: '30',
    }),
    card('gina', 'globex', 'SUP-106', { says: ['Waiting for approval'] }),
    card('omar', 'dm', 'SUP-106', { buttons: ['Withdraw'] }),
    presses('omar', 'dm', 'SUP-106', 'Withdraw'),
    cards(
      [
        ['gina', 'globex'],
        ['omar', 'dm'],
      ],
      'SUP-106',
      { says: ['Withdrawn by @Omar'], buttons: [] },
    ),
    onRecord(
      row('support_access.requested', 'omar', { scope: 'workspace_recovery' }),
      row('support_access.withdrawn', 'omar'),
    ),
  ],
};

const everywhere = [
  ['anna', 'acme'],
  ['sofia', 'security'],
  ['olivia', 'dm'],
] as const;

export const endCommand: Journey = {
  title: 'Security agrees before the owner, and access is given back by /breakglass end',
  steps: [
    asks('olivia', '/breakglass', { ...content, tenant: 'acme', ticket: 'INC-107' }),
    card('sofia', 'security', 'INC-107', { says: ['Waiting for approval'] }),
    presses('sofia', 'security', 'INC-107', 'Approve'),
    card('anna', 'acme', 'INC-107', { says: ['Security: approved by @Sofia', 'Tenant owner: not decided'] }),
    presses('anna', 'acme', 'INC-107', 'Approve'),
    card('olivia', 'dm', 'INC-107', { says: ['Active until {ends}'], buttons: ["I'm done", 'Attach evidence'] }),
    told('olivia', 'dm', ['Your access is active', 'It ends {ends}'], 'INC-107'),
    types('olivia', '/breakglass end'),
    toldAlone('olivia', ['Done: Content access is over. Everyone who saw the request is told.']),
    cards(everywhere, 'INC-107', { says: ['Ended by @Olivia'] }),
    everywhere.map(([who, where]) => told(who, where, ['Access is over', 'Ended by @Olivia'])),
    reviewOpened('INC-107', ['Ended by @Olivia']),
    onRecord(
      row('break_glass.requested', 'olivia', { scope: 'content_access' }),
      row('break_glass.approved', 'sofia', { leg: 'security' }),
      row('break_glass.approved', 'anna', { leg: 'owner' }),
      row('break_glass.activated', 'anna', { minutes: 60 }),
      row('break_glass.ended', 'olivia'),
      row('break_glass.review_opened', 'olivia'),
    ),
    types('olivia', '/breakglass end'),
    toldAlone('olivia', ['You have no active break-glass access.']),
  ],
};

export const lapsed: Journey = {
  title: 'Nobody decides in time, and the request lapses',
  steps: [
    asks('omar', '/breakglass', {
      tenant: 'globex',
      scope: 'create_platform_owner',
      circumstance: 'no_owner_can_sign_in',
      reason: 'Both owners lost their phones and can not sign in',
      ticket: 'INC-108',
      duration: '30',
    }),
    cards(
      [
        ['petra', 'ops'],
        ['sam', 'security'],
      ],
      'INC-108',
      { says: ['Waiting for approval until {lapses}', 'Ops: not decided', 'Security: not decided'] },
    ),
    card('omar', 'dm', 'INC-108', { buttons: ['Withdraw'] }),
    clock('the end of the time to decide', lapseOf('INC-108')),
    cards(
      [
        ['petra', 'ops'],
        ['sam', 'security'],
        ['omar', 'dm'],
      ],
      'INC-108',
      { says: ['Lapsed {lapses}: nobody decided in time'], buttons: [] },
    ),
    told('omar', 'dm', ['Your request lapsed {lapses}'], 'INC-108'),
    onRecord(
      row('break_glass.requested', 'omar', { scope: 'create_platform_owner', legs: ['ops', 'security'] }),
      row('break_glass.lapsed', 'clock'),
    ),
    types('omar', '/support-access end'),
    toldAlone('omar', ['Done: Audit view is over']),
    cards(
      [
        ['gina', 'globex'],
        ['sam', 'security'],
        ['omar', 'dm'],
      ],
      'SUP-102',
      { says: ['Ended by @Omar'], buttons: [] },
    ),
    told('gina', 'globex', ['Access is over', 'Audit view on Globex']),
    told('sam', 'security', ['Access is over', 'Audit view on Globex']),
    told('omar', 'dm', ['Access is over', 'Audit view on Globex']),
    onRecord(row('support_access.ended', 'omar')),
  ],
};
