import type { KnownBlock } from '@slack/types';
import { type DigestSummary, isQuiet, type SealStatus } from '../../domain/digest.ts';
import { stateAt } from '../../domain/grant.ts';
import type { Notice, TenantChange } from '../../domain/notices.ts';
import { commands } from '../ids.ts';
import { limits } from '../limits.ts';
import { channelMention, cutMrkdwn, duration, list, mention, moment, mrkdwn, sentLength, typed } from '../text.ts';
import { type CardSubject, type Message, revokeRow, whence } from './card.ts';
import { usesInShort, usesSentence } from './uses.ts';
import { kindWords, roleWords, scopeWords, stateWords } from './words.ts';

const section = (text: string): KnownBlock => ({ type: 'section', text: mrkdwn(cutMrkdwn(text, limits.sectionText)) });
const message = (text: string): Message => ({ text: cutMrkdwn(text, limits.messageText), blocks: [section(text)] });

const kindAccess = { break_glass: 'Break-glass access', support_access: 'Support access' } as const;

/** A notice that isn't a card: one or two sentences that stand alone. */
export function factMessage(notice: Extract<Notice, { kind: 'fact' }>, subject: CardSubject): Message {
  const { grant } = subject;
  const what = whatOf(subject);
  const whose = whoseOf(subject);
  const at = moment(new Date(notice.at));
  const due = notice.dueAt ? moment(new Date(notice.dueAt)) : at;
  const { status } = grant;
  const outside = 'closed' in status ? whence(status.closed) : '';
  const by = notice.by ? ` by ${mention(notice.by)}${outside}` : '';
  const reason = notice.reason ? ` Reason: ${typed(notice.reason, 1500)}` : '';
  const uses = usesSentence(subject);
  const used = uses ? ` ${uses}` : '';
  switch (notice.fact) {
    case 'activated':
      return message(`Your access is active: ${what}. ${activeUntil(grant)}`);
    case 'denied':
      return message(`Your request was denied${by}${outside && ` ${at}`}: ${what}.${reason}`);
    case 'withdrawn':
      return message(`Your request was withdrawn${by}: ${what}.${reason}`);
    case 'lapsed':
      return message(
        `Your request lapsed ${due} because nobody decided in time: ${what}. Ask again if you still need it.`,
      );
    case 'ended':
      return message(`Access is over. ${whose}. Ended${by} ${at}.${used}`);
    case 'revoked':
      return message(`Access is revoked. ${whose}. Revoked${by} ${at}.${used}${reason}`);
    case 'expired':
      return message(`Access is over. ${whose}. It ran out ${due}.${lateBy(notice)}${used}`);
  }
}

const whatOf = ({ grant, tenant }: CardSubject): string => `${scopeWords[grant.scope].name} on ${typed(tenant.name)}`;
const whoseOf = (subject: CardSubject): string =>
  `${kindAccess[subject.grant.kind]} of ${mention(subject.accounts.get(subject.grant.requester))}: ${whatOf(subject)}`;

/** More was done under a grant than is usual for its scope: whoever finds that odd can stop it here. */
export function unusualUseMessage(
  { uses: atFirst, usual }: Extract<Notice, { kind: 'unusual_use' }>,
  subject: CardSubject,
): Message {
  const { grant, now, uses } = subject;
  const count = uses ? uses.allowed + uses.refused : atFirst;
  const state = stateAt(grant, now);
  const stands = state === 'active' ? activeUntil(grant) : `By now it is over: ${stateWords[state].toLowerCase()}.`;
  const told = message(
    [
      `*Used more than usual.* ${whoseOf(subject)}. ${stands}`,
      `Uses so far, refused tries included: ${count}. Usual: ${usual} at most.`,
      usesSentence(subject) ?? '',
    ]
      .join('\n')
      .trimEnd(),
  );
  return state === 'active' ? { ...told, blocks: [...told.blocks, revokeRow(grant)] } : told;
}

export interface Fact {
  notice: Extract<Notice, { kind: 'fact' }>;
  subject: CardSubject;
}

/** Many facts at once in one message: a line each, short enough that Slack takes all of them. */
export function foldedMessage(facts: readonly Fact[]): Message {
  const title = `${facts.length} accesses and requests are over or changed:`;
  const room = Math.floor((limits.messageBlocks - 1_000) / Math.max(facts.length, 1));
  const lines = facts.map((each) => factLine(each, room));
  const blocks: KnownBlock[] = [section(`*${title}*`)];
  for (let at = 0; at < lines.length; ) {
    let text = '';
    do {
      text += `${text ? '\n' : ''}${lines[at]}`;
      at += 1;
    } while (at < lines.length && text.length + (lines[at]?.length ?? 0) < limits.sectionText - 1);
    blocks.push(section(text));
  }
  return { text: title, blocks };
}

function factLine({ notice, subject: { grant, tenant, accounts, uses } }: Fact, room: number): string {
  const at = moment(new Date(notice.dueAt ?? notice.at));
  const by = notice.by ? ` by ${mention(notice.by)}` : '';
  const known = `• ${scopeWords[grant.scope].name} of ${mention(accounts.get(grant.requester))} on ${typed(tenant.name, 40)}: ${factWords[notice.fact]}${by} ${at}${isEnd[notice.fact] ? `, ${usesInShort(uses)}` : ''}`;
  const left = Math.min(120, room - sentLength(known) - 3);
  if (!notice.reason || left <= 10) return known;
  const reason = typed(notice.reason, left);
  return `${known}: ${sentLength(reason) <= left ? reason : typed(notice.reason, Math.floor(left / 2))}`;
}

const factWords: Readonly<Record<Extract<Notice, { kind: 'fact' }>['fact'], string>> = {
  activated: 'active since',
  denied: 'denied',
  withdrawn: 'withdrawn',
  lapsed: 'lapsed',
  ended: 'ended',
  revoked: 'revoked',
  expired: 'ran out',
};

/** Facts after which nothing more can be done: what was done is told with them. */
const isEnd: Readonly<Record<Fact['notice']['fact'], boolean>> = {
  activated: false,
  denied: false,
  withdrawn: false,
  lapsed: false,
  ended: true,
  revoked: true,
  expired: true,
};

const activeUntil = (grant: CardSubject['grant']): string =>
  'expiresAt' in grant.status ? `It ends ${moment(grant.status.expiresAt)}.` : '';

/** After a standstill the notice comes late although the access ended on time: say both. */
function lateBy({ at, dueAt }: { at: string; dueAt: string | null }): string {
  const seconds = dueAt ? (Date.parse(at) - Date.parse(dueAt)) / 1000 : 0;
  return seconds < 60 ? '' : ' It has not counted since then; only this notice is late.';
}

export function digestMessage(summary: DigestSummary): Message {
  const from = moment(new Date(summary.from));
  const to = moment(new Date(summary.to));
  const whose = summary.tenant === null ? 'all tenants' : typed(summary.tenant);
  if (isQuiet(summary)) {
    const quiet = `Access summary, ${whose}, ${from} to ${to}: nothing was asked for and nothing is active.`;
    return message([quiet, ...sealLines(summary.watch?.seal)].join('\n'));
  }
  const kinds = Object.entries(summary.byKind).map(
    ([kind, count]) => `${count} ${kindWords[kind as keyof typeof kindWords].toLowerCase()}`,
  );
  const approvers = summary.approvers.slice(0, 20).map(({ account, legs }) => `${mention(account)} ${legs}`);
  const lines = [
    `*Access summary, ${whose}*, ${from} to ${to}`,
    `• Requested: ${summary.requested}${kinds.length > 0 ? ` (${list(kinds)})` : ''}`,
    `• Approved by: ${approvers.length > 0 ? list(approvers) : 'nobody'}`,
    `• Denied: ${summary.denied}, withdrawn: ${summary.withdrawn}, lapsed: ${summary.lapsed}`,
    `• Active now: ${summary.activeNow}`,
    `• Ended: ${summary.ended + summary.revoked + summary.expired} (given back ${summary.ended}, revoked ${summary.revoked}, ran out ${summary.expired})`,
    `• Longest: ${summary.longest ? `${duration(summary.longest.minutes)}, ${scopeWords[summary.longest.scope].name}${summary.tenant === null ? ` on ${typed(summary.longest.tenant)}` : ''}` : 'none ended'}`,
    `• Owner approvals waived: ${summary.waivers}`,
    ...watchLines(summary.watch),
  ];
  return message(lines.join('\n'));
}

function watchLines(watch: DigestSummary['watch']): string[] {
  if (!watch) return [];
  const { reviews, unused, refused, seal } = watch;
  return [
    `• Reviews due: ${reviews.due}${reviews.overdue > 0 ? `, overdue: *${reviews.overdue}*` : ', none overdue'}`,
    `• Over without having been used: ${unused}`,
    `• Refused tries under an access: ${refused}`,
    ...sealLines(seal),
  ];
}

function sealLines(seal: SealStatus | null | undefined): string[] {
  if (!seal) return [];
  const { sealed, waitingSince } = seal;
  if (!sealed) return ['• Audit trail: not sealed'];
  const waits = waitingSince
    ? `*what came since ${moment(new Date(waitingSince))} waits*`
    : 'nothing waits longer than a minute';
  return [`• Audit trail: sealed up to entry ${sealed.entries}, ${moment(new Date(sealed.at))}; ${waits}`];
}

/** What people miss by it, where that is more than news. */
const undelivered: Readonly<Record<string, { what: string; so: string }>> = {
  card: { what: 'A request card', so: ' The people there can not see the request.' },
  review_card: { what: 'The card of a review', so: ` Until it is there, see ${commands.break_glass} reviews.` },
};

export function undeliverableMessage({
  notice,
  destination,
  error,
}: Extract<Notice, { kind: 'undeliverable' }>): Message {
  const where = /^[UW]/.test(destination) ? `to ${mention(destination)}` : `in ${channelMention(destination)}`;
  const { what, so } = undelivered[notice] ?? { what: 'A notice', so: '' };
  return message(`${what} could not be posted ${where}: ${typed(error)}.${so} Invite the bot or correct the channel.`);
}

export function tenantChangedMessage({ tenant, changes }: Extract<Notice, { kind: 'tenant_changed' }>): Message {
  return message(`The configuration of ${typed(tenant)} changed: ${changes.map(changeWords).join('; ')}.`);
}

function changeWords(change: TenantChange): string {
  switch (change.what) {
    case 'created': {
      const owners = change.owners.length > 0 ? named(change.owners, mention) : 'nobody';
      return `it was made, with the channel ${channelWord(change.channel)} and owned by ${owners}`;
    }
    case 'owners':
      return `its owners changed${addedRemoved(change, mention)}`;
    case 'guests':
      return `which guests may act as its owners changed${addedRemoved(change, mention)}`;
    case 'channel':
      return `its channel went from ${channelWord(change.before)} to ${channelWord(change.after)}`;
    case 'shared':
      return change.after ? 'its channel may be shared with another company' : 'its channel may not be shared any more';
    case 'archived':
      return `it was archived (${typed(change.reason)}), and nobody has access to it`;
    case 'restored':
      return 'it was restored from the archive';
  }
}

const channelWord = (channel: string | null) => (channel === null ? 'none' : channelMention(channel));

function addedRemoved(
  { added, removed }: { added: readonly string[]; removed: readonly string[] },
  name: (each: string) => string,
): string {
  return [
    added.length > 0 ? `, added ${named(added, name)}` : '',
    removed.length > 0 ? `, removed ${named(removed, name)}` : '',
  ].join('');
}

const namesShown = 20;

/** The names, up to a number that can be read; the others are counted, so that what was removed is always said. */
function named(all: readonly string[], name: (each: string) => string): string {
  const more = all.length - namesShown;
  return list([...all.slice(0, namesShown).map(name), ...(more > 0 ? [`${more} more`] : [])]);
}

export function roleChangedMessage({ role, ...change }: Extract<Notice, { kind: 'role_changed' }>): Message {
  const holder = (name: string) => {
    if (name.startsWith('idp:')) return `provider group ${typed(name.slice(4))}`;
    return name.startsWith('S') ? `user group ${typed(name)}` : mention(name);
  };
  return message(`Who holds the role ${roleWords[role]} changed${addedRemoved(change, holder)}.`);
}
