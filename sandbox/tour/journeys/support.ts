import { asks, presses } from '../acts.ts';
import type { Journey } from '../play.ts';
import { card, cards, onRecord, row, told } from '../sights.ts';

const decide = ['Approve', 'Approve for less time', 'Deny'];
const recovery = {
  scope: 'workspace_recovery',
  reason: 'The last administrator left the company; ownership has to be repaired',
  duration: '60',
};

export const auditView: Journey = {
  title: 'Support access, looking at the audit trail: active at once, owners and security are told',
  steps: [
    asks(
      'omar',
      '/support-access',
      {
        tenant: 'globex',
        scope: 'audit_view',
        reason: 'Globex asks who changed their sharing settings',
        ticket: 'SUP-102',
        duration: '240',
      },
      true,
    ),
    card('gina', 'globex', 'SUP-102', {
      says: ['Support access: Audit view on Globex', 'Active until {ends}', 'nobody here has to decide this'],
      buttons: ['Revoke'],
    }),
    card('sam', 'security', 'SUP-102', { says: ['Active until {ends}'], buttons: ['Revoke'] }),
    card('omar', 'dm', 'SUP-102', { says: ['Active until {ends}'], buttons: ["I'm done"] }),
    onRecord(
      row('support_access.requested', 'omar', { scope: 'audit_view', minutes: 240, legs: [] }),
      row('support_access.activated', 'omar', { minutes: 240 }),
    ),
  ],
};

export const workspaceRecovery: Journey = {
  title: 'Support access, repairing ownership: the owner approves',
  steps: [
    asks('olivia', '/support-access', { ...recovery, tenant: 'globex', ticket: 'SUP-103' }),
    card('gina', 'globex', 'SUP-103', {
      says: ['Workspace recovery on Globex', 'Tenant owner: not decided', 'No other approval is missing'],
      buttons: decide,
    }),
    card('olivia', 'dm', 'SUP-103', { says: ['Waiting for approval until {lapses}'], buttons: ['Withdraw'] }),
    onRecord(row('support_access.requested', 'olivia', { scope: 'workspace_recovery', legs: ['owner'] })),
    presses('gina', 'globex', 'SUP-103', 'Approve'),
    card('gina', 'globex', 'SUP-103', { says: ['Active until {ends}'], buttons: ['Revoke'] }),
    card('olivia', 'dm', 'SUP-103', { says: ['Active until {ends}'], buttons: ["I'm done"] }),
    told('olivia', 'dm', ['Your access is active: Workspace recovery on Globex', 'It ends {ends}'], 'SUP-103'),
    onRecord(
      row('support_access.approved', 'gina', { leg: 'owner' }),
      row('support_access.activated', 'gina', { minutes: 60 }),
    ),
  ],
};

const waived = 'Owner approval waived: no owner is listed for this tenant, so ops and security decide instead.';

export const ownerless: Journey = {
  title: 'Support access where nobody owns the tenant: ops and security decide, and the waiver is on record',
  steps: [
    asks('omar', '/support-access', { ...recovery, tenant: 'initech', ticket: 'SUP-104' }),
    card('petra', 'ops', 'SUP-104', { says: [waived, 'ops must agree'], buttons: decide }),
    card('sofia', 'security', 'SUP-104', { says: [waived, 'security must agree'], buttons: decide }),
    card('omar', 'dm', 'SUP-104', { says: [waived], buttons: ['Withdraw'] }),
    onRecord(
      row('support_access.requested', 'omar', { legs: ['ops', 'security'], waived: true }),
      row('support_access.ownerless_waived', 'omar', { legs: ['ops', 'security'] }),
    ),
    presses('sofia', 'security', 'SUP-104', 'Approve'),
    card('petra', 'ops', 'SUP-104', { says: ['Security: approved by @Sofia'], buttons: decide }),
    presses('petra', 'ops', 'SUP-104', 'Approve'),
    cards(
      [
        ['petra', 'ops'],
        ['sofia', 'security'],
      ],
      'SUP-104',
      { says: [waived, 'Active until {ends}'], buttons: ['Revoke'] },
    ),
    card('omar', 'dm', 'SUP-104', { says: [waived, 'Active until {ends}'], buttons: ["I'm done"] }),
    told('omar', 'dm', ['Your access is active: Workspace recovery on Initech', 'It ends {ends}'], 'SUP-104'),
    onRecord(
      row('support_access.approved', 'sofia', { leg: 'security' }),
      row('support_access.approved', 'petra', { leg: 'ops' }),
      row('support_access.activated', 'petra', { minutes: 60 }),
    ),
  ],
};
