import type {
  ActionsBlock,
  Button,
  ConfirmationDialog,
  ContextBlock,
  HeaderBlock,
  KnownBlock,
  SectionBlock,
} from '@slack/types';
import { type Grant, type Leg, openLegs, stateAt } from '../../domain/grant.ts';
import type { Audience } from '../../domain/notices.ts';
import type { Uses } from '../../domain/uses.ts';
import type { LegRole } from '../../domain/words.ts';
import { buttons } from '../ids.ts';
import { limits } from '../limits.ts';
import { duration, link, list, mention, moment, mrkdwn, plain, typed } from '../text.ts';
import { usesSentence } from './uses.ts';
import { circumstanceWords, kindWords, legWords, scopeWords, stateWords } from './words.ts';

/** Everything a card shows; nothing on it is ever read back. */
export interface CardSubject {
  grant: Grant;
  tenant: { key: string; name: string };
  now: Date;
  /** What was done under it so far; null where nothing was. */
  uses: Uses | null;
  accounts: ReadonlyMap<string, string>;
  ticketLink: string | null;
}

export interface CardReader {
  audience: Audience;
  /** The legs decided by the people who read this card. */
  legs: readonly LegRole[];
}

export interface Message {
  text: string;
  blocks: KnownBlock[];
}

/** The card of a grant, for the people of one channel or for the requester, as it stands now. */
export function card(subject: CardSubject, reader: CardReader): Message {
  const { grant, tenant } = subject;
  const title = `${kindWords[grant.kind]}: ${scopeWords[grant.scope].name} on ${tenant.name}`;
  return {
    text: `${typed(title)} (${stateWords[stateAt(grant, subject.now)].toLowerCase()})`,
    blocks: [
      header(title),
      what(subject),
      { type: 'section', text: plain(`Reason: ${grant.reason}`, limits.sectionText) },
      ...waiver(subject),
      standing(subject),
      ...used(subject),
      ...whyYou(subject, reader),
      ...actions(subject, reader),
    ],
  };
}

export const header = (title: string): HeaderBlock => ({ type: 'header', text: plain(title, limits.headerText) });

function what({ grant, tenant, accounts, ticketLink }: CardSubject): SectionBlock {
  const scope = scopeWords[grant.scope];
  const circumstance = grant.circumstance && circumstanceWords[grant.circumstance].name;
  const facts: [string, string][] = [
    ['Who', `${mention(accounts.get(grant.requester))}${grant.outside ? ', asked outside Slack' : ''}`],
    ['Tenant', `${typed(tenant.name)} (${typed(tenant.key)})`],
    ['Allows', scope.allows],
    ['Ticket', ticket(grant.ticket, ticketLink)],
    ['How long', howLong(grant)],
    ...(circumstance ? [['Why now', circumstance] as [string, string]] : []),
  ];
  return { type: 'section', fields: facts.map(([label, value]) => mrkdwn(`*${label}*\n${value}`)) };
}

export function ticket(typedTicket: string, pattern: string | null): string {
  const words = typed(typedTicket, 150);
  const address = pattern?.replaceAll('{ticket}', () => encodeURIComponent(typedTicket));
  return address === undefined || address.length > 1000 ? words : link(address, words);
}

const howLong = ({ minutesAsked, minutesGranted }: Grant): string =>
  minutesGranted < minutesAsked
    ? `${duration(minutesGranted)} (asked for ${duration(minutesAsked)})`
    : duration(minutesGranted);

export const waiver = ({ grant }: CardSubject): SectionBlock[] =>
  grant.waived
    ? [
        {
          type: 'section',
          text: mrkdwn(
            '*Owner approval waived:* no owner is listed for this tenant, so ops and security decide instead.',
          ),
        },
      ]
    : [];

/** Where the request stands: each leg, and the state with its time. */
function standing({ grant, now, accounts }: CardSubject): SectionBlock {
  const legs = grant.legs.map((leg) => legLine(leg, accounts));
  return { type: 'section', text: mrkdwn([`*${stateLine(grant, now, accounts)}*`, ...legs].join('\n')) };
}

function used(subject: CardSubject): SectionBlock[] {
  const sentence = usesSentence(subject);
  return sentence === null ? [] : [{ type: 'section', text: mrkdwn(sentence) }];
}

/** What was done at the API is not what somebody here saw. */
export const whence = ({ outside }: { outside?: true }): string => (outside ? ' outside Slack' : '');

export function legLine(
  { role, decision }: Leg,
  accounts: ReadonlyMap<string, string>,
  commentLength?: number,
): string {
  const name = legWords[role].charAt(0).toUpperCase() + legWords[role].slice(1);
  if (decision === null) return `• ${name}: not decided`;
  const shorter = decision.minutes === null ? '' : `, for ${duration(decision.minutes)}`;
  const comment =
    decision.verdict === 'approved' && decision.comment ? `: ${typed(decision.comment, commentLength)}` : '';
  return `• ${name}: ${decision.verdict} by ${mention(accounts.get(decision.by))}${whence(decision)}${shorter}, ${moment(decision.at)}${comment}`;
}

export function stateLine(grant: Grant, now: Date, accounts: ReadonlyMap<string, string>, reasonLength = 1200): string {
  const { status } = grant;
  const closedBy =
    'closed' in status && status.closed.by
      ? ` by ${mention(accounts.get(status.closed.by))}${whence(status.closed)}`
      : '';
  const reason = 'closed' in status && status.closed.reason ? `: ${typed(status.closed.reason, reasonLength)}` : '';
  switch (status.state) {
    case 'requested':
      return stateAt(grant, now) === 'lapsed'
        ? `Lapsed ${moment(grant.lapsesAt)}: nobody decided in time`
        : `Waiting for approval until ${moment(grant.lapsesAt)}`;
    case 'active':
      return stateAt(grant, now) === 'expired'
        ? `Expired ${moment(status.expiresAt)}`
        : `Active until ${moment(status.expiresAt)}`;
    case 'expired':
      return `Expired ${moment(status.expiresAt)}`;
    case 'lapsed':
      return `Lapsed ${moment(status.closed.at)}: nobody decided in time`;
    case 'ended':
    case 'revoked':
    case 'denied':
    case 'withdrawn':
      return `${stateWords[status.state]}${closedBy}, ${moment(status.closed.at)}${reason}`;
  }
}

/** Why this card is here, who else must agree: in words that need no manual. */
function whyYou({ grant, tenant, now }: CardSubject, { audience, legs }: CardReader): ContextBlock[] {
  if (audience === 'requester') return [];
  if (audience === 'informed') return [context('For your information: nobody here has to decide this.')];
  if (stateAt(grant, now) !== 'requested') return [];
  const open = openLegs(grant).map((leg) => leg.role);
  const here = legs.filter((leg) => open.includes(leg));
  if (here.length === 0) return [];
  const others = open.filter((leg) => !legs.includes(leg)).map((leg) => legWords[leg]);
  const also =
    others.length > 0
      ? ` ${capital(list(others))} must agree as well, and it can't be you.`
      : ' No other approval is missing.';
  const because = here.map((leg) => becauseOf[leg](typed(tenant.name)));
  return [context(`${because.join(' ')}${also}`)];
}

const becauseOf: Readonly<Record<LegRole, (tenant: string) => string>> = {
  owner: (tenant) => `Why you: an owner of ${tenant} must agree before anyone gets in.`,
  ops: () => 'Why you: ops must agree to this.',
  security: () => 'Why you: security must agree to this.',
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const context = (text: string): ContextBlock => ({ type: 'context', elements: [mrkdwn(text)] });

function actions({ grant, now, tenant }: CardSubject, { audience, legs }: CardReader): ActionsBlock[] {
  const state = stateAt(grant, now);
  if (state === 'active') {
    return audience === 'requester'
      ? [row('close', [button(buttons.end, "I'm done", grant.id, 'primary'), ...attachButton(grant)])]
      : [revokeRow(grant)];
  }
  if (audience === 'requester' && 'activatedAt' in grant.status && attachButton(grant).length > 0) {
    return [row('evidence', attachButton(grant))];
  }
  if (state !== 'requested') return [];
  if (audience === 'requester') return [row('close', [button(buttons.withdraw, 'Withdraw', grant.id)])];
  return legs
    .filter((leg) => grant.legs.some((each) => each.role === leg && each.decision === null))
    .map((leg) => decideRow(grant, leg, tenant.name, legs.length > 1));
}

/** A break-glass session is reviewed: what was done is shown by who did it, also after the end. */
const attachButton = ({ id, kind }: Grant): Button[] =>
  kind === 'break_glass' ? [button(buttons.attach, 'Attach evidence', id)] : [];

export const revokeRow = (grant: Grant): ActionsBlock =>
  row('close', [button(buttons.revoke, 'Revoke', grant.id, 'danger')]);

function decideRow(grant: Grant, leg: LegRole, tenant: string, severalHere: boolean): ActionsBlock {
  const as = severalHere ? ` as ${legWords[leg]}` : '';
  const value = `${grant.id}:${leg}`;
  const confirm =
    grant.kind === 'break_glass' || grant.scope === 'workspace_recovery' ? confirmation(grant, tenant) : undefined;
  const approve = button(buttons.approve, `Approve${as}`, value, 'primary');
  return row(`decide_${leg}`, [
    confirm ? { ...approve, confirm } : approve,
    ...(grant.minutesGranted > 1 ? [button(buttons.approveShorter, `Approve for less time${as}`, value)] : []),
    button(buttons.deny, `Deny${as}`, value, 'danger'),
  ]);
}

function confirmation(grant: Grant, tenant: string): ConfirmationDialog {
  const ends = duration(grant.minutesGranted);
  return {
    title: plain('Approve this access?', limits.confirmTitle),
    text: plain(
      `${scopeWords[grant.scope].name} on ${tenant} for ${ends}. Your approval is on record.`,
      limits.confirmText,
    ),
    confirm: plain('Approve', 30),
    deny: plain('Not yet', 30),
  };
}

export const row = (id: string, elements: Button[]): ActionsBlock => ({ type: 'actions', block_id: id, elements });

export function button(id: string, label: string, value: string, style?: 'primary' | 'danger'): Button {
  const made: Button = { type: 'button', action_id: id, text: plain(label, limits.buttonText), value };
  return style ? { ...made, style } : made;
}
