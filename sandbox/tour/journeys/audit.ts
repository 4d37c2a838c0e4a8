import { asks, pressesCsv, pressesOlder, types } from '../acts.ts';
import type { Journey } from '../play.ts';
import { card, cards, onRecord, row, told, toldAlone } from '../sights.ts';

const look = { action: 'audit.view', reason: 'granted' };
const nothing = 'There is no such audit trail that you can see now.';
const refused = (about: string) => row('access.refused', 'olivia', { verb: 'audit', refusal: 'no_audit_view', about });

export const auditTrail: Journey = {
  title: 'The audit trail of a tenant, in Slack: every look is on record, and over with the access',
  steps: [
    asks('olivia', '/support-access', {
      tenant: 'globex',
      scope: 'audit_view',
      reason: 'Globex asks who had access to them last week',
      ticket: 'SUP-114',
      duration: '60',
    }),
    card('gina', 'globex', 'SUP-114', { says: ['Audit view on Globex', 'Active until {ends}'], buttons: ['Revoke'] }),
    card('sam', 'security', 'SUP-114', { buttons: ['Revoke'] }),
    card('olivia', 'dm', 'SUP-114', { buttons: ["I'm done"] }),
    onRecord(row('support_access.requested', 'olivia'), row('support_access.activated', 'olivia')),

    types('olivia', '/support-access audit globex'),
    toldAlone('olivia', [
      'Audit trail of Globex, newest first',
      'access.allowed',
      'support_access.activated',
      'reason: Globex asks who had access to them last week',
    ]),
    pressesOlder('olivia'),
    toldAlone('olivia', ['Audit trail of Globex', 'support_access.ended', '@Omar']),
    onRecord(row('access.allowed', 'olivia', look), row('access.allowed', 'olivia', look)),

    types('olivia', '/support-access audit acme'),
    toldAlone('olivia', [nothing]),
    types('olivia', '/support-access audit umbrella'),
    toldAlone('olivia', [nothing]),
    onRecord(
      row('access.denied', 'olivia', { tenant: 'acme', reason: 'no_grant' }),
      refused('acme'),
      row('access.denied', 'olivia', { tenant: 'umbrella', reason: 'no_grant' }),
      refused('umbrella'),
    ),

    types('olivia', '/support-access end'),
    toldAlone('olivia', ['Done: Audit view is over.']),
    cards(
      [
        ['gina', 'globex'],
        ['sam', 'security'],
        ['olivia', 'dm'],
      ],
      'SUP-114',
      { says: ['Ended by @Olivia', 'Used 2 times: audit.view 2'], buttons: [] },
    ),
    told('gina', 'globex', ['Access is over', 'Used 2 times: audit.view 2']),
    told('sam', 'security', ['Access is over', 'Used 2 times: audit.view 2']),
    told('olivia', 'dm', ['Access is over', 'Used 2 times: audit.view 2']),
    onRecord(row('support_access.ended', 'olivia')),
    types('olivia', '/support-access audit globex'),
    toldAlone('olivia', [nothing]),
    onRecord(row('access.denied', 'olivia', { action: 'audit.view', reason: 'ended' }), refused('globex')),
  ],
};

const viewed = (by: 'ada' | 'gina', tenant: string | null, details: Readonly<Record<string, unknown>> = {}) =>
  row('audit.viewed', by, { tenant, ...details });

export const auditReaders: Journey = {
  title: 'Auditors read everything and take it away; owners read their own tenant',
  steps: [
    types('ada', '/breakglass audit'),
    toldAlone('ada', ['Audit trail of everything, newest first', 'access.refused']),
    pressesOlder('ada'),
    toldAlone('ada', ['Audit trail of everything', 'on globex']),
    onRecord(viewed('ada', null, { rows: 10 }), viewed('ada', null, { rows: 10 })),

    types('ada', '/breakglass audit globex by @olivia since 1d action ended kind support'),
    toldAlone('ada', [
      'Audit trail of Globex, newest first',
      'Only: support access, by or about @Olivia, action ended, since ',
      'support_access.ended',
    ]),
    pressesCsv('ada'),
    toldAlone('ada', ['The CSV is in your direct messages.']),
    told('ada', 'dm', ['Audit trail of Globex', '[file audit-globex-']),
    onRecord(
      viewed('ada', 'globex', { action: 'ended', kind: 'support_access', person: 'slack:T0HOME:U0OLIVIA' }),
      row('audit.exported', 'ada', { tenant: 'globex', format: 'csv' }),
    ),

    types('gina', '/support-access audit'),
    toldAlone('gina', ['Audit trail of Globex, newest first', 'Only: support access.', 'support_access.ended']),
    types('gina', '/breakglass audit acme'),
    toldAlone('gina', [nothing]),
    onRecord(
      viewed('gina', null, { kind: 'support_access' }),
      row('access.refused', 'gina', { verb: 'audit', refusal: 'no_audit_view', about: 'acme' }),
    ),
  ],
};
