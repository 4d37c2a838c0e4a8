import { accountOf, type Player } from '../../cast.ts';
import { asks, form, presses, sends } from '../acts.ts';
import { serviceAsks } from '../answers.ts';
import type { Journey } from '../play.ts';
import { cards, type ExpectedRow, onRecord, reviewOpened, row, told } from '../sights.ts';
import { endOf } from './moments.ts';

const ticket = 'INC-115';
const recovery = 'SUP-116';
const everywhere = [
  ['gina', 'globex'],
  ['sam', 'security'],
  ['olivia', 'dm'],
] as const;
const ofRecovery = [
  ['gina', 'globex'],
  ['olivia', 'dm'],
] as const;
const used = 'Used 3 times: content.read 2, content.write 1';
const tried = 'Never used; 1 try refused: workspace.create_owner 1';

const yes = { decision: true, reason: 'granted', until: endOf(ticket) };
const no = (reason: string) => ({ decision: false, reason });

const answered = (who: Player, action: string, tenant: string, reason: string): ExpectedRow =>
  row(reason === 'granted' ? 'access.allowed' : 'access.denied', 'service', {
    subject: accountOf(who),
    action,
    tenant,
    reason,
  });

export const checks: Journey = {
  title: 'A content service asks: yes while the access lasts, and no the moment it is revoked',
  steps: [
    asks('olivia', '/breakglass', {
      tenant: 'globex',
      scope: 'content_access',
      circumstance: 'critical_incident',
      reason: 'Documents of Globex lost their folders; I will put them back',
      ticket,
      duration: '60',
    }),
    cards(everywhere, ticket, { says: ['Waiting for approval until {lapses}'] }),
    serviceAsks('olivia', 'content.read', 'globex', no('no_grant')),
    presses('gina', 'globex', ticket, 'Approve'),
    cards(everywhere, ticket, { says: ['Tenant owner: approved by @Gina', 'Security: not decided'] }),
    serviceAsks('olivia', 'content.read', 'globex', no('no_grant')),
    presses('sam', 'security', ticket, 'Approve'),
    cards(everywhere, ticket, { says: ['Active until {ends}'] }),
    told('olivia', 'dm', ['Your access is active: Content access on Globex', 'It ends {ends}'], ticket),
    onRecord(
      row('break_glass.requested', 'olivia', { scope: 'content_access' }),
      answered('olivia', 'content.read', 'globex', 'no_grant'),
      row('break_glass.approved', 'gina', { leg: 'owner' }),
      answered('olivia', 'content.read', 'globex', 'no_grant'),
      row('break_glass.approved', 'sam', { leg: 'security' }),
      row('break_glass.activated', 'sam', { minutes: 60 }),
    ),

    serviceAsks('olivia', 'content.read', 'globex', yes),
    serviceAsks('olivia', 'content.read', 'globex', yes),
    serviceAsks('olivia', 'content.write', 'globex', yes),
    serviceAsks('olivia', 'content.read', 'acme', no('no_grant')),
    serviceAsks('omar', 'content.read', 'globex', no('no_grant')),
    onRecord(
      answered('olivia', 'content.read', 'globex', 'granted'),
      answered('olivia', 'content.read', 'globex', 'granted'),
      answered('olivia', 'content.write', 'globex', 'granted'),
      answered('olivia', 'content.read', 'acme', 'no_grant'),
      answered('omar', 'content.read', 'globex', 'no_grant'),
    ),

    asks('olivia', '/support-access', {
      tenant: 'globex',
      scope: 'workspace_recovery',
      reason: 'The folders belong to an owner who is not there any more',
      ticket: recovery,
      duration: '60',
    }),
    cards(ofRecovery, recovery, { says: ['Waiting for approval until {lapses}'] }),
    presses('gina', 'globex', recovery, 'Approve'),
    cards(ofRecovery, recovery, { says: ['Active until {ends}'] }),
    told('olivia', 'dm', ['Your access is active: Workspace recovery on Globex', 'It ends {ends}'], recovery),
    serviceAsks('olivia', 'workspace.create_owner', 'globex', {
      ...no('missing_scopes'),
      missing: ['create_platform_owner'],
    }),
    presses('olivia', 'dm', recovery, "I'm done"),
    cards(ofRecovery, recovery, { says: ['Ended by @Olivia', tried], buttons: [] }),
    ofRecovery.map(([who, where]) => told(who, where, ['Access is over', 'Ended by @Olivia', tried])),
    onRecord(
      row('support_access.requested', 'olivia', { scope: 'workspace_recovery' }),
      row('support_access.approved', 'gina', { leg: 'owner' }),
      row('support_access.activated', 'gina', { minutes: 60 }),
      answered('olivia', 'workspace.create_owner', 'globex', 'missing_scopes'),
      row('support_access.ended', 'olivia'),
    ),

    presses('sam', 'security', ticket, 'Revoke'),
    form('sam', 'Revoke access'),
    sends('sam', { comment: 'The folders are back; nothing is left to do here' }),
    serviceAsks('olivia', 'content.read', 'globex', no('revoked')),
    cards(everywhere, ticket, { says: ['Revoked by @Sam', used] }),
    everywhere.map(([who, where]) => told(who, where, ['Access is revoked', 'Revoked by @Sam', used])),
    reviewOpened(ticket, ['Revoked by @Sam', used]),
    onRecord(
      row('break_glass.revoked', 'sam', { reason: 'The folders are back; nothing is left to do here' }),
      row('break_glass.review_opened', 'sam'),
      answered('olivia', 'content.read', 'globex', 'revoked'),
    ),
  ],
};
